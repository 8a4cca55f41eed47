import assert from "node:assert/strict";
import { test } from "node:test";
import { kindByMethods, kindOfBuiltin } from "../../lib/rpyc/remote_kind.ts";

test("kindOfBuiltin() returns the kind of Python's own classes only", () => {
  assert.equal(kindOfBuiltin("builtins.list"), "sequence");
  assert.equal(kindOfBuiltin("builtins.frozenset"), "set");
  assert.equal(kindOfBuiltin("builtins.function"), "function");
  for (const name of ["shop.Cart", "constructor", "toString", "__proto__"]) {
    assert.equal(kindOfBuiltin(name), undefined, name);
  }
});

const SEQUENCE = ["__iter__", "__len__", "__getitem__"];
const CLASSES: readonly [name: string, methods: readonly string[], kind: string][] = [
  ["a subclass of str", [...SEQUENCE, "encode", "isalpha"], "str"],
  ["a subclass of dict", [...SEQUENCE, "keys"], "dict"],
  ["a numpy integer", ["__index__", "__float__", "is_integer"], "int"],
  ["a subclass of float", ["is_integer", "__float__"], "float"],
  ["an object with __call__", ["__call__", "__iter__", "__len__"], "function"],
  ["an iterator", ["__next__", "__iter__"], "object"],
  ["a subclass of set", ["isdisjoint", "__iter__", "__and__", "__len__"], "set"],
  ["a deque", SEQUENCE, "sequence"],
  ["any other object", ["price"], "object"],
];

for (const [name, methods, kind] of CLASSES) {
  test(`kindByMethods() returns "${kind}" for ${name}`, () => {
    assert.equal(kindByMethods(new Set(methods)), kind);
  });
}
