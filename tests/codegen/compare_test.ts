import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  changedLines,
  compareDeclarations,
  generateTypes,
  readGeneratedFile,
} from "../../lib/codegen/mod.ts";
import { arbitrarySchema } from "../support/arbitrary_schema.ts";
import { contractOf } from "../support/contracts.ts";

const NONE = { added: [], changed: [], removed: [] };

test("compareDeclarations() finds no difference between generated types and their file, whatever the contract", () => {
  const names = fc.oneof(
    fc.string(),
    fc.constantFrom("export", "type", "a.b", "it's", "__proto__"),
  );
  const procedures = fc.dictionary(
    names,
    fc.record({
      result: arbitrarySchema,
      parameters: fc.tuple(fc.record({ name: fc.constant("v"), schema: arbitrarySchema })),
      doc: fc.constantFrom("", "Some words;\n  list: no procedure;"),
    }),
    { maxKeys: 4 },
  );
  fc.assert(
    fc.property(procedures, (given) => {
      const { text, declarations } = generateTypes(contractOf(given));
      const read = readGeneratedFile(text).declarations;
      const same = { procedures: NONE, types: NONE };
      assert.deepEqual(compareDeclarations(read, declarations), same);
      assert.deepEqual(compareDeclarations(declarations, declarations), same);
    }),
    { numRuns: 300, seed: 5 },
  );
});

test("compareDeclarations() names what was added, changed and removed", () => {
  const item = (field: string) => ({
    title: "Item",
    type: "object",
    properties: { [field]: { type: "integer" } },
  });
  const generate = (procedures: Parameters<typeof contractOf>[0]) =>
    generateTypes(contractOf(procedures));
  const before = generate({
    kept: {},
    changed: { result: { type: "string" } },
    removed: { result: item("a") },
  });
  const after = generate({
    kept: { doc: "Another comment." },
    changed: { result: { type: "number" } },
    added: { result: item("b") },
  });
  // The old side is a value or a file; comments do not count.
  for (const old of [before.declarations, readGeneratedFile(before.text).declarations]) {
    assert.deepEqual(compareDeclarations(old, after.declarations), {
      procedures: { added: ["added"], changed: ["changed"], removed: ["removed"] },
      types: { added: [], changed: ["Item"], removed: [] },
    });
  }
});

const item = (more: Record<string, { type: string }>, required: string[]) => ({
  title: "Item",
  type: "object",
  properties: { id: { type: "integer" }, ...more },
  required: ["id", ...required],
});
const generate = (schema: ReturnType<typeof item>, parameters = ["a"]) =>
  generateTypes(contractOf({
    "users.get": { parameters: parameters.map((name) => ({ name })), result: schema },
    list: {
      parameters: parameters.map((name) => ({ name, default: 1 })),
      doc: "Some words;\n  list: no procedure;",
    },
  }));

const BEFORE = readGeneratedFile(generate(item({ name: { type: "string" } }, ["name"])).text);
const AFTER =
  generate(item({ name: { type: "string" }, size: { type: "integer" } }, []), ["a", "b"])
    .declarations;

const linesOf = (kind: "procedures" | "types", name: string) =>
  changedLines(BEFORE.declarations[kind].get(name) ?? "", AFTER[kind].get(name) ?? "");

test("changedLines() returns the lines of a type that differ", () => {
  assert.deepEqual(linesOf("types", "Item"), {
    removed: ["name: string;"],
    added: ["name?: string;", "size?: number;"],
  });
});

test("changedLines() returns the lines of a procedure that differ, whatever its name and form", () => {
  const { removed, added } = linesOf("procedures", "users.get");
  assert.deepEqual(removed, [
    `"users.get": { (...args: [a: number] | [params: { a: number }]): Promise<Item> };`,
  ]);
  assert.equal(added.length, 1);
  const overloaded = linesOf("procedures", "list");
  assert.ok(overloaded.added.length > 0 && overloaded.added.every((line) => !line.startsWith("*")));
});

test("changedLines() is empty for a new declaration, and for one that a formatter changed", () => {
  const none = { removed: [], added: [] };
  assert.deepEqual(changedLines("", "x: number;"), none);
  assert.deepEqual(
    changedLines("export type Item = {\n  id: number\n}", "export type Item = {};"),
    none,
  );
  assert.deepEqual(changedLines("x: number;", "x: number;"), none);
});
