import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { describe, it } from "node:test";
import { gzipSync } from "node:zlib";
import { firstWords, type HttpAnswer } from "../../lib/http/mod.ts";
import { readAnswer } from "../../lib/proxy/read_answer.ts";

type Answer = Partial<Omit<HttpAnswer, "body">> & { readonly body?: string | Uint8Array };

function read({ body = "", ...answer }: Answer, id: unknown = 1) {
  return readAnswer({
    status: 200,
    statusText: "",
    headers: {},
    ...answer,
    body: typeof body === "string" ? Buffer.from(body) : body,
  }, { id, firstWords: (answer) => firstWords(answer, ["sekret"]) });
}

const html = { "content-type": "text/html; charset=utf-8" };
const PAGE = "<!doctype html><title>Bad gateway</title><p>sekret nginx</p>";

/** An answer, what is reported, and what the caller reads besides. */
const BROKEN: readonly (readonly [name: string, Answer, problem: string, more?: RegExp])[] = [
  [
    "an empty body",
    { status: 502, statusText: "Bad Gateway" },
    "502 Bad Gateway with an empty body",
  ],
  ["no content", { status: 204, statusText: "No Content" }, "204 No Content with an empty body"],
  [
    "a page",
    { status: 502, headers: html, body: PAGE },
    "502 with an HTML page",
    /Bad gateway \*\*\* nginx$/,
  ],
  ["a page without a type", { body: PAGE }, "200 with an HTML page"],
  [
    "XML",
    { headers: { "content-type": "text/xml" }, body: "<a>x</a>" },
    "200 with text/xml instead of JSON",
    /body: <a>x<\/a>$/,
  ],
  [
    "events",
    { headers: { "content-type": "text/event-stream" }, body: "data: {}" },
    "200 with text/event-stream instead of JSON",
  ],
  [
    "text",
    { status: 500, statusText: "Internal Server Error", body: "Internal Server Error" },
    "500 Internal Server Error with text that is not JSON",
    /body: Internal Server Error$/,
  ],
  ["JSON cut short", { body: '{"id":1,"resu' }, "200 with invalid JSON", /body: \{"id":1,"resu$/],
  ["NaN", { body: '{"id":1,"result":NaN,"error":null}' }, "200 with NaN, which is not valid JSON"],
  [
    "a byte order mark",
    { body: '\ufeff{"id":1,"result":1}' },
    "200 with a byte order mark before its JSON",
  ],
  ["other bytes", { body: new Uint8Array([0x7b, 0xff]) }, "200 with invalid UTF-8"],
  ["another charset", {
    headers: { "content-type": "application/json; charset=latin1" },
    body: new Uint8Array([0xe9]),
  }, "200 with invalid UTF-8 (its charset is latin1)"],
  ["gzip", { body: gzipSync("{}") }, "200 with gzip data without a Content-Encoding header"],
  [
    "UTF-16 with a mark",
    { body: Buffer.from("\ufeff{}", "utf16le") },
    "200 with UTF-16 instead of UTF-8",
  ],
  ["UTF-16", { body: Buffer.from("{}", "utf16le") }, "200 with UTF-16 instead of UTF-8"],
  ["a list", { body: "[]" }, "200 with JSON that is not an object", /body: \[\]$/],
  [
    "another framework's error",
    { status: 404, statusText: "Not Found", body: '{"detail":"Not Found"}' },
    "404 Not Found with JSON without result or error",
    /"detail"/,
  ],
  [
    "a text as error",
    { body: '{"id":1,"result":null,"error":"no"}' },
    "200 with an error without an integer code and a message",
  ],
  [
    "both",
    { body: '{"id":1,"result":1,"error":{"code":1,"message":"no"}}' },
    "200 with a result and an error",
  ],
  ["a result with a status of errors", {
    status: 500,
    body: '{"id":1,"result":"hello","error":null}',
  }, "500 with a result, which pyRPC sends with status 200 only"],
  [
    "a redirect",
    { status: 302, statusText: "Found", headers: { location: "https://x/login" } },
    "302 Found with a redirect to https://x/login: give the URL that it redirects to",
  ],
  ...[
    ["https://ada:word@x/rpc/?key=1", "https://x/rpc/?…"],
    ["//ada:word@x/rpc/?key=1", "//x/rpc/?…"],
    ["/rpc/?key=1", "/rpc/?…"],
  ].map(([location = "", shown = ""]): typeof BROKEN[number] => [
    `a redirect to ${location}`,
    { status: 307, headers: { location } },
    `307 with a redirect to ${shown}: give the URL that it redirects to`,
  ]),
  [
    "a body with a URL",
    { status: 503, body: "ask https://ada:word@x/rpc?key=1" },
    "503 with text that is not JSON",
    /; body: ask https:\/\/x\/rpc\?…$/,
  ],
  ["a redirect to nowhere", { status: 304 }, "304 with a redirect without a URL"],
];

describe("readAnswer()", () => {
  for (const [name, answer, problem, more] of BROKEN) {
    it(`names what was sent: ${name}`, () => {
      const { outcome, broken } = read(answer);
      assert.equal(broken, `the upstream server answered ${problem}`);
      assert.ok(!outcome.ok);
      assert.equal(outcome.fault.message.startsWith(`Proxy: ${broken}`), true);
      if (more !== undefined) assert.match(outcome.fault.message, more);
      assert.doesNotMatch(outcome.fault.message, /sekret/);
    });
  }

  const IDS: readonly (readonly [sent: string, wanted: unknown, wrong?: string])[] = [
    ['"id":1', 1],
    ['"id":1.0', 1],
    ['"id":"a"', "a"],
    ['"id":null', null],
    ['"x":0', null],
    ['"id":12345678901234567890', 12345678901234567890n],
    ['"id":999', 1, "its id is 999 instead of 1"],
    ['"id":"1"', 1, 'its id is "1" instead of 1'],
    ['"id":null', 1, "its id is null instead of 1"],
    ['"x":0', 1, "its id is none instead of 1"],
  ];
  for (const [sent, wanted, wrong] of IDS) {
    it(`${wrong === undefined ? "accepts" : "reports"} ${sent} for the id ${wanted}`, () => {
      const answer = read({ body: `{${sent},"result":2.0,"error":null}` }, wanted);
      assert.equal(answer.wrongId, wrong);
      assert.equal(answer.broken, undefined);
      assert.ok(answer.outcome.ok && answer.outcome.text === "2.0");
    });
  }

  it("reports the wrong id of an error too, but not null, which servers send for unreadable calls", () => {
    const error = '"error":{"code":-32700,"message":"no"}';
    assert.equal(read({ body: `{"id":2,${error}}` }).wrongId, "its id is 2 instead of 1");
    assert.equal(read({ body: `{"id":null,${error}}` }).wrongId, undefined);
  });

  for (const status of [401, 403, 429]) {
    it(`passes a ${status} on with its headers and its body, and is not a violation`, () => {
      const headers = {
        "content-type": "application/problem+json",
        "www-authenticate": 'Bearer realm="shop", error="invalid_token"',
        "retry-after": "7",
        "content-length": "99",
        "transfer-encoding": "chunked",
        "content-encoding": "gzip",
        "access-control-allow-origin": "*",
      };
      const { outcome, broken, refusal } = read({ status, headers, body: '{"detail":"expired"}' });
      assert.equal(broken, undefined);
      assert.equal(refusal?.status, status);
      assert.equal(Buffer.from(refusal?.body ?? []).toString(), '{"detail":"expired"}');
      assert.deepEqual(refusal?.headers, {
        "content-type": headers["content-type"],
        "www-authenticate": headers["www-authenticate"],
        "retry-after": "7",
        "access-control-expose-headers": "content-type, www-authenticate, retry-after",
      });
      assert.ok(!outcome.ok);
      assert.match(outcome.fault.message, /WWW-Authenticate: Bearer realm="shop".*"expired"/);
    });
  }
});
