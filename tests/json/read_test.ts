import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  findJsonProblem,
  indentJson,
  isDeeperThan,
  memberTexts,
  parseJson,
  positionAt,
  readJson,
  stringifyJson,
  withoutNonFinite,
} from "../../lib/json/mod.ts";
import { nearlyJson } from "../support/json_texts.ts";

function parsed(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return undefined;
  }
}

test("readJson() finds a fault exactly where JSON.parse refuses a text, and inside of it", () => {
  fc.assert(
    fc.property(fc.oneof(nearlyJson, fc.json()), (text) => {
      const fault = readJson(text);
      assert.equal(fault === undefined, parsed(text) !== undefined, JSON.stringify(text));
      if (fault === undefined) return;
      assert.ok(0 <= fault.start && fault.start <= fault.offset && fault.offset <= text.length);
      // Whatever stands behind the fault has no influence on it.
      const again = readJson(text.slice(0, fault.offset + 1));
      assert.ok(again !== undefined);
    }),
    { numRuns: 5000, seed: 7 },
  );
});

test("readJson() reports every token once, in order", () => {
  fc.assert(
    fc.property(fc.json({ maxDepth: 4 }), fc.nat(3), (json, indent) => {
      const text = JSON.stringify(JSON.parse(json), undefined, indent);
      const tokens: string[] = [];
      const add = (start: number, end: number) => void tokens.push(text.slice(start, end));
      readJson(text, {
        open: (_isObject, offset) => add(offset, offset + 1),
        close: (end) => add(end - 1, end),
        key: add,
        scalar: add,
      });
      assert.deepEqual(tokens, text.match(/"(?:[^"\\]|\\.)*"|[{}[\]]|[^\s{}[\],:"]+/g));
    }),
    { numRuns: 500, seed: 7 },
  );
});

test("readJson() bounds the depth, and reads a million levels without a stack", () => {
  const deep = (levels: number) => "[".repeat(levels) + "]".repeat(levels);
  assert.equal(readJson(deep(1_000_000)), undefined);
  assert.equal(readJson(deep(3), {}, { maxDepth: 3 }), undefined);
  assert.deepEqual(readJson(deep(4), {}, { maxDepth: 3 }), {
    kind: "depth",
    offset: 3,
    start: 3,
    inside: "list",
  });
});

test("readJson() accepts comments and trailing commas, and Python's numbers, where asked to", () => {
  const rows: readonly (readonly [string, "comments" | "nonFinite", boolean])[] = [
    ['// a\n{ /* b */ "a": 1, // c\n}', "comments", true],
    ["[1, /* , */ ]", "comments", true],
    ["/* \n */ 1 //", "comments", true],
    ["[,]", "comments", false],
    ["{,}", "comments", false],
    ["[1,,]", "comments", false],
    ["[1 /* ", "comments", false],
    ["[1] / 2", "comments", false],
    ["[NaN, -Infinity, Infinity]", "nonFinite", true],
    ["[-NaN]", "nonFinite", false],
    ["[NaN1]", "nonFinite", false],
  ];
  for (const [text, option, isAccepted] of rows) {
    assert.equal(readJson(text, {}, { [option]: true }) === undefined, isAccepted, text);
    assert.ok(readJson(text) !== undefined, text);
  }
});

test("findJsonProblem() finds one exactly where JSON.parse or equal keys do", () => {
  fc.assert(
    fc.property(nearlyJson.filter((text) => !/NaN|Infinity/.test(text)), (text) => {
      const problem = findJsonProblem(text);
      if (parsed(text) === undefined) assert.equal(problem?.kind, "syntax", JSON.stringify(text));
      else assert.ok(problem === undefined || problem.kind === "duplicate key", text);
      if (problem !== undefined) assert.ok(problem.offset >= 0 && problem.offset <= text.length);
    }),
    { numRuns: 3000, seed: 7 },
  );
});

function withoutBigints(value: unknown): unknown {
  if (typeof value === "bigint") return Number(value);
  if (Array.isArray(value)) return value.map(withoutBigints);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, withoutBigints(item)]),
  );
}

