import assert from "node:assert/strict";
import { test } from "node:test";
import { ContainerCopies } from "../../lib/rpyc/container_copies.ts";
import { RemoteReferences } from "../../lib/rpyc/remote_references.ts";

const references = new RemoteReferences(100, () => {});
const reference = (id: bigint) => references.receive(["builtins.list", 1n, id]);

const CONTAINERS: readonly [
  name: string,
  make: () => object,
  change: (container: object) => void,
][] = [
  ["a list", () => [1, "two", null], (list) => (list as unknown[]).push(4)],
  ["a list of NaN", () => [NaN], (list) => (list as unknown[])[0] = 1],
  ["a set", () => new Set([1, 2]), (set) => (set as Set<unknown>).delete(1)],
  ["a dict", () => ({ b: 1, a: 2 }), (dict) => Reflect.set(dict, "a", 3)],
  [
    "a dict with integer keys",
    () => ({ b: 1, "2": 2, "1": 3 }),
    (dict) => Reflect.set(dict, "1", 0),
  ],
  ["a map", () => new Map([[1, [2]]]), (map) => (map as Map<unknown, unknown>).set(1, [2])],
];

for (const [name, make, change] of CONTAINERS) {
  test(`ContainerCopies finds the original of ${name} until it changes`, () => {
    const copies = new ContainerCopies();
    const container = make();
    if (container instanceof Map) {
      for (const value of container.values()) copies.finish(value as object, reference(20n));
    }
    copies.finish(container, reference(10n));
    assert.equal(copies.original(container), reference(10n));
    change(container);
    assert.equal(copies.original(container), undefined);
  });
}

test("ContainerCopies compares nested copies, and containers that contain themselves", () => {
  const copies = new ContainerCopies();
  const inner = [1];
  const outer: unknown[] = [inner];
  outer.push(outer);
  copies.finish(inner, reference(1n));
  copies.finish(outer, reference(2n));
  assert.equal(copies.original(outer), reference(2n));
  inner.push(2);
  assert.equal(copies.original(outer), undefined);
});

test("ContainerCopies has no original of any other object, nor after clear()", () => {
  const copies = new ContainerCopies();
  const list = [1];
  assert.equal(copies.original(list), undefined);
  copies.finish(list, reference(1n));
  copies.clear();
  assert.equal(copies.original(list), undefined);
});
