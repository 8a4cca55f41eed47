import assert from "node:assert/strict";
import { test } from "node:test";
import { procedureChanges, typeChanges } from "../../commands/_short_diff.ts";
import { generateTypes } from "../../lib/codegen/mod.ts";
import { contractOf } from "../support/contracts.ts";

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
  })).text;

const BEFORE = generate(item({ name: { type: "string" } }, ["name"]));
const AFTER = generate(item({ name: { type: "string" }, size: { type: "integer" } }, []), [
  "a",
  "b",
]);

test("typeChanges() gives the lines of a type that differ", () => {
  assert.deepEqual(typeChanges(BEFORE, AFTER, "Item"), {
    removed: ["name: string;"],
    added: ["name?: string;", "size?: number;"],
  });
});

test("procedureChanges() gives the lines of a procedure that differ, whatever its name and form", () => {
  const { removed, added } = procedureChanges(BEFORE, AFTER, "users.get");
  assert.deepEqual(removed, [
    `"users.get": ((...args: [a: number] | [params: { a: number }]) => Promise<Item>);`,
  ]);
  assert.equal(added.length, 1);
  const overloaded = procedureChanges(BEFORE, AFTER, "list");
  assert.ok(overloaded.added.length > 0 && overloaded.added.every((line) => !line.startsWith("*")));
});

test("changes are empty where a file is none of ours, or the name is not there", () => {
  const none = { removed: [], added: [] };
  assert.deepEqual(procedureChanges("", AFTER, "list"), none);
  assert.deepEqual(procedureChanges(BEFORE, AFTER, "missing"), none);
  assert.deepEqual(typeChanges(BEFORE.replace(/;\n/g, "\n"), AFTER, "Item"), none);
  assert.deepEqual(procedureChanges(BEFORE, BEFORE, "list"), none);
});
