import { Ajv2020 } from "ajv/dist/2020.js";
import assert from "node:assert/strict";
import process from "node:process";
import { test } from "node:test";
import fc from "fast-check";
import { generateTypes } from "../../lib/codegen/mod.ts";
import type { Json, JsonSchema } from "../../lib/contract/mod.ts";
import {
  arbitrarySchema,
  closed,
  randomNumbers,
  sampleValue,
  withDefinitions,
} from "../support/arbitrary_schema.ts";
import { contractOf } from "../support/contracts.ts";
import { type Check, checkTypes, expression } from "../support/check_types.ts";

const SEED = Number(process.env["PYRPC_SEED"] ?? 20261121);
const SCHEMAS = Number(process.env["PYRPC_RUNS"] ?? 150);

// Values that Ajv accepts (with closed models, since TypeScript rejects undeclared members) must compile; values that it
// rejects (with open models) must not.
test("generateTypes() accepts as an argument values that Ajv accepts, and nothing of another shape", async () => {
  const random = randomNumbers(SEED);
  const schemas = fc.sample(arbitrarySchema, { seed: SEED, numRuns: SCHEMAS });
  const written = schemas.map((schema, index) =>
    index % 2 === 0 ? schema : withDefinitions(schema)
  );
  const contract = contractOf(Object.fromEntries(written.map((schema, index) => [
    `p${index}`,
    { parameters: [{ name: "v", schema }, { name: "n" }] },
  ])));
  const checks: Check[] = [];
  schemas.forEach((schema, index) => {
    const others = Array.from({ length: 4 }, () => schemas[Math.floor(random() * schemas.length)]!);
    const values = [schema, schema, schema, ...others].map((from) =>
      sampleValue(from as Json, random)
    );
    const verdict = verdictOf(schema);
    for (const value of values) {
      const compiles = verdict(value);
      if (compiles === undefined) continue;
      checks.push({ code: `void c.p${index}({ v: ${expression(value)}, n: 1 });`, compiles });
    }
  });
  const { text, warnings } = generateTypes(contract);
  assert.deepEqual(warnings, []);
  const accepted = checks.filter(({ compiles }) => compiles).length;
  assert.ok(
    accepted > SCHEMAS && checks.length - accepted > SCHEMAS,
    `${accepted} of ${checks.length} accepted`,
  );
  const wrong = await checkTypes(text, checks);
  assert.deepEqual(
    wrong.slice(0, 5),
    [],
    `${wrong.length} of ${checks.length} wrong, PYRPC_SEED=${SEED}`,
  );
});

/** Returns true if a value must compile; `undefined` if it differs in undeclared members only. */
function verdictOf(schema: JsonSchema): (value: Json) => boolean | undefined {
  const ajv = new Ajv2020({ strict: false, validateFormats: false, validateSchema: false });
  // `oneOf` refuses what fits twice and `integer` refuses 1.5, which are no matters of shape.
  const relaxed = JSON.parse(
    JSON.stringify(schema).replaceAll('"oneOf":', '"anyOf":').replaceAll('"integer"', '"number"'),
  );
  const open = ajv.compile(relaxed);
  const shut = ajv.compile(closed(relaxed) as object);
  return (value) => !open(value) ? false : shut(value) ? true : undefined;
}
