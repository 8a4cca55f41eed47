import assert from "node:assert/strict";
import { test } from "node:test";
import { Target } from "../../lib/rpyc/boxing.ts";
import { CallSession, type SessionPeer } from "../../lib/rpyc/call_session.ts";
import { Handler } from "../../lib/rpyc/consts.ts";
import { LocalObjects } from "../../lib/rpyc/local_objects.ts";
import { type HandlerContext, handleRequest, NO_REPLY } from "../../lib/rpyc/request_handlers.ts";

const PEER: SessionPeer = {
  request: () => Promise.reject(new Error("unused")),
  proxyOf: () => ({}),
  methodsOf: () => Promise.resolve(new Set()),
  functionOf: () => ({}),
  releaseReference() {},
  describe: () => "",
};

function setUp(value: object, options: Partial<HandlerContext> = {}) {
  const local = new LocalObjects(100);
  const target = new Target(local.find([...local.send(value)]));
  const context: HandlerContext = {
    root: {},
    local,
    allowPublicAttrs: false,
    allowPickle: false,
    end: () => {},
    ...options,
  };
  const request = (handler: number, ...args: unknown[]) =>
    handleRequest({
      seq: 1,
      handlerId: BigInt(handler),
      handler,
      args,
      session: new CallSession(PEER),
    }, context);
  return { target, request, local };
}

test("handleRequest() has a handler for every number of the protocol, and KeyError for any other", async () => {
  const { request } = setUp([]);
  for (const [name, handler] of Object.entries(Handler)) {
    try {
      await request(handler);
    } catch (error) {
      assert.notEqual((error as Error).message, String(handler), name);
    }
  }
  for (const handler of [0, -1, 21, Infinity, 2 ** 40]) {
    assert.throws(() =>
      handleRequest({
        seq: 1,
        handlerId: 99n,
        handler,
        args: [],
        session: new CallSession(PEER),
      }, setUp([]) as never), { name: "KeyError", message: "99" });
  }
});

const LIST = [3, 1, 2];
const RESULTS: readonly [
  name: string,
  handler: number,
  args: readonly unknown[],
  result: unknown,
][] = [
  ["Repr", Handler.Repr, [], "[3, 1, 2]"],
  ["Str", Handler.Str, [], "[3, 1, 2]"],
  ["Cmp", Handler.Cmp, [LIST, "__eq__"], true],
  ["CallAttr", Handler.CallAttr, ["__len__", [], []], 3n],
  ["OldSlicing", Handler.OldSlicing, ["__getitem__", "__getslice__", 1n, null, []], [1, 2]],
  ["InstanceCheck", Handler.InstanceCheck, [], false],
];

for (const [name, handler, args, expected] of RESULTS) {
  test(`handleRequest() returns the result of ${name}`, () => {
    const { target, request } = setUp(LIST);
    const result = request(handler, target, ...args);
    assert.deepEqual(
      typeof result === "object" && result !== null ? Reflect.get(result, "value") : result,
      expected,
    );
  });
}

test("handleRequest() returns as many items as requested by BuffIter", async () => {
  const { target, request } = setUp(new Set(["a", "b", "c"]));
  const items = await request(Handler.BuffIter, target, 2n) as readonly { value: unknown }[];
  assert.deepEqual(items.map(({ value }) => value), ["a", "b"]);
});

test("handleRequest() refuses attributes, pickles and changes that are not allowed", () => {
  const { target, request } = setUp([]);
  assert.throws(() => request(Handler.GetAttr, target, "append"), { name: "AttributeError" });
  assert.throws(() => request(Handler.GetAttr, target, "missing"), { name: "AttributeError" });
  assert.throws(() => request(Handler.SetAttr, target, "x", 1n), { name: "AttributeError" });
  assert.throws(() => request(Handler.DelAttr, target, "x"), { name: "AttributeError" });
  assert.throws(() => request(Handler.Pickle, target), /pickling is disabled/);
  assert.throws(() => request(Handler.Hash, target), /unhashable type: 'list'/);
  assert.throws(() => request(Handler.Repr, 5n), { name: "TypeError" });
});

test("handleRequest() releases references but never the root", () => {
  const { target, request, local } = setUp([]);
  request(Handler.Del, target, 1n);
  assert.equal(local.size, 0);
  const root = {};
  const other = setUp(root, { root });
  other.request(Handler.Del, other.target, 5n);
  assert.equal(other.local.size, 1);
});

test("handleRequest() ends the connection for Close and sends no reply", () => {
  let ended = 0;
  const { request } = setUp([], { end: () => ended++ });
  assert.equal(request(Handler.Close), NO_REPLY);
  assert.equal(ended, 1);
});
