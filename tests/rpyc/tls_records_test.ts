import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { once } from "node:events";
import { Duplex, PassThrough } from "node:stream";
import { finished } from "node:stream/promises";
import { test } from "node:test";
import fc from "fast-check";
import { encodeFrame } from "../../lib/rpyc/channel.ts";
import { messagePerRecord } from "../../lib/rpyc/tls_records.ts";

/** A connection that takes its time for each write, and records what was written at once. */
function slowConnection(): { readonly connection: Duplex; readonly writes: Buffer[] } {
  const writes: Buffer[] = [];
  const connection = new Duplex({
    read() {},
    write(chunk: Buffer, _encoding, done) {
      writes.push(chunk);
      setImmediate(done);
    },
    // As sockets of Node do with what waits.
    writev(chunks, done) {
      writes.push(Buffer.concat(chunks.map(({ chunk }) => chunk)));
      setImmediate(done);
    },
  });
  return { connection, writes };
}

const MESSAGES = fc.array(fc.uint8Array({ maxLength: 40 }), { minLength: 1, maxLength: 12 });
const SIZES = fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1 });

test("messagePerRecord() writes no two messages together, whatever pieces it gets", async () => {
  await fc.assert(
    fc.asyncProperty(MESSAGES, SIZES, async (messages, sizes) => {
      const frames = messages.map((data) => Buffer.from(encodeFrame(data)));
      const { connection, writes } = slowConnection();
      const stream = messagePerRecord(connection);
      let bytes = Buffer.concat(frames);
      for (let index = 0; bytes.length > 0; index++) {
        const size = sizes[index % sizes.length]!;
        stream.write(bytes.subarray(0, size));
        bytes = bytes.subarray(size);
      }
      stream.end();
      await once(connection, "finish");
      // Each message begins with a write of its own.
      let rest = writes;
      for (const frame of frames) {
        let read = Buffer.alloc(0);
        while (read.length < frame.length) {
          read = Buffer.concat([read, rest[0]!]);
          rest = rest.slice(1);
        }
        assert.deepEqual(read, frame);
      }
      assert.deepEqual(rest, []);
    }),
    { numRuns: 300 },
  );
});

test("messagePerRecord() reads what the connection receives, to its end", async () => {
  const connection = new PassThrough();
  const stream = messagePerRecord(connection);
  const chunks: Buffer[] = [];
  connection.end(Buffer.alloc(100_000, "x"));
  await once(connection, "finish");
  stream.on("data", (chunk: Buffer) => chunks.push(chunk));
  await once(stream, "end");
  assert.equal(Buffer.concat(chunks).length, 100_000);
});

test("messagePerRecord() ends with its connection, and its connection with it", async () => {
  for (const error of [undefined, new Error("reset")]) {
    const { connection } = slowConnection();
    const stream = messagePerRecord(connection);
    connection.on("error", () => {});
    connection.destroy(error);
    await finished(stream).catch(() => {});
    assert.equal(stream.destroyed, true);
  }
  const { connection } = slowConnection();
  messagePerRecord(connection).destroy();
  assert.equal(connection.destroyed, true);
});
