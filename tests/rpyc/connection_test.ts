import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { Duplex } from "node:stream";
import { test } from "node:test";
import { inspect } from "node:util";
import fc from "fast-check";
import { type BrineValue, decodeBrine, encodeBrine } from "../../lib/rpyc/brine.ts";
import { encodeFrame, FrameReader } from "../../lib/rpyc/channel.ts";
import {
  functionService,
  instanceService,
  type RpycOptions,
  serveRpyc,
} from "../../lib/rpyc/mod.ts";
import { collectHandlers } from "../../lib/rpc/mod.ts";
import { waitUntil } from "../support/wait_until.ts";
import { arbitraryBrine } from "./arbitrary_brine.ts";

type Pack = readonly [string, bigint, bigint];

/** Two streams, each reading what the other writes. */
function pair(): [Duplex, Duplex] {
  const make = (other: () => Duplex): Duplex =>
    new Duplex({
      read() {},
      write(chunk: Uint8Array, _encoding, done) {
        other().push(chunk);
        done();
      },
      final(done) {
        other().push(null);
        done();
      },
    });
  const left: Duplex = make(() => right);
  const right: Duplex = make(() => left);
  return [left, right];
}

/** A client that speaks in brine values. */
class Peer {
  readonly stream: Duplex;
  readonly closed: Promise<void>;
  readonly received: [type: number, seq: bigint, body: BrineValue][] = [];
  readonly hex: string[] = [];
  isEnded = false;

  constructor(service: Parameters<typeof serveRpyc>[1], options?: RpycOptions) {
    const [ours, theirs] = pair();
    this.stream = ours;
    this.closed = serveRpyc(theirs, service, options);
    const reader = new FrameReader(1 << 26);
    ours.on("data", (chunk: Uint8Array) => {
      reader.push(chunk);
      for (let frame = reader.next(); frame !== undefined; frame = reader.next()) {
        const [seq, body] = decodeBrine(frame.subarray(1)) as [bigint, BrineValue];
        this.received.push([frame[0]!, seq, body]);
        this.hex.push(Buffer.from(frame).toString("hex"));
      }
    });
    ours.on("end", () => this.isEnded = true);
    ours.on("error", () => {});
  }

  send(type: number, seq: number | bigint, body: BrineValue): void {
    this.stream.write(
      encodeFrame(Buffer.concat([Buffer.from([type]), encodeBrine([BigInt(seq), body])])),
    );
  }

  async request(
    seq: number,
    handler: number,
    args: BrineValue,
  ): Promise<[type: number, body: BrineValue]> {
    this.send(1, seq, [BigInt(handler), args]);
    return await this.answer(seq);
  }

  async answer(seq: number): Promise<[type: number, body: BrineValue]> {
    const find = () => this.received.find(([type, found]) => type !== 1 && found === BigInt(seq));
    await waitUntil(() => find() !== undefined);
    const [type, , body] = find()!;
    return [type, body];
  }

  /** The first request of the server's that names this handler. */
  async asked(handler: number): Promise<[seq: bigint, args: BrineValue]> {
    const find = () =>
      this.received.find(([type, , body]) =>
        type === 1 && (body as readonly BrineValue[])[0] === BigInt(handler)
      );
    await waitUntil(() => find() !== undefined);
    const [, seq, body] = find()!;
    return [seq, (body as readonly BrineValue[])[1]!];
  }

  async root(): Promise<Pack> {
    const [, body] = await this.request(0, 3, [1n, []]);
    return (body as readonly [bigint, Pack])[1];
  }

  /** A reference to a procedure. */
  async method(seq: number, name: string): Promise<Pack> {
    const [type, body] = await this.request(seq, 4, [2n, [[3n, await this.root()], [1n, name]]]);
    assert.equal(type, 2, JSON.stringify(String(body)));
    return (body as readonly [bigint, Pack])[1];
  }
}

const service = (exports: Record<string, unknown>) =>
  functionService(collectHandlers(exports, "test"));
const calc = service({ add: (a: number, b: number) => a + b, echo: (value: unknown) => value });

test("serveRpyc() answers the captured conversation with the captured bytes", async () => {
  const peer = new Peer(calc);
  const root = await peer.root();
  assert.equal(root[0], "pyrpc.PyrpcService");
  const add = await peer.method(2, "add");
  assert.equal(add[0], "builtins.method");
  assert.deepEqual(await peer.request(3, 7, [2n, [[3n, add], [1n, [1n, 2n]], [1n, []]]]), [2, [
    1n,
    3n,
  ]]);
  assert.equal(peer.hex.at(-1), "02115311" + "5153");
  assert.deepEqual(await peer.request(4, 15, [2n, [[3n, add], [1n, 1n]]]), [2, [1n, null]]);
  assert.equal(peer.hex.at(-1), "02115411" + "5100");
  assert.deepEqual(await peer.request(5, 1, [1n, ["hi"]]), [2, [1n, "hi"]]);
  assert.equal(peer.hex.at(-1), "02115511" + "51080b6869");
  peer.send(1, 9, [2n, [1n, []]]);
  await peer.closed;
  await waitUntil(() => peer.isEnded);
});

