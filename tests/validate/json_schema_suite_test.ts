/**
 * The required part of the JSON Schema Test Suite for draft 2020-12 (`tests/fixtures/json-schema-test-suite`), without
 * remote references and `$dynamicRef`.
 */

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import type { JsonSchema } from "../../lib/contract/mod.ts";
import { parseJson, stringifyJson } from "../../lib/json/mod.ts";
import { compileSchema } from "../../lib/validate/mod.ts";

interface Group {
  readonly file: string;
  readonly description: string;
  readonly schema: JsonSchema;
  readonly tests: readonly {
    readonly description: string;
    readonly data: unknown;
    readonly valid: boolean;
  }[];
}

const EXCEPTIONS: ReadonlyMap<string, string> = new Map([
  [
    "vocabulary: no validation: invalid number, but it still validates",
    "the vocabulary is in a remote metaschema",
  ],
]);

const NEEDS_OTHERS = /"\$dynamicRef"|"\$ref":"https:\/\/json-schema\.org/;

test("compileSchema() agrees with the JSON Schema Test Suite", async () => {
  const path = new URL("../fixtures/json-schema-test-suite/draft2020-12.json", import.meta.url);
  const groups = parseJson(await readFile(path, "utf8")) as readonly Group[];
  const wrong: string[] = [];
  let count = 0;
  for (const { file, schema, description: group, tests } of groups) {
    if (NEEDS_OTHERS.test(stringifyJson(schema))) continue;
    for (const { description, data, valid } of tests) {
      count++;
      const isValid = compileSchema(schema).check(data) === undefined;
      if (isValid === valid) continue;
      const name = `${file}: ${description}`;
      wrong.push(EXCEPTIONS.has(name) ? name : `${file}: ${group}: ${description}`);
    }
  }
  assert.ok(count > 1_100, `${count} tests`);
  assert.deepEqual(wrong, [...EXCEPTIONS.keys()]);
});
