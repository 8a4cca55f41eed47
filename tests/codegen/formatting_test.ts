import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import * as prettier from "prettier";
import { generateTypes, readGeneratedFile } from "../../lib/codegen/mod.ts";
import type { JsonObject } from "../../lib/contract/mod.ts";
import { arbitrarySchema, withDefinitions } from "../support/arbitrary_schema.ts";
import { contractOf } from "../support/contracts.ts";

test("generateTypes() output is not changed by Prettier", async () => {
  const schemas = fc.sample(arbitrarySchema, { seed: 20261121, numRuns: 300 });
  const { text } = generateTypes(contractOf(Object.fromEntries(schemas.map((schema, index) => {
    const written = index % 2 === 0 ? schema : withDefinitions(schema);
    const titled = index % 3 === 0 && typeof written === "object"
      ? { ...written, title: "Root" }
      : written;
    return [`p${index}`, { result: titled, doc: "Does something.\n\nAnd more." }];
  }))));
  assert.equal(await prettier.format(text, { parser: "typescript" }), text);
});

test("readGeneratedFile() finds no procedure in the placeholder of @pyrpc/types", () => {
  const { procedures, types } =
    readGeneratedFile("export type Types = Record<string, never>;\n").declarations;
  assert.deepEqual([procedures.size, types.size], [0, 0]);
});

test("generateTypes() leaves nothing to Prettier where lines are just too long", async () => {
  const letters = ["a", "b", "c"];
  const union = (length: number) => ({ enum: letters.map((letter) => letter.repeat(length)) });
  const tuple = (...prefixItems: JsonObject[]) => ({
    type: "array",
    prefixItems,
    minItems: prefixItems.length,
  });
  const around = (schema: JsonObject): JsonObject[] => [
    schema,
    { type: "array", items: schema },
    { type: "object", additionalProperties: schema },
    { type: "object", propertyNames: schema, additionalProperties: schema },
    { ...tuple(schema, { type: "integer" }), maxItems: 2 },
    { ...tuple(schema), items: schema },
    { anyOf: [schema, { type: "null" }] },
    { allOf: [{ type: "array", items: {} }, schema] },
  ];
  const schemas = [12, 18, 20, 22, 24, 26, 40, 80].flatMap((length) => around(union(length)));
  schemas.push(...around({ const: "d".repeat(90) }), ...around({ enum: ["日本".repeat(12), "é"] }));
  const long = "long_".repeat(15);
  const { text } = generateTypes(contractOf({
    ...Object.fromEntries(schemas.map((schema, index) => [
      `p${index}`,
      { result: { ...schema, title: index % 3 === 0 ? `${long}${index}` : `P${index}` } },
    ])),
    model: {
      result: {
        title: "Model",
        type: "object",
        properties: Object.fromEntries(schemas.map((schema, index) => [
          index % 5 === 0 ? `${long}${index}` : index % 5 === 1 ? `日本${index}` : `p${index}`,
          index % 2 === 0 ? schema : { ...schema, description: "日本" },
        ])),
      },
    },
    [long]: {},
    ["日本".repeat(14)]: {},
  }));
  assert.equal(await prettier.format(text, { parser: "typescript" }), text);
});

test("readGeneratedFile() sees through a formatter's hand", async () => {
  const schemas = fc.sample(arbitrarySchema, { seed: 4, numRuns: 100 });
  const generated = generateTypes(contractOf(Object.fromEntries(
    schemas.map((
      result,
      index,
    ) => [`p.${index}`, { result, parameters: [{ name: "v", schema: result }] }]),
  )));
  const formatted = await prettier.format(generated.text.replaceAll("// prettier-ignore\n", ""), {
    parser: "typescript",
    semi: false,
    singleQuote: true,
    printWidth: 40,
    useTabs: true,
    endOfLine: "crlf",
  });
  assert.notEqual(formatted, generated.text);
  const read = readGeneratedFile(formatted);
  assert.equal(read.hash, generated.hash);
  assert.deepEqual([...read.declarations.procedures.keys()], [
    ...generated.declarations.procedures.keys(),
  ]);
  assert.deepEqual([...read.declarations.types.keys()], generated.types);
});