test("serveRpyc() forgets a reference when its count is 0 and not before", async () => {
  const peer = new Peer(calc);
  const add = await peer.method(1, "add");
  assert.deepEqual(await peer.method(2, "add"), add);
  const call = (seq: number) => peer.request(seq, 7, [2n, [[3n, add], [1n, [1n, 2n]], [1n, []]]]);
  await peer.request(3, 15, [2n, [[3n, add], [1n, 1n]]]);
  assert.deepEqual(await call(4), [2, [1n, 3n]]);
  await peer.request(5, 15, [2n, [[3n, add], [1n, 1n]]]);
  const [type, body] = await call(6);
  assert.equal(type, 3);
  assert.deepEqual((body as readonly BrineValue[])[0], ["builtins", "KeyError"]);
  // The root is never forgotten.
  const root = await peer.root();
  await peer.request(7, 15, [2n, [[3n, root], [1n, 99n]]]);
  assert.deepEqual(await peer.root(), root);
});

test("serveRpyc() answers the second call of a procedure with the bytes of the first, whatever it brings", async () => {
  const describe = service({ describe: (...args: unknown[]) => inspect(args, { depth: 9 }) });
  const options = { includeTraceback: false };
  const arbitrary = arbitraryBrine();
  const args = fc.oneof(fc.array(arbitrary, { maxLength: 4 }), arbitrary);
  await fc.assert(
    fc.asyncProperty(args, fc.oneof(fc.constant([]), arbitrary), async (args, keywords) => {
      const call = (method: Pack): BrineValue => [
        2n,
        [[3n, method], [1n, args], [1n, keywords]],
      ];
      const first = new Peer(describe, options);
      await first.request(3, 7, call(await first.method(1, "describe")));
      const second = new Peer(describe, options);
      const method = await second.method(1, "describe");
      await second.request(2, 7, [2n, [[3n, method], [1n, []], [1n, []]]]);
      await second.request(3, 7, call(method));
      assert.equal(second.hex.at(-1), first.hex.at(-1));
    }),
    { numRuns: 100 },
  );
});

test("serveRpyc() repeats the number of any request, also of a second call", async () => {
  const peer = new Peer(calc);
  const add = await peer.method(1, "add");
  for (const seq of [0n, 159n, 160n, 10n ** 15n, -7n, 2n ** 53n, 2n ** 64n, -(2n ** 70n)]) {
    const before = peer.received.length;
    peer.send(1, seq, [7n, [2n, [[3n, add], [1n, [1n, 2n]], [1n, []]]]]);
    await waitUntil(() => peer.received.length > before);
    assert.deepEqual(peer.received.at(-1), [2, seq, [1n, 3n]]);
  }
});

test("serveRpyc() ends the connection for a second call whose arguments are not brine", async () => {
  const peer = new Peer(calc);
  const add = await peer.method(1, "add");
  const call = [7n, [2n, [[3n, add], [1n, [1n, 2n]], [1n, []]]]] as const;
  await peer.request(2, 7, call[1]);
  const message = Buffer.from(encodeBrine([3n, call]));
  // The count of arguments becomes a tag that means nothing.
  message[message.length - 6] = 0xff;
  peer.stream.write(encodeFrame(Buffer.concat([Buffer.from([1]), message])));
  await peer.closed;
});

test("serveRpyc() distinguishes calls of different procedures, and keeps their names when they are requested again", async () => {
  const peer = new Peer(calc);
  const add = await peer.method(1, "add");
  const echo = await peer.method(2, "echo");
  for (let round = 0; round < 3; round++) {
    for (const [method, args, answer] of [[add, [1n, 2n], 3n], [echo, ["hi"], "hi"]] as const) {
      const seq = 10 * round + (method === add ? 3 : 4);
      assert.deepEqual(await peer.request(seq, 7, [2n, [[3n, method], [1n, args], [1n, []]]]), [
        2,
        [1n, answer],
      ]);
    }
  }
  await peer.request(50, 15, [2n, [[3n, echo], [1n, 1n]]]);
  const [type] = await peer.request(51, 7, [2n, [[3n, echo], [1n, ["hi"]], [1n, []]]]);
  assert.equal(type, 3);
  assert.deepEqual(await peer.method(52, "echo"), echo);
  assert.deepEqual(await peer.request(53, 7, [2n, [[3n, echo], [1n, ["hi"]], [1n, []]]]), [
    2,
    [1n, "hi"],
  ]);
});

