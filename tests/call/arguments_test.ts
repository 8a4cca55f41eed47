import assert from "node:assert/strict";
import { test } from "node:test";
import { paramsText, readArguments, readData } from "../../lib/call/arguments.ts";

/** Parameters that accept texts: the first; numbers: the others. */
const KNOWN = {
  names: ["text", "number"],
  accepts: (name: string, json: string) =>
    (typeof JSON.parse(json) === "string") === (name === "text"),
};

const ROWS: readonly [args: readonly string[], params: string][] = [
  [[], "[]"],
  [["1", "2"], '["1",2]'],
  [["a b", "12345678901234567890"], '["a b",12345678901234567890]'],
  [["text=1", "number=2"], '{"text":"1","number":2}'],
  [["text=a=b"], '{"text":"a=b"}'],
  [['"a=b"', "1.50"], '["a=b",1.50]'],
  [["{not json"], '["{not json"]'],
];

for (const [args, params] of ROWS) {
  test(`paramsText() of ${JSON.stringify(args)}`, () => {
    assert.equal(paramsText(readArguments(args), KNOWN), params);
  });
}

const WRONG: readonly [read: () => unknown, message: RegExp][] = [
  [() => readArguments(["a=1", "2"]), /cannot be mixed/],
  [() => readArguments(["a=1", "a=2"]), /"a" appears twice/],
  [() => paramsText(readArguments(["1", "{x"]), KNOWN), /is not JSON/],
  [() => readData("{"), /--data is not JSON/],
  [() => readData("1"), /neither a list nor an object/],
];

for (const [read, message] of WRONG) {
  test(`the error ${message}`, () => assert.throws(read, { code: "USAGE", message }));
}

test("readData() accepts a list, an object, null and a byte order mark", () => {
  assert.deepEqual(readData(" [1] "), { kind: "params", text: "[1]" });
  assert.deepEqual(readData('\ufeff{"a":1}'), { kind: "params", text: '{"a":1}' });
  assert.deepEqual(readData("null"), { kind: "params", text: "[]" });
});
