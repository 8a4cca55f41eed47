import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { test } from "node:test";
import { deflateSync } from "node:zlib";
import fc from "fast-check";
import { COMPRESSION_THRESHOLD, encodeFrame, FrameReader } from "../../lib/rpyc/channel.ts";
import { decodeBrine } from "../../lib/rpyc/brine.ts";

const LIMIT = 1 << 20;

function framesOf(chunks: readonly Uint8Array[], limit = LIMIT): string[] {
  const reader = new FrameReader(limit);
  const frames: string[] = [];
  for (const chunk of chunks) {
    reader.push(chunk);
    for (let frame = reader.next(); frame !== undefined; frame = reader.next()) {
      frames.push(Buffer.from(frame).toString("hex"));
    }
  }
  return frames;
}

// Captured from rpyc 6.0.2.
const PING = "0000000c00 01 1155 1151 1151 10 080b6869 0a".replaceAll(" ", "");

test("FrameReader reads a captured frame", () => {
  const [frame] = framesOf([Buffer.from(PING, "hex")]);
  assert.deepEqual(decodeBrine(Buffer.from(frame!, "hex").subarray(1)), [5n, [1n, [1n, ["hi"]]]]);
});

test("encodeFrame() writes the captured bytes", () => {
  const data = Buffer.from(PING, "hex").subarray(5, -1);
  assert.equal(Buffer.from(encodeFrame(data)).toString("hex"), PING);
});

test("FrameReader inflates compressed frames", () => {
  const plain = Buffer.alloc(5000, "q");
  const body = deflateSync(plain, { level: 1 });
  const head = Buffer.alloc(5);
  head.writeUInt32BE(body.length);
  head[4] = 1;
  const frame = Buffer.concat([head, body, Buffer.from("\n")]);
  assert.deepEqual(framesOf([frame]), [plain.toString("hex")]);
});

test("encodeFrame() compresses from 3001 bytes on, unless disabled", () => {
  assert.equal(encodeFrame(Buffer.alloc(COMPRESSION_THRESHOLD))[4], 0);
  assert.equal(encodeFrame(Buffer.alloc(COMPRESSION_THRESHOLD + 1))[4], 1);
  assert.equal(encodeFrame(Buffer.alloc(9000), { compress: false })[4], 0);
});

test("FrameReader puts frames together from pieces of any size", () => {
  const pieces = fc.tuple(
    fc.array(fc.uint8Array({ maxLength: 5000 }), { maxLength: 8 }),
    fc.array(fc.integer({ min: 1, max: 700 }), { minLength: 1 }),
  );
  fc.assert(
    fc.property(pieces, ([messages, sizes]) => {
      const stream = Buffer.concat(messages.map((message) => encodeFrame(message)));
      const chunks: Uint8Array[] = [];
      for (let at = 0, turn = 0; at < stream.length; turn++) {
        const size = sizes[turn % sizes.length]!;
        chunks.push(stream.subarray(at, at + size));
        at += size;
      }
      assert.deepEqual(
        framesOf(chunks),
        messages.map((message) => Buffer.from(message).toString("hex")),
      );
    }),
    { seed: 20, numRuns: 100 },
  );
});

test("FrameReader refuses a frame that announces more than the bound before it has come", () => {
  const reader = new FrameReader(1000);
  reader.push(Buffer.from("000003e900", "hex"));
  assert.throws(() => reader.next(), { name: "MalformedFrameError" });
});

test("FrameReader refuses a compression bomb without inflating it", () => {
  const bomb = deflateSync(Buffer.alloc(50 << 20), { level: 9 });
  const head = Buffer.alloc(5);
  head.writeUInt32BE(bomb.length);
  head[4] = 1;
  const reader = new FrameReader(LIMIT);
  reader.push(Buffer.concat([head, bomb, Buffer.from("\n")]));
  assert.throws(() => reader.next(), { name: "MalformedFrameError" });
});

test("FrameReader refuses data that cannot be inflated", () => {
  const reader = new FrameReader(LIMIT);
  reader.push(Buffer.from("0000000301aabbcc0a", "hex"));
  assert.throws(() => reader.next(), { name: "MalformedFrameError" });
});

test("FrameReader needs linear time for a large frame in small pieces", () => {
  const frame = encodeFrame(new Uint8Array(900_000), { compress: false });
  const reader = new FrameReader(LIMIT);
  let found = 0;
  for (let at = 0; at < frame.length; at += 10) {
    reader.push(frame.subarray(at, at + 10));
    if (reader.next() !== undefined) found++;
  }
  assert.equal(found, 1);
});

test("FrameReader inflates a captured compressed PING of 3100 characters", () => {
  const hex =
    "0000003601780163148c100c140c14e0e06760e091291c05a321301a02a321301a02a321301a02a321301a02a321301a02a321000c0100aef95a250a";
  const [frame] = framesOf([Buffer.from(hex, "hex")]);
  assert.deepEqual(decodeBrine(Buffer.from(frame!, "hex").subarray(1)), [
    8n,
    [1n, [1n, ["q".repeat(3100)]]],
  ]);
});