test("serveRpyc() keeps answering while it asks the client back", async () => {
  const peer = new Peer(service({ call: (run: (a: number) => Promise<unknown>) => run(5) }));
  const call = await peer.method(1, "call");
  peer.send(1, 2, [7n, [2n, [[3n, call], [2n, [[4n, ["builtins.function", 77n, 78n]]]], [
    1n,
    [],
  ]]]]);
  const [seq, args] = await peer.asked(7);
  assert.deepEqual(args, [2n, [[3n, ["builtins.function", 77n, 78n]], [1n, [5n]], [1n, []]]]);
  // In the middle of the call: a ping, and another call on the same connection.
  assert.deepEqual(await peer.request(3, 1, [1n, ["in between"]]), [2, [1n, "in between"]]);
  assert.equal((await peer.request(4, 4, [2n, [[3n, await peer.root()], [1n, "call"]]]))[0], 2);
  peer.send(2, seq, [1n, "from the client"]);
  assert.deepEqual(await peer.answer(2), [2, [1n, "from the client"]]);
});

test("serveRpyc() reads a list of the client's with one request and lets go of it", async () => {
  const peer = new Peer(
    service({ total: (numbers: number[]) => numbers.reduce((sum, n) => sum + n, 0) }),
  );
  const total = await peer.method(1, "total");
  const pack: Pack = ["builtins.list", 5n, 6n];
  peer.send(1, 2, [7n, [2n, [[3n, total], [2n, [[4n, pack]]], [1n, []]]]]);
  const [seq, args] = await peer.asked(17);
  assert.deepEqual(args, [2n, [[3n, pack], [1n, 2147483648n]]]);
  peer.send(2, seq, [1n, [1n, 2n, 3n]]);
  assert.deepEqual(await peer.answer(2), [2, [1n, 6n]]);
  const [, released] = await peer.asked(15);
  assert.deepEqual(released, [2n, [[3n, pack], [1n, 1n]]]);
});

test("serveRpyc() hands an unchanged list of the client's back as the client's own, a changed one as a new list", async () => {
  const push = (list: unknown[]) => (list.push(1), list);
  const peer = new Peer(service({ echo: (value: unknown) => value, push }));
  const pack: Pack = ["builtins.list", 5n, 6n];
  for (const [name, label] of [["echo", 3n], ["push", 4n]] as const) {
    const method = await peer.method(label === 3n ? 10 : 11, name);
    const seq = label === 3n ? 20 : 21;
    peer.received.length = 0;
    peer.send(1, seq, [7n, [2n, [[3n, method], [2n, [[4n, pack]]], [1n, []]]]]);
    const [asked] = await peer.asked(17);
    peer.send(2, asked, [1n, [1n]]);
    const [type, body] = await peer.answer(seq);
    assert.equal(type, 2);
    assert.equal((body as readonly BrineValue[])[0], label);
  }
});

test("serveRpyc() sets a time limit for a client that does not answer", async () => {
  const peer = new Peer(service({ call: (run: () => Promise<unknown>) => run() }), {
    limits: { requestTimeout: 50 },
  });
  const call = await peer.method(1, "call");
  const [type, body] = await peer.request(2, 7, [
    2n,
    [[3n, call], [2n, [[4n, ["builtins.function", 1n, 2n]]]], [1n, []]],
  ]);
  assert.equal(type, 3);
  assert.deepEqual((body as readonly BrineValue[])[0], ["builtins", "TimeoutError"]);
});

test("serveRpyc() bounds references: a flood gets MemoryError and the connection goes on", async () => {
  const peer = new Peer(service({ list: () => [] }), { limits: { maxReferences: 50 } });
  const list = await peer.method(1, "list");
  let refused = 0;
  for (let seq = 10; seq < 110; seq++) {
    const [type] = await peer.request(seq, 7, [2n, [[3n, list], [1n, []], [1n, []]]]);
    if (type === 3) refused++;
  }
  assert.ok(refused > 40, `${refused}`);
  assert.equal((await peer.request(200, 1, [1n, ["alive"]]))[0], 2);
});

