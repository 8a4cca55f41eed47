import assert from "node:assert/strict";
import { test } from "node:test";
import { CallSession, type SessionPeer } from "../../lib/rpyc/call_session.ts";
import { Handler } from "../../lib/rpyc/consts.ts";
import { type Request, RequestQueue } from "../../lib/rpyc/request_queue.ts";

const PEER: SessionPeer = {
  request: () => Promise.reject(new Error("unused")),
  proxyOf: () => ({}),
  methodsOf: () => Promise.resolve(new Set()),
  functionOf: () => ({}),
  releaseReference() {},
  describe: () => "",
};

function request(seq: number, handler: number = Handler.Call): Request {
  return { seq, handlerId: BigInt(handler), handler, args: [], session: new CallSession(PEER) };
}

/** A queue whose requests finish when the test resolves them. */
class Harness {
  readonly log: string[] = [];
  awaited = 0;
  readonly #finish = new Map<number, (result: unknown) => void>();
  readonly queue: RequestQueue;

  constructor(maxPending = 10) {
    this.queue = new RequestQueue({
      maxPending,
      awaited: () => this.awaited,
      handle: ({ seq }) => {
        this.log.push(`start ${seq}`);
        return new Promise((resolve) => this.#finish.set(Number(seq), resolve));
      },
      onResult: ({ seq }, result) => this.log.push(`result ${seq}: ${result}`),
      onError: ({ seq }, error) => this.log.push(`error ${seq}: ${(error as Error).message}`),
      onRoom: () => {},
    });
  }

  async finish(seq: number): Promise<void> {
    this.#finish.get(seq)?.(`r${seq}`);
    // One tick for the result, one for the next request.
    await new Promise((resolve) => setImmediate(resolve));
  }
}

test("RequestQueue runs one request after the other", async () => {
  const harness = new Harness();
  for (const seq of [1, 2, 3]) harness.queue.add(request(seq));
  assert.deepEqual(harness.log, ["start 1"]);
  assert.equal(harness.queue.size, 2);
  for (const seq of [1, 2, 3]) await harness.finish(seq);
  assert.deepEqual(harness.log, [
    "start 1",
    "result 1: r1",
    "start 2",
    "result 2: r2",
    "start 3",
    "result 3: r3",
  ]);
});

test("RequestQueue runs requests that change nothing without waiting", () => {
  const harness = new Harness();
  harness.queue.add(request(1));
  [Handler.Ping, Handler.GetRoot, Handler.Del, Handler.Inspect].forEach((handler, index) =>
    harness.queue.add(request(2 + index, handler))
  );
  assert.deepEqual(harness.log, ["start 1", "start 2", "start 3", "start 4", "start 5"]);
});

test("RequestQueue starts the next request while the running one waits for the client", () => {
  const harness = new Harness();
  for (const seq of [1, 2, 3]) harness.queue.add(request(seq));
  harness.awaited = 1;
  harness.queue.startNext();
  assert.deepEqual(harness.log, ["start 1", "start 2"]);
});

test("RequestQueue rejects a request beyond its size, and starts nothing after close()", async () => {
  const harness = new Harness(1);
  for (const seq of [1, 2, 3]) harness.queue.add(request(seq));
  assert.deepEqual(harness.log, ["start 1", "error 3: too many pending requests"]);
  harness.queue.close();
  await harness.finish(1);
  assert.deepEqual(harness.log.slice(2), ["result 1: r1"]);
});

test("RequestQueue handles a long queue of synchronous requests without a deep stack", async () => {
  let running: ((value: unknown) => void) | undefined;
  let count = 0;
  const queue = new RequestQueue({
    maxPending: 50_000,
    awaited: () => 0,
    handle: ({ seq }) => seq === 0 ? new Promise((resolve) => running = resolve) : count++,
    onResult: () => {},
    onError: (_request, error) => assert.fail(String(error)),
    onRoom: () => {},
  });
  for (let seq = 0; seq <= 50_000; seq++) queue.add(request(seq));
  running?.(undefined);
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(count, 50_000);
});
