import assert from "node:assert/strict";
import { test } from "node:test";
import { changedModels, readGeneratedFile } from "../../lib/codegen/mod.ts";

const declarations = (...types: string[]) => readGeneratedFile(types.join("\n")).declarations;

test("changedModels() names the members of each model that differ, also after a formatter", () => {
  const rows = [
    ["a rename", "{ id: number; in_stock: boolean }", "{ id: number; stock: boolean }", {
      added: ["stock"],
      changed: [],
      removed: ["in_stock"],
    }],
    ["another type", "{ email: string }", "{ email: string | null }", {
      added: [],
      changed: ["email"],
      removed: [],
    }],
    ["optional", "{ email: string }", "{ email?: string }", {
      added: [],
      changed: ["email"],
      removed: [],
    }],
    ["a formatter", "{\n  a: 'x',\n  b: number\n}", '{ a: "x"; b: string; }', {
      added: [],
      changed: ["b"],
      removed: [],
    }],
    ["nested", "{ a: { x: number; y: number } }", "{ a: { x: number } }", {
      added: [],
      changed: ["a"],
      removed: [],
    }],
    ["a union", '"a" | "b"', '"a" | "c"', { added: [], changed: [], removed: [] }],
  ] as const;
  for (const [name, before, after, wanted] of rows) {
    assert.deepEqual(
      changedModels(
        declarations(`export type M = ${before};`),
        declarations(`export type M = ${after};`),
      ),
      [{ name: "M", ...wanted }],
      name,
    );
  }
  const same = declarations("export type M = { a: number };");
  assert.deepEqual(changedModels(same, same), []);
});
