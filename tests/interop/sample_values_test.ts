/** Sample values of generated schemas for which hypothesis-jsonschema finds a value. */

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import process from "node:process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Json, JsonSchema } from "../../lib/contract/mod.ts";
import { parseJson, stringifyJson } from "../../lib/json/mod.ts";
import { createSampler } from "../../lib/mock/values/mod.ts";
import { compileSchema } from "../../lib/validate/mod.ts";
import { pythonEnvironment, pythonSkip } from "../support/python.ts";
import { tempFolder } from "../support/temp_folder.ts";
import { RUNS_ALL_CASES } from "../support/verify.ts";

const SEED = process.env["PYRPC_SEED"] ?? "1";
const COUNT = 2_000;

/** Lines of JSON with a schema and a value. The gate reads 80 that the script printed. */
async function generatedSchemas(): Promise<readonly string[]> {
  if (!RUNS_ALL_CASES) {
    const path = new URL("../fixtures/generated-schemas.jsonl", import.meta.url);
    return (await readFile(path, "utf8")).trimEnd().split("\n");
  }
  const { python } = await pythonEnvironment("hypothesis");
  const script = fileURLToPath(
    new URL("../fixtures/pydantic/generated_schemas.py", import.meta.url),
  );
  // Hypothesis writes a cache to the working folder.
  await using folder = await tempFolder();
  const { stdout } = await promisify(execFile)(python, [script, SEED, String(COUNT)], {
    cwd: folder.path,
    maxBuffer: 1 << 28,
  });
  return stdout.trimEnd().split("\n");
}

test("createSampler() finds a value for 99 % of the schemas for which hypothesis-jsonschema does", {
  skip: RUNS_ALL_CASES && pythonSkip(),
  timeout: 1_100_000,
}, async (context) => {
  const missing: string[] = [];
  const lines = await generatedSchemas();
  for (const line of lines) {
    const [schema, value] = parseJson(line) as [JsonSchema, Json];
    const validator = compileSchema(schema);
    assert.equal(validator.check(value), undefined, line);
    const sample = createSampler().value(schema, SEED);
    if (sample === undefined) missing.push(line);
    else assert.equal(validator.check(sample), undefined, `${line}: ${stringifyJson(sample)}`);
  }
  context.diagnostic(`${lines.length} schemas, ${missing.length} without a sample value`);
  assert.ok(missing.length <= lines.length / 100, missing.slice(0, 5).join("\n"));
});
