import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { describe, it } from "node:test";
import { AnswerReader, bodyText } from "../../lib/mock/upstream/answer_reader.ts";

const OK = "HTTP/1.1 200 OK\r\n";

/** What comes of bytes in pieces of a size, and of the end of the connection. */
function read(text: string, size: number, maxBytes = 1000): string {
  const reader = new AnswerReader(maxBytes);
  const bytes = Buffer.from(text, "latin1");
  try {
    for (let at = 0; at < bytes.length; at += size) {
      const answer = reader.read(bytes.subarray(at, at + size));
      if (answer === undefined) continue;
      const rest = at + size < bytes.length ? " and more" : "";
      return `${answer.status} ${bodyText(answer)}${answer.isReusable ? "" : " closed"}${rest}`;
    }
    const answer = reader.end();
    return answer === undefined ? "nothing" : `${answer.status} ${bodyText(answer)} closed`;
  } catch (error) {
    return (error as Error).message;
  }
}

const ROWS: readonly (readonly [what: string, given: string, want: string])[] = [
  ["a length", `${OK}Content-Length: 2\r\n\r\nhi`, "200 hi"],
  ["no body", "HTTP/1.1 204 No Content\r\n\r\n", "204 "],
  ["an empty body", `${OK}content-length:0\r\n\r\n`, "200 "],
  ["UTF-8", `${OK}content-length: 3\r\n\r\n\xe2\x82\xac`, "200 €"],
  ["a replacement character", `${OK}content-length: 3\r\n\r\n\xef\xbf\xbd`, "200 \ufffd"],
  ["no UTF-8", `${OK}content-length: 2\r\n\r\n\xe2\x82`, "The answer is no UTF-8"],
  [
    "chunks with an extension and trailers",
    `${OK}Transfer-Encoding: chunked\r\n\r\n2;x=1\r\nhe\r\n3\r\nllo\r\n0\r\nX-Sum: 1\r\nY: 2\r\n\r\n`,
    "200 hello",
  ],
  ["the end of the connection", `${OK}\r\nall of it`, "200 all of it closed"],
  ["HTTP/1.0", "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nhi", "200 hi closed"],
  [
    "HTTP/1.0 that stays",
    "HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\nContent-Length: 2\r\n\r\nhi",
    "200 hi",
  ],
  [
    "Connection: close",
    `${OK}Connection: foo, close\r\nContent-Length: 1\r\n\r\nx`,
    "200 x closed",
  ],
  [
    "interim answers",
    `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n${OK}Content-Length: 1\r\n\r\nx`,
    "200 x",
  ],
  [
    "interim answers without end",
    "HTTP/1.1 100 \r\n\r\n".repeat(20),
    "The answer begins with status 100",
  ],
  ["an upgrade", "HTTP/1.1 101 Go\r\n\r\n", "The answer begins with status 101"],
  ["the same length twice", `${OK}Content-Length: 1\r\nContent-Length: 1\r\n\r\nx`, "200 x"],
  [
    "two lengths",
    `${OK}Content-Length: 1\r\nContent-Length: 2\r\n\r\nxx`,
    "The answer has no clear Content-Length",
  ],
  ["a wrong length", `${OK}Content-Length: -1\r\n\r\n`, "The answer has no clear Content-Length"],
  [
    "a length beside chunks",
    `${OK}Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    "The answer does not say clearly where it ends",
  ],
  [
    "another transfer encoding",
    `${OK}Transfer-Encoding: gzip, chunked\r\n\r\n`,
    "The answer does not say clearly where it ends",
  ],
  [
    "an encoding",
    `${OK}Content-Encoding: gzip\r\nContent-Length: 1\r\n\r\nx`,
    'The answer is encoded as "gzip", which was not asked for',
  ],
  ["folded lines", `${OK}X: 1\r\n folded\r\n\r\n`, "A header of the answer cannot be read"],
  [
    "a space in a name",
    `${OK}Content-Length : 1\r\n\r\nx`,
    "A header of the answer cannot be read",
  ],
  ["no HTTP", "SSH-2.0-OpenSSH\r\n\r\n", "What listens there does not speak HTTP/1.1"],
  ["HTTP/2", "HTTP/2 200\r\n\r\n", "What listens there does not speak HTTP/1.1"],
  ["a head without end", `${OK}X: ${"x".repeat(17_000)}`, "The head of the answer has no end"],
  [
    "a body that is too long",
    `${OK}\r\n${"x".repeat(1001)}`,
    "The answer is larger than 1000 bytes",
  ],
  ["a long length", `${OK}Content-Length: 1001\r\n\r\nx`, "The answer is larger than 1000 bytes"],
  [
    "a long chunk",
    `${OK}Transfer-Encoding: chunked\r\n\r\nfffff\r\nx`,
    "The answer is larger than 1000 bytes",
  ],
  [
    "a chunk without size",
    `${OK}Transfer-Encoding: chunked\r\n\r\n-1\r\nx`,
    "A chunk of the answer has no size",
  ],
  [
    "a chunk that goes on",
    `${OK}Transfer-Encoding: chunked\r\n\r\n1\r\nxyz\r\n`,
    "A chunk of the answer is longer than it says",
  ],
  ["an answer cut off", `${OK}Content-Length: 5\r\n\r\nhi`, "nothing"],
];

describe("AnswerReader", () => {
  for (const [what, given, want] of ROWS) {
    it(`reads ${what}, in one piece and byte by byte`, () => {
      assert.equal(read(given, given.length), want);
      // What is longer than its bound is found as it comes.
      assert.equal(read(given, 1), want);
      assert.equal(read(given, 7), want);
    });
  }

  it("takes bytes behind the answer for an error", () => {
    const answer = `${OK}Content-Length: 2\r\n\r\nhi`;
    assert.equal(read(`${answer}!`, 1000), "The answer is longer than it says");
    assert.equal(read(answer + answer, 1000), "The answer is longer than it says");
  });

  it("reads one answer after the other, and how long the server keeps the connection", () => {
    const reader = new AnswerReader(1000);
    for (const body of ["a", "bc", "bc", "d"]) {
      const head = `${OK}Keep-Alive: timeout=5, max=100\r\nContent-Length: ${body.length}\r\n\r\n`;
      assert.equal(reader.hasBegun, false);
      const answer = reader.read(Buffer.from(head + body));
      assert.equal(answer && bodyText(answer), body);
      assert.equal(answer?.keepAliveMs, 5000);
    }
  });

  it("makes the same of 20,000 damaged answers however they are cut, and never fails but in words", () => {
    const whole = ROWS.map(([, given]) => given).filter((given) => given.length < 500);
    // The numbers are the same each time: a failure can be looked at again.
    let state = 20_261_125;
    const below = (count: number) => {
      state ^= state << 13;
      state ^= state >>> 17;
      state ^= state << 5;
      return (state >>> 0) % count;
    };
    // Bytes behind an answer are found in the same piece only.
    const outcome = (text: string) => /and more$|longer than it says$/.test(text) ? "more" : text;
    for (let round = 0; round < 20_000; round++) {
      const bytes = Buffer.from(whole[below(whole.length)]!, "latin1");
      for (let changes = below(4); changes > 0; changes--) {
        const byte = below(2) === 0 ? below(256) : "\r\n: 01f;".charCodeAt(below(8));
        bytes[below(bytes.length)] = byte;
      }
      const text = bytes.toString("latin1");
      const want = outcome(read(text, text.length));
      assert.doesNotMatch(want, /undefined|not a function|out of range/, JSON.stringify(text));
      assert.equal(outcome(read(text, 1)), want, JSON.stringify(text));
      assert.equal(outcome(read(text, 2 + below(20))), want, JSON.stringify(text));
    }
  });
});
