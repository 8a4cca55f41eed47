import assert from "node:assert/strict";
import { test } from "node:test";
import { closest } from "../lib/closest.ts";

const CLOSEST: readonly [name: string, names: readonly string[], expected: readonly string[]][] = [
  ["jsn", ["json", "junit"], ["json"]],
  ["", ["a", "b"], ["a", "b"]],
  ["get", ["users.get", "users.set"], ["users.get"]],
  ["USERS.GET", ["users.get"], ["users.get"]],
  ["abcdef", ["uvwxyz"], []],
  ["add", ["add", "ad", "adds", "addd"], ["add", "ad", "adds"]],
  ["snyc", ["sync", "serve"], ["sync"]],
  ["kitten", ["sitting", "mitten"], ["mitten"]],
];

for (const [name, names, expected] of CLOSEST) {
  test(`closest() to ${JSON.stringify(name)} of ${names.join(", ")}`, () => {
    assert.deepEqual(closest(name, names), expected);
  });
}
