import { Buffer } from "node:buffer";
import { connect, type Socket } from "node:net";
import { once } from "node:events";
import { test } from "node:test";
import fc from "fast-check";
import { encodeBrine } from "../../lib/rpyc/brine.ts";
import { encodeFrame, FrameReader } from "../../lib/rpyc/channel.ts";
import { functionService, rpycConnections } from "../../lib/rpyc/mod.ts";
import { collectHandlers } from "../../lib/rpc/mod.ts";
import { listenStream } from "../../lib/server/mod.ts";
import { waitUntil } from "../support/wait_until.ts";
import { fuzzCount } from "../support/fuzz_count.ts";
import { arbitraryBrine } from "./arbitrary_brine.ts";

const COUNT = fuzzCount(2000);

const handlers = collectHandlers({
  add: (a: number, b: number) => a + b,
  echo: (value: unknown) => value,
  list: () => [1, [2], { three: 3 }],
  call: (run: (n: number) => unknown) => run(1),
}, "test");

async function listen() {
  return await listenStream(
    { host: "127.0.0.1", port: 0 },
    rpycConnections(functionService(handlers), {
      limits: { maxMessageSize: 1 << 20, stallTimeout: 500 },
    }),
  );
}

async function open(port: number): Promise<Socket> {
  const socket = connect({ host: "127.0.0.1", port, noDelay: true });
  socket.on("error", () => {});
  await Promise.race([once(socket, "connect"), once(socket, "close")]);
  socket.resume();
  return socket;
}

/** A valid PING that has to be answered on a connection of its own. */
async function ping(port: number): Promise<void> {
  const socket = await open(port);
  const reader = new FrameReader(1 << 20);
  let answers = 0;
  socket.on("data", (chunk: Uint8Array) => {
    reader.push(chunk);
    if (reader.next() !== undefined) answers++;
  });
  socket.write(
    encodeFrame(Buffer.concat([Buffer.from([1]), encodeBrine([0n, [1n, [1n, ["hi"]]]])])),
  );
  await waitUntil(() => answers === 1);
  socket.destroy();
}

/** Requests that are nearly right: a real handler's number with arguments of any kind. */
function nearlyRequests(): fc.Arbitrary<Uint8Array> {
  const pack = fc.tuple(
    fc.constantFrom("builtins.list", "x.y", "builtins.function"),
    fc.bigInt(),
    fc.bigInt(),
  );
  const label = fc.constantFrom(1n, 2n, 3n, 4n, 9n);
  const boxed = fc.tuple(
    label,
    fc.oneof(arbitraryBrine(), pack, fc.array(fc.tuple(label, pack), { maxLength: 3 })),
  );
  const message = fc.tuple(
    fc.constantFrom(1, 1, 1, 2, 3, 0, 255),
    fc.bigInt({ min: -1n, max: 50n }),
    fc.oneof(fc.tuple(fc.bigInt({ min: 0n, max: 22n }), boxed), arbitraryBrine()),
  );
  return message.map(([type, seq, body]) =>
    encodeFrame(Buffer.concat([Buffer.from([type]), encodeBrine([seq, body as never])]))
  );
}

/** Any bytes, whole frames of them, and frames with one byte changed. */
function wrongBytes(): fc.Arbitrary<Uint8Array> {
  const changed = fc.tuple(nearlyRequests(), fc.nat(), fc.integer({ min: 0, max: 255 })).map(
    ([frame, at, byte]) => {
      const copy = new Uint8Array(frame);
      copy[at % copy.length] = byte;
      return copy;
    },
  );
  return fc.oneof(
    fc.uint8Array({ maxLength: 200 }),
    fc.uint8Array({ maxLength: 200 }).map((data) => encodeFrame(data)),
    nearlyRequests(),
    changed,
  );
}

test(`serveRpyc() survives ${COUNT} wrong messages, and others are answered all the while`, async () => {
  const server = await listen();
  const port = server.port!;
  const BATCH = 500;
  for (let done = 0; done < COUNT; done += BATCH) {
    const samples = fc.sample(wrongBytes(), {
      seed: 100 + done,
      numRuns: Math.min(BATCH, COUNT - done),
    });
    let socket = await open(port);
    for (const [index, sample] of samples.entries()) {
      if (socket.destroyed || socket.readableEnded) socket = await open(port);
      socket.write(sample);
      if (index % 100 === 0) await ping(port);
    }
    socket.destroy();
  }
  await ping(port);
  await server.close(0);
});

test("serveRpyc() is not blocked by connections that are half open", async () => {
  const server = await listen();
  const port = server.port!;
  const sockets: Socket[] = [];
  for (let index = 0; index < 60; index++) {
    const socket = await open(port);
    if (index % 2 === 0) socket.write(Buffer.from("000000ff00", "hex").subarray(0, index % 5));
    sockets.push(socket);
  }
  await ping(port);
  // Connections that stopped within a message are closed; those without any bytes may stay.
  await waitUntil(
    () => sockets.filter(({ readableEnded, destroyed }) => readableEnded || destroyed).length >= 20,
  );
  await ping(port);
  for (const socket of sockets) socket.destroy();
  await server.close(0);
});

test("serveRpyc() refuses a compression bomb and a flood of references, and others are answered", async () => {
  const { deflateSync } = await import("node:zlib");
  const server = await listen();
  const port = server.port!;
  const bomb = deflateSync(Buffer.alloc(30 << 20), { level: 9 });
  const head = Buffer.alloc(5);
  head.writeUInt32BE(bomb.length);
  head[4] = 1;
  const bombed = await open(port);
  bombed.write(Buffer.concat([head, bomb, Buffer.from("\n")]));
  await waitUntil(() => bombed.readableEnded || bombed.destroyed);
  const flood = await open(port);
  for (let seq = 0; seq < 200; seq++) {
    const references = Array.from(
      { length: 100 },
      (_, index) => [4n, ["x.y", 1n, BigInt(seq * 100 + index)]] as const,
    );
    const request = encodeBrine([BigInt(seq), [1n, [2n, references]]] as never);
    flood.write(encodeFrame(Buffer.concat([Buffer.from([1]), request])));
  }
  await ping(port);
  flood.destroy();
  await server.close(0);
});

test("serveRpyc() ends a TLS client that talks to a plain port", async () => {
  const server = await listen();
  const port = server.port!;
  const hello = await open(port);
  hello.write(Buffer.from("16030102000100fc0303", "hex"));
  await waitUntil(() => hello.readableEnded || hello.destroyed);
  await ping(port);
  await server.close(0);
});
