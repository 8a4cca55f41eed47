import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Boxing, Target } from "../../lib/rpyc/boxing.ts";
import type { BrineValue } from "../../lib/rpyc/brine.ts";
import { CallSession, type SessionPeer } from "../../lib/rpyc/call_session.ts";
import { Handler, Label } from "../../lib/rpyc/consts.ts";
import { LocalObjects } from "../../lib/rpyc/local_objects.ts";
import { isPythonTuple, pythonTuple } from "../../lib/rpyc/python_types.ts";
import { RemoteReference, RemoteReferences } from "../../lib/rpyc/remote_references.ts";

const PEER: SessionPeer = {
  request: () => Promise.reject(new Error("unused")),
  proxyOf: () => ({}),
  methodsOf: () => Promise.resolve(new Set()),
  functionOf: () => ({}),
  releaseReference() {},
  describe: () => "",
};
const session = () => new CallSession(PEER);

function boxing(proxies: Partial<ConstructorParameters<typeof Boxing>[0]["proxies"]> = {}): Boxing {
  return new Boxing({
    local: new LocalObjects(100),
    remote: new RemoteReferences(100, () => {}),
    proxies: { referenceOf: () => undefined, callableOf: () => undefined, ...proxies },
  });
}

/** Returns a boxed value as the other side receives it: local and remote are swapped. */
function received(boxed: BrineValue): BrineValue {
  const [label, value] = boxed as readonly [BrineValue, BrineValue];
  if (label === Label.Tuple) return [label, (value as readonly BrineValue[]).map(received)];
  if (label === Label.RemoteReference) return [Label.LocalReference, value];
  return label === Label.LocalReference ? [Label.RemoteReference, value] : boxed;
}

const { immutable } = fc.letrec((tie) => ({
  immutable: fc.oneof(
    { maxDepth: 4 },
    fc.constant(null),
    fc.boolean(),
    fc.bigInt(),
    fc.string({ unit: "binary" }),
    fc.uint8Array(),
    fc.array(tie("immutable")).map(pythonTuple),
  ),
}));

test("Boxing sends immutable values by value and receives equal ones", () => {
  const own = boxing();
  fc.assert(
    fc.property(immutable, (value) => {
      const boxed = own.box(value, undefined);
      assert.equal((boxed as readonly BrineValue[])[0], Label.Value);
      assert.deepEqual(own.unbox(received(boxed), undefined), value);
    }),
    { numRuns: 200, seed: 18 },
  );
});

test("Boxing sends mutable objects by reference, inside tuples, too, and receives the same objects", () => {
  const own = boxing();
  const list = [1];
  const map = new Map();
  const boxed = own.box(pythonTuple([1n, list, pythonTuple([map])]), undefined);
  const result = own.unbox(received(boxed), undefined) as readonly unknown[];
  assert.equal(isPythonTuple(result), true);
  assert.equal(result[1], list);
  assert.equal((result[2] as readonly unknown[])[0], map);
});

test("Boxing sends the client's own object for its reference or proxy", () => {
  const proxy = () => {};
  const own = boxing({ referenceOf: (object) => object === proxy ? reference : undefined });
  const pack = ["shop.Cart", 7n, 8n];
  const reference = own.unbox([Label.RemoteReference, pack], undefined) as RemoteReference;
  assert.ok(reference instanceof RemoteReference);
  assert.deepEqual(own.box(reference, undefined), [Label.LocalReference, pack]);
  assert.deepEqual(own.box(proxy, undefined), [Label.LocalReference, pack]);
});

test("Boxing.unboxArguments() makes the local object that a request is about a Target, and call arguments a plain array", () => {
  const own = boxing();
  const list = [1];
  const [, pack] = own.box(list, undefined) as readonly [BrineValue, BrineValue];
  const boxed: BrineValue = [Label.Tuple, [
    [Label.LocalReference, pack],
    [Label.Value, "append"],
    [Label.Value, [[1n, 2n]]],
    [Label.Value, []],
  ]];
  const [target, name, args] = own.unboxArguments(boxed, session(), Handler.CallAttr);
  assert.ok(target instanceof Target);
  assert.equal(target.object.value, list);
  assert.equal(name, "append");
  assert.equal(isPythonTuple(args as readonly unknown[]), false);
  assert.equal(isPythonTuple((args as readonly (readonly unknown[])[])[0] ?? []), true);
});

const MALFORMED: readonly [name: string, boxed: BrineValue, message: RegExp][] = [
  ["no pair", 5n, /a boxed value is a pair/],
  ["an unknown label", [9n, null], /invalid label 9/],
  ["a tuple of no tuple", [Label.Tuple, 1n], /a boxed tuple is a tuple/],
  ["a reference that was never sent", [Label.LocalReference, ["x", 1n, 2n]], /unknown or released/],
  ["a reference of another shape", [Label.RemoteReference, 1n], /invalid reference/],
];

for (const [name, boxed, message] of MALFORMED) {
  test(`Boxing rejects ${name}`, () => {
    assert.throws(() => boxing().unbox(boxed, undefined), message);
    assert.throws(
      () => boxing().unboxArguments([Label.Tuple, [boxed]], session(), Handler.Ping),
      message,
    );
  });
}
