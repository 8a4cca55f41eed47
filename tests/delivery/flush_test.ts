import assert from "node:assert/strict";
import { test } from "node:test";
import { applyPlan, planFile } from "../../lib/delivery/mod.ts";
import { header } from "../../lib/codegen/generated_file.ts";
import { recordFlushes } from "../support/flushes.ts";
import { tempFolder } from "../support/temp_folder.ts";

const NEW = "export type Types = { n: 2 };\n";
const MAP = '{"version":3,"file":"index.d.ts","sources":["../main.py"],"names":[],"mappings":""}\n';

// [name, present text, flushed]
const ROWS: readonly (readonly [name: string, text: string, isFlushed: boolean])[] = [
  ["a file of a person", "// My notes\n", true],
  ["a package.json that names pyrpc", '{ "name": "pyrpc-web" }\n', true],
  ["a tsconfig.json with an alias", '{"compilerOptions":{"paths":{"@pyrpc/types":[]}}}\n', true],
  ["generated types", `${header("0".repeat(32))}export type Types = { n: 1 };\n`, false],
  ["a declaration map", MAP, false],
];

for (const [name, text, isFlushed] of ROWS) {
  test(`applyPlan ${isFlushed ? "flushes what replaces" : "does not flush what replaces"} ${name}`, async () => {
    await using folder = await tempFolder({ "x": text });
    const flushes = await recordFlushes(
      folder.path,
      () => applyPlan(planFile(folder.at("x"), NEW)),
    );
    // Only a text that pyrpc cannot write again is worth the time.
    const texts = flushes.map((files) => Object.values(files).sort());
    assert.deepEqual(texts, isFlushed ? [[text, NEW].sort()] : []);
  });
}
