import assert from "node:assert/strict";
import { rm, writeFile } from "node:fs/promises";
import { test } from "node:test";
import {
  applyPlan,
  chooseLayout,
  digestOf,
  type PackageLayout,
  planLayout,
  recallUnchanged,
  rememberUnchanged,
} from "../../lib/delivery/mod.ts";
import { tempFolder } from "../support/temp_folder.ts";

const TEXT = "export type Types = {};\n";

function remembered(key: string) {
  return { key, text: digestOf(TEXT), hash: "h", procedures: ["add"], types: ["Item"] };
}

test("recallUnchanged() gives back what was remembered, and nothing when key, text or memory differ", async () => {
  await using folder = await tempFolder({ "package.json": "{}" });
  const layout = chooseLayout({ start: folder.path }) as PackageLayout;
  assert.equal(recallUnchanged(layout, "k"), undefined);
  applyPlan(planLayout(layout, { types: TEXT }));
  rememberUnchanged(layout, remembered("k"));
  assert.deepEqual(recallUnchanged(layout, "k"), { remembered: remembered("k"), text: TEXT });
  assert.equal(recallUnchanged(layout, "other contract or program"), undefined);
  await writeFile(layout.types, TEXT.replace("{}", "any"));
  assert.equal(recallUnchanged(layout, "k"), undefined);
  await rm(layout.types);
  assert.equal(recallUnchanged(layout, "k"), undefined);
});

test("a memory that is broken is none, and one that cannot be kept is no failure", async () => {
  await using folder = await tempFolder({ "package.json": "{}", "node_modules/.cache": "a file" });
  const layout = chooseLayout({ start: folder.path }) as PackageLayout;
  rememberUnchanged(layout, remembered("k"));
  assert.equal(recallUnchanged(layout, "k"), undefined);
});

test("digestOf() tells where one part ends and the next begins", () => {
  assert.notEqual(digestOf("ab", "c"), digestOf("a", "bc"));
  assert.equal(digestOf("a", "b"), digestOf("a", "b"));
});