test("serveRpyc() runs calls of one connection in order, whatever their duration", async () => {
  const order: number[] = [];
  const peer = new Peer(service({
    async slow(ms: number) {
      order.push(ms);
      await new Promise((resolve) => setTimeout(resolve, ms));
      order.push(-ms);
    },
  }));
  const slow = await peer.method(1, "slow");
  for (const [seq, ms] of [[2, 30n], [3, 10n], [4, 1n]] as const) {
    peer.send(1, seq, [7n, [2n, [[3n, slow], [1n, [ms]], [1n, []]]]]);
  }
  await peer.answer(4);
  assert.deepEqual(order, [30, -30, 10, -10, 1, -1]);
});

test("serveRpyc() reads nothing more from a client with too many waiting requests, and answers all in the end", async () => {
  let running = 0;
  const peer = new Peer(
    service({
      async wait() {
        running++;
        await new Promise((resolve) => setTimeout(resolve, 0));
      },
    }),
    { limits: { maxPending: 5 } },
  );
  const wait = await peer.method(1, "wait");
  for (let seq = 10; seq < 210; seq++) {
    peer.send(1, seq, [7n, [2n, [[3n, wait], [1n, []], [1n, []]]]]);
  }
  await peer.answer(209);
  assert.equal(running, 200);
});

test("serveRpyc() answers unknown requests with an exception and continues", async () => {
  const peer = new Peer(calc);
  const bad: readonly BrineValue[] = [
    [99n, [1n, []]],
    [4n, [1n, [1n, "x"]]],
    [4n, [2n, [[3n, ["a", 1n, 2n]], [1n, "x"]]]],
    [7n, [9n, []]],
    [7n, 3n],
    [7n],
    ["7", [1n, []]],
    [16n, [1n, [["a", 1n, 2n]]]],
    [15n, [1n, [5n]]],
    [1n, [4n, [1n, 2n, 3n]]],
  ];
  for (const [index, body] of bad.entries()) {
    peer.send(1, 100 + index, body);
    const [type] = await peer.answer(100 + index);
    assert.equal(type, 3, `request ${index}`);
  }
  assert.equal((await peer.request(5, 1, [1n, ["alive"]]))[0], 2);
});

for (
  const [name, bytes] of [
    ["a frame beyond the bound", Buffer.from("7fffffff00", "hex")],
    ["an unknown message type", encodeFrame(Buffer.from("0911505002", "hex"))],
    ["data that is not brine", encodeFrame(Buffer.from("01ff", "hex"))],
    ["a message that is not a pair", encodeFrame(Buffer.from("0150", "hex"))],
    ["data that is not zlib", Buffer.from("0000000301aabbcc0a", "hex")],
    ["an HTTP request", Buffer.from("GET / HTTP/1.1\r\n\r\n")],
    ["a TLS hello", Buffer.from("16030100c2010000be0303", "hex")],
  ] as const
) {
  test(`serveRpyc() ends the connection for ${name}`, async () => {
    const peer = new Peer(calc);
    peer.stream.write(bytes);
    await peer.closed;
  });
}

test("serveRpyc() ends a connection that stops in the middle of a message", async () => {
  const peer = new Peer(calc, { limits: { stallTimeout: 30 } });
  peer.stream.write(Buffer.from("00000010", "hex"));
  await peer.closed;
});

test("instanceService() makes one instance a connection and calls its hooks", async () => {
  const events: string[] = [];
  let made = 0;
  class CountingService {
    readonly number = ++made;
    calls = 0;
    onConnect() {
      events.push(`connect ${this.number}`);
    }
    onDisconnect() {
      events.push(`disconnect ${this.number}`);
    }
    exposed_count() {
      return ++this.calls;
    }
    hidden() {
      return "hidden";
    }
  }
  const source = instanceService(CountingService);
  const first = new Peer(source);
  const second = new Peer(source);
  for (const peer of [first, second]) {
    const count = await peer.method(1, "count");
    assert.deepEqual(await peer.request(2, 7, [2n, [[3n, count], [1n, []], [1n, []]]]), [2, [
      1n,
      1n,
    ]]);
    const [type] = await peer.request(3, 4, [2n, [[3n, await peer.root()], [1n, "hidden"]]]);
    assert.equal(type, 3);
  }
  first.stream.end();
  await first.closed;
  assert.deepEqual(events, ["connect 1", "connect 2", "disconnect 1"]);
  second.send(1, 9, [2n, [1n, []]]);
  await second.closed;
  assert.equal(events.at(-1), "disconnect 2");
});

test("serveRpyc() refuses a service whose onConnect throws by closing, and serves the next", async () => {
  let turn = 0;
  const source = instanceService(
    class {
      onConnect() {
        if (turn++ === 0) throw new Error("not you");
      }
      ping() {
        return "pong";
      }
    },
  );
  await new Peer(source).closed;
  const next = new Peer(source);
  assert.equal((await next.request(1, 1, [1n, ["x"]]))[0], 2);
});
