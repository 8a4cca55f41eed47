import assert from "node:assert/strict";
import { test } from "node:test";
import {
  natsBatchLink,
  natsLink,
  type NatsRequester,
  NO_RESPONDERS,
} from "../../lib/client/nats_link.ts";
import { createClient, PyRPCError } from "../../lib/client/pyrpc_client.ts";

interface Api {
  add(...args: unknown[]): Promise<unknown>;
}
type Answer = (call: { id: string; params: unknown }) => unknown;

// `tests/interop/nats_test.ts` tests the same with a real connection.
function connected(answer: Answer) {
  const seen: { subject: string; payload: unknown; timeout: number }[] = [];
  const connection: NatsRequester = {
    async request(subject, payload, { timeout }) {
      const calls = JSON.parse(new TextDecoder().decode(payload));
      seen.push({ subject, payload: calls, timeout });
      return { data: new TextEncoder().encode(JSON.stringify(await answer(calls))) };
    },
  };
  return { connection, seen };
}

const never = () => new Promise<never>(() => undefined);

test("natsLink() sends what httpLink sends", async () => {
  const { connection, seen } = connected(({ id }) => ({ id, result: 3, error: null }));
  const rpc = createClient<Api>({ links: [natsLink({ connection, subject: "shop" })] });
  assert.equal(await rpc.add(1, 2), 3);
  assert.equal(await rpc.add({ a: 1 }), 3);
  assert.deepEqual(
    seen.map(({ subject, payload, timeout }) => [
      subject,
      { ...payload as object, id: "" },
      timeout,
    ]),
    [
      ["shop", { jsonrpc: "2.0", id: "", method: "add", params: [1, 2] }, 11_000],
      ["shop", { jsonrpc: "2.0", id: "", method: "add", params: { a: 1 } }, 11_000],
    ],
  );
});

test("natsLink() fails after its own time limit, or the client's, or 10 s; with 0 never", async () => {
  const { connection, seen } = connected(never);
  const asked = async (own: number | undefined, common: number | undefined) => {
    const links = [natsLink({ connection, subject: "x", timeout: own })];
    const controller = new AbortController();
    const rpc = createClient<Api>({ links, timeout: common, signal: controller.signal });
    const call = rpc.add();
    await Promise.resolve();
    if (own !== 20 && common !== 20) controller.abort(new Error("enough"));
    return await call.catch(({ name, message }) => `${name}: ${message}`);
  };
  assert.equal(await asked(20, 60_000), "TimeoutError: No answer within 20 ms");
  assert.equal(await asked(undefined, 20), "TimeoutError: No answer within 20 ms");
  for (const [own, common] of [[undefined, undefined], [0, 5], [2 ** 31 - 1, 5]]) {
    assert.equal(await asked(own, common), "AbortError: Error: enough");
  }
  assert.deepEqual(
    seen.map(({ timeout }) => timeout),
    [1020, 1020, 11_000, 2 ** 31 - 1, 2 ** 31 - 1],
  );
});

test("natsLink() is aborted by its own signal or the client's", async () => {
  const { connection } = connected(never);
  const controller = new AbortController();
  const { signal } = controller;
  const own = createClient<Api>({ links: [natsLink({ connection, subject: "x", signal })] });
  const common = createClient<Api>({ links: [natsLink({ connection, subject: "x" })], signal });
  const calls = [own.add(), common.add()];
  const reason = new Error("enough");
  controller.abort(reason);
  for (const call of [...calls, own.add(), common.add()]) {
    await assert.rejects(call, { name: "AbortError", cause: reason });
  }
});

test("natsBatchLink() sends calls of one tick together, and returns its own answer to each", async () => {
  const { connection, seen } = connected((calls) =>
    (calls as unknown as { id: string; params: number[] }[]).map(({ id, params: [n] }) =>
      n === 2
        ? { id, result: null, error: { code: -32602, message: "not two" } }
        : { id, result: n, error: null }
    )
  );
  const rpc = createClient<Api>({
    links: [natsBatchLink({ connection, subject: "shop", maxItems: 3 })],
  });
  const settled = await Promise.allSettled([1, 2, 3, 4].map((n) => rpc.add(n)));
  assert.deepEqual(
    settled.map((each) => each.status === "fulfilled" ? each.value : each.reason.message),
    [1, "not two", 3, 4],
  );
  assert.equal(seen.length, 2);
});

test("natsLink(): no responder is a PyRPCError for every version of the library, other errors are network errors", async () => {
  const failing = (error: unknown) => {
    const connection = { request: () => Promise.reject(error) };
    return createClient<Api>({ links: [natsLink({ connection, subject: "shop" })] }).add();
  };
  const named = (name: string, more = {}) => Object.assign(new Error(name), { name }, more);
  for (
    const error of [
      named("NoResponders"),
      named("RequestError", { cause: named("NoResponders") }),
      named("NatsError", { code: "503" }),
    ]
  ) {
    await assert.rejects(failing(error), (error: PyRPCError) => {
      assert.ok(error instanceof PyRPCError);
      assert.equal(error.code, NO_RESPONDERS);
      assert.match(error.message, /"shop"/);
      return true;
    });
  }
  const closed = named("ClosedConnectionError");
  await assert.rejects(failing(closed), { name: "NetworkError", cause: closed });
});
