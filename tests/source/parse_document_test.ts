import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { test } from "node:test";
import fc from "fast-check";
import { ToolError } from "../../lib/errors.ts";
import { stringifyJson } from "../../lib/json/mod.ts";
import { decodeDocument, parseDocument } from "../../lib/source/parse_document.ts";

const OPTIONS = { where: "x.json", exitCode: 3 } as const;

const parse = (content: string | Uint8Array) => {
  const bytes = typeof content === "string" ? Buffer.from(content) : content;
  return parseDocument(decodeDocument(bytes, OPTIONS), OPTIONS);
};

function refusal(content: string | Uint8Array): ToolError {
  try {
    parse(content);
  } catch (error) {
    assert.ok(error instanceof ToolError);
    assert.equal(error.where, "x.json");
    assert.equal(error.exitCode, 3);
    return error;
  }
  assert.fail("accepted");
}

test("parseDocument() reads all JSON that JSON.parse reads, with or without a byte order mark", () => {
  fc.assert(
    fc.property(
      fc.jsonValue(),
      fc.boolean(),
      fc.integer({ min: 0, max: 4 }),
      (value, mark, indent) => {
        const text = JSON.stringify(value, null, indent);
        const parsed = parse((mark ? "\ufeff" : "") + text);
        // Integers beyond 2^53 are exact here.
        assert.deepEqual(JSON.parse(stringifyJson(parsed)), JSON.parse(text));
      },
    ),
    { numRuns: 300, seed: 3 },
  );
});

test("parseDocument() keeps the key __proto__ a key", () => {
  const value = parse('{"__proto__": {"x": 1}, "constructor": 2}') as object;
  assert.deepEqual(Object.keys(value), ["__proto__", "constructor"]);
  assert.equal(Object.getPrototypeOf(value), Object.prototype);
});

test("parseDocument() reads null where Python wrote a number that JSON does not have", () => {
  const text = '{"Infinity": [NaN, Infinity,-Infinity], "b": "NaN, \\\\\\"Infinity"}';
  assert.deepEqual(parse(text), { Infinity: [null, null, null], b: 'NaN, \\"Infinity' });
});

test("parseDocument() reports line, column and text of a fault", () => {
  const rows: [content: string, message: RegExp, line: number, column: number, text: string][] = [
    ['{"a": 1,\n "b": tru', /expected a value, found "tru"/, 2, 7, ' "b": tru'],
    ['{"a": 1,\n "b"', /ends in the middle/, 2, 5, ' "b"'],
    ['{"a": 1,\r\n "b" 2}\r\n', /expected a ":", found "2"/, 2, 6, ' "b" 2}'],
    ["{'a': 1}", /expected a key in double quotes, found "'"/, 1, 2, "{'a': 1}"],
    ['{"a": 1,}', /expected a key in double quotes, found "}"/, 1, 9, '{"a": 1,}'],
    ["[1 2]", /expected a "," or "\]", found "2"/, 1, 4, "[1 2]"],
    ['{"a": 1 "b"}', /expected a "," or "}"/, 1, 9, '{"a": 1 "b"}'],
    ["[01]", /found "01"/, 1, 2, "[01]"],
    ["[NaN, -NaN]", /found "-NaN"/, 1, 7, "[NaN, -NaN]"],
    ["{} x", /expected the end, found "x"/, 1, 4, "{} x"],
    ['["a\nb"]', /closing quote/, 1, 4, '["a'],
    ['["\\x"]', /escape/, 1, 3, '["\\x"]'],
    ["// no\n{}", /found "\/"/, 1, 1, "// no"],
  ];
  for (const [content, message, line, column, text] of rows) {
    const error = refusal(content);
    assert.equal(error.code, "SOURCE_NOT_JSON", content);
    assert.match(error.message, message, content);
    assert.deepEqual(error.position, { line, column, text }, content);
  }
});

test("parseDocument() refuses a key that appears twice, however it is written", () => {
  for (
    const content of [
      '{"a":1,"a":2}',
      '{"x":{"a":1,\n"\\u0061":2}}',
      '[{"__proto__":1,"__proto__":1}]',
      '{"a":1,"a" :2}',
      '{"a":1,"a"\n:2,"b":":"}',
      '{"a\\\\":1,"a\\\\":2}',
    ]
  ) {
    const error = refusal(content);
    assert.equal(error.code, "SOURCE_DUPLICATE_KEY", content);
    assert.ok(error.position !== undefined);
  }
  assert.deepEqual(parse('{"x":{"a":1},"y":{"a":":{}"}}'), { x: { a: 1 }, y: { a: ":{}" } });
  assert.deepEqual(parse('{"a" :"\\":","b\\":":1}'), { a: '":', 'b":': 1 });
});

test("parseDocument() reports the same faults in documents of several megabytes", () => {
  const padding = `"padding": "${"x".repeat(3 * 2 ** 20)}"`;
  const faults = [
    ["SOURCE_DUPLICATE_KEY", '"a": 1, "a": 2'],
    ["SOURCE_TOO_DEEP", `"a": ${"[".repeat(501)}${"]".repeat(501)}`],
    ["SOURCE_NOT_JSON", '"a": tru'],
  ] as const;
  for (const [code, members] of faults) {
    assert.equal(refusal(`{${members}}`).code, code);
    assert.equal(refusal(`{${members}, ${padding}}`).code, code);
  }
  assert.deepEqual(parse(`{"a": "[[", "b": ":\\":", ${padding}}`), {
    a: "[[",
    b: ':":',
    padding: "x".repeat(3 * 2 ** 20),
  });
});

test("parseDocument() rejects invalid UTF-8 with its position", () => {
  const latin1 = refusal(Buffer.from('{\n "a": "\xe9"}', "latin1"));
  assert.equal(latin1.code, "SOURCE_NOT_UTF8");
  assert.match(latin1.message, /byte 0xe9 at offset 9 \(line 2\)/);
  assert.match(refusal(Buffer.from("\ufeff{}", "utf16le")).message, /UTF-16/);
  assert.match(refusal(new Uint8Array([0x1f, 0x8b, 8, 0])).message, /gzip/);
  // Cut in the middle of a character.
  assert.equal(refusal(Buffer.from('{"a":"é').subarray(0, 7)).code, "SOURCE_NOT_UTF8");
});

test("parseDocument() refuses an empty document", () => {
  for (const content of ["", " \n", "\ufeff"]) assert.equal(refusal(content).code, "SOURCE_EMPTY");
});

test("parseDocument() refuses nesting that later steps could not walk", () => {
  for (
    const content of [
      "[".repeat(10_000) + "]".repeat(10_000),
      '{"a":'.repeat(10_000) + "1" + "}".repeat(10_000),
      "[".repeat(20_000_000),
    ]
  ) {
    assert.equal(refusal(content).code, "SOURCE_TOO_DEEP");
  }
  assert.doesNotThrow(() => parse("[".repeat(400) + "]".repeat(400)));
});

test("parseDocument() reads 60 MiB, also to report a fault in them", () => {
  const long = `{"a":"${"x".repeat(20 << 20)}","b":[${"1,".repeat(10 << 20)}`;
  parse(`${long}1]}`);
  const broken = refusal(`${long}}`);
  assert.equal(broken.code, "SOURCE_NOT_JSON");
});