test("parseJson() is JSON.parse but for big integers", () => {
  // Forces the reader, which a text without them does not need.
  const marker = "12345678901234567890";
  fc.assert(
    fc.property(fc.oneof(nearlyJson, fc.json()), (text) => {
      const list = `[${text},${marker}]`;
      const expected = parsed(list);
      if (expected === undefined) assert.throws(() => parseJson(list), SyntaxError);
      else {
        const value = parseJson(list) as unknown[];
        assert.equal(value.at(-1), BigInt(marker));
        assert.deepEqual(withoutBigints(value), expected.value);
      }
    }),
    { numRuns: 3000, seed: 7 },
  );
});

test("parseJson() and stringifyJson() keep integers that a number cannot represent", () => {
  const text =
    '{"a":[9007199254740993,-12345678901234567890,1e30,1.5,"9007199254740993"],"__proto__":1234567890123456789}';
  const value = parseJson(text) as { a: unknown[] };
  assert.equal(value.a[0], 9007199254740993n);
  assert.equal(value.a[2], 1e30);
  assert.equal(stringifyJson(value), text.replace("1e30", "1e+30"));
  for (
    const bad of [
      "[1234567890123456789",
      "[12345678901234567890,]",
      "{1234567890123456789:1}",
      "-12345678901234567890x",
      "01234567890123456789",
      "1".repeat(5_000),
      `${"[".repeat(1_001)}12345678901234567890${"]".repeat(1_001)}`,
    ]
  ) {
    assert.throws(() => parseJson(bad), SyntaxError, bad.slice(0, 40));
  }
  assert.deepEqual(parseJson('["NaN", NaN, -Infinity]', { nonFinite: true }), [
    "NaN",
    NaN,
    -Infinity,
  ]);
});

test("withoutNonFinite() writes null for Python's numbers, and changes no text", () => {
  assert.equal(
    withoutNonFinite('{"NaN": [NaN, "-Infinity", -Infinity , Infinity]}'),
    '{"NaN": [null, "-Infinity", null , null]}',
  );
  for (const text of ['["NaN"]', "[1]", "[NaN", "NaNs"]) {
    assert.equal(withoutNonFinite(text), undefined, text);
  }
});

test("indentJson() changes blanks only, and no text that is not JSON", () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.integer({ min: 0, max: 3 }), (value, indent) => {
      assert.equal(indentJson(JSON.stringify(value, null, indent)), JSON.stringify(value, null, 2));
    }),
    { numRuns: 300, seed: 5 },
  );
  assert.equal(indentJson('{"a":12345678901234567890.10}'), '{\n  "a": 12345678901234567890.10\n}');
  assert.equal(indentJson('["a'), '["a');
});

test("memberTexts() keeps every member as it is written", () => {
  const text = ' { "a" : [1, {"a": 2}] , "\\u0062":1.0,"c":"}" , "d":{ } } ';
  assert.deepEqual([...memberTexts(text)], [
    ["a", '[1, {"a": 2}]'],
    ["b", "1.0"],
    ["c", '"}"'],
    ["d", "{ }"],
  ]);
  for (const none of ["[1]", "1", '{"a":', "{}"]) assert.equal(memberTexts(none).size, 0, none);
});

test("isDeeperThan() counts as readJson() does", () => {
  fc.assert(
    fc.property(fc.json({ maxDepth: 6 }), fc.nat(6), (text, maxDepth) => {
      assert.equal(
        isDeeperThan(new TextEncoder().encode(text), maxDepth),
        readJson(text, {}, { maxDepth })?.kind === "depth",
      );
    }),
    { numRuns: 500, seed: 7 },
  );
});

test("positionAt() counts lines and columns from 1, and cuts the line's end off", () => {
  const text = "ab\r\ncd\n";
  assert.deepEqual(positionAt(text, 0), { line: 1, column: 1, text: "ab" });
  assert.deepEqual(positionAt(text, 5), { line: 2, column: 2, text: "cd" });
  assert.deepEqual(positionAt(text, 99), { line: 3, column: 1, text: "" });
});
