import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { test } from "node:test";
import fc from "fast-check";
import { generateTypes, readGeneratedFile } from "../../lib/codegen/mod.ts";
import type { Json, JsonObject } from "../../lib/contract/mod.ts";
import { contractOf, type ProcedureInit } from "../support/contracts.ts";
import { checkTypes } from "../support/check_types.ts";
import { tscFolder } from "../support/typescript.ts";

const ts = createRequire(import.meta.url)(
  `${tscFolder("5.9")}/lib/typescript.js`,
) as typeof import("typescript");

const FRAGMENTS = [
  "*/",
  "/*",
  "//",
  "`",
  "${evil()}",
  '"',
  "'",
  "\\",
  "\n",
  "\r",
  "\u2028",
  "\u2029",
  "\u202e",
  "\u200b",
  "\0",
  "\ufeff",
  "</script>",
  "<!--",
  "../../x",
  "__proto__",
  "constructor",
  "toString",
  "@param",
  "{@link x}",
  ";",
  "}",
  "{",
  "]",
  "=>",
  "evil()",
  "import('x')",
  "\ud800",
  "\ufffd",
  "\\'",
  "・",
  "😀",
  "é",
  "#",
  "a",
  "A",
  "1",
  " ",
  "",
  "export",
  "Types",
  "Promise",
  "%",
  "~",
  "/",
];

const hostile = fc.array(fc.constantFrom(...FRAGMENTS), { maxLength: 6 }).map((parts) =>
  parts.join("")
);

const schema: fc.Arbitrary<JsonObject> = fc.record({
  type: fc.constantFrom("object", "string", "array"),
  title: hostile,
  description: hostile,
  default: hostile,
  format: hostile,
  pattern: hostile,
  $defs: fc.dictionary(
    hostile,
    fc.record({ title: hostile, enum: fc.array(hostile, { minLength: 1 }) }),
  ),
  properties: fc.dictionary(
    hostile,
    fc.oneof(
      fc.record({
        type: fc.constant("string"),
        title: hostile,
        description: hostile,
        default: hostile,
      }),
      fc.record({ enum: fc.array(hostile, { minLength: 1 }) }),
      fc.record({ const: hostile }),
      hostile.map((key) => ({ $ref: `#/$defs/${key}` })),
    ),
  ),
  patternProperties: fc.dictionary(hostile, fc.constant({ type: "integer" })),
  required: fc.array(hostile),
}, { requiredKeys: ["type"] }) as fc.Arbitrary<JsonObject>;

const procedures: fc.Arbitrary<Record<string, ProcedureInit>> = fc.dictionary(
  hostile,
  fc.record({
    parameters: fc.uniqueArray(
      fc.record({ name: hostile, schema, default: hostile }, { requiredKeys: ["name", "schema"] }),
      { selector: ({ name }) => name, maxLength: 3 },
    ),
    result: schema,
    doc: hostile,
  }),
  { minKeys: 1, maxKeys: 3 },
) as fc.Arbitrary<Record<string, ProcedureInit>>;

/** Statements of a file other than types; an empty list for a file of types and one constant of texts. */
function foreignNodes(text: string): string[] {
  const file = ts.createSourceFile("types.ts", text, ts.ScriptTarget.ESNext, true);
  const errors =
    (file as unknown as { parseDiagnostics: { messageText: unknown }[] }).parseDiagnostics;
  const found = errors.map(({ messageText }) => `syntax: ${JSON.stringify(messageText)}`);
  for (const statement of file.statements) {
    if (ts.isTypeAliasDeclaration(statement)) continue;
    if (!ts.isVariableStatement(statement)) found.push(ts.SyntaxKind[statement.kind]);
  }
  const visit = (node: import("typescript").Node): void => {
    if (
      ts.isCallExpression(node) || ts.isTemplateLiteral(node) || ts.isImportTypeNode(node) ||
      ts.isTypeQueryNode(node)
    ) {
      found.push(ts.SyntaxKind[node.kind]);
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}

/** The names that the generated constant holds, read by the compiler. */
function namesIn(text: string): string[] {
  const file = ts.createSourceFile("types.ts", text, ts.ScriptTarget.ESNext, true);
  const statement = file.statements.findLast((statement) => ts.isVariableStatement(statement));
  const value =
    (statement as import("typescript").VariableStatement).declarationList.declarations[0]!
      .initializer;
  return (value as import("typescript").ObjectLiteralExpression).properties.map(({ name }) =>
    ts.isComputedPropertyName(name!)
      ? (name.expression as import("typescript").StringLiteral).text
      : (name as import("typescript").Identifier).text
  );
}

test("generateTypes() cannot be broken out of by names, titles, docs, values or references", () => {
  fc.assert(
    fc.property(procedures, (given) => {
      const { text } = generateTypes(contractOf(given));
      assert.deepEqual(foreignNodes(text), []);
      assert.deepEqual(namesIn(text).sort(), Object.keys(given).sort());
      // deno-lint-ignore no-control-regex
      assert.doesNotMatch(
        text,
        /[\u0000-\u0009\u000b-\u001f\u007f\u2028\u2029\u202e\u200b\ufeff]|<\/script/,
      );
    }),
    { numRuns: 300, seed: 7 },
  );
});

test("generateTypes() compiles for hostile contracts", async () => {
  const samples = fc.sample(procedures, { seed: 11, numRuns: 40 });
  const together = Object.fromEntries(samples.flatMap((sample) => Object.entries(sample)));
  const { text } = generateTypes(contractOf(together));
  for (const version of ["5.4", "7.0"] as const) {
    assert.deepEqual(await checkTypes(text, [], { version }), []);
  }
});

test("generateTypes() begins no file so that TypeScript 5.4 treats it as binary", async () => {
  const result = { title: "A", enum: ["\ufffd", "\ud800"], description: "\ufffd\ud800" };
  const { text } = generateTypes(contractOf({ f: { result } }));
  assert.deepEqual(await checkTypes(text, [], { version: "5.4" }), []);
});

test("readGeneratedFile() finds every procedure and type again, whatever they are called", () => {
  fc.assert(
    fc.property(procedures, (given) => {
      const generated = generateTypes(contractOf(given));
      const file = readGeneratedFile(generated.text);
      assert.equal(file.hash, generated.hash);
      assert.deepEqual([...file.declarations.procedures.keys()].sort(), Object.keys(given).sort());
      assert.deepEqual([...file.declarations.types.keys()].sort(), [...generated.types].sort());
    }),
    { numRuns: 200, seed: 3 },
  );
});

function nested(depth: number, wrap: (inner: Json) => JsonObject): JsonObject {
  let schema: JsonObject = { type: "integer" };
  for (let level = 0; level < depth; level++) schema = wrap(schema);
  return schema;
}

test("generateTypes() ends on schemas nested 10,000 deep, with a warning", async () => {
  for (
    const wrap of [
      (items: Json): JsonObject => ({ type: "array", items }),
      (inner: Json): JsonObject => ({ anyOf: [inner, { type: "null" }] }),
      (inner: Json): JsonObject => ({ type: "object", properties: { a: inner }, title: "Deep" }),
    ]
  ) {
    const { text, warnings } = generateTypes(contractOf({ f: { result: nested(10_000, wrap) } }));
    assert.match(warnings[0]?.message ?? "", /nested deeper than/);
    assert.deepEqual(await checkTypes(text, []), []);
  }
});

test("generateTypes() follows a chain and a ring of 10,000 models", () => {
  const model = (index: number, next: number): JsonObject => ({
    title: `M${index}`,
    type: "object",
    properties: { next: { $ref: `#/$defs/M${next}` } },
  });
  for (const last of [{ type: "integer" }, model(9_999, 0)]) {
    const $defs = Object.fromEntries(Array.from({ length: 10_000 }, (_, index) => [
      `M${index}`,
      index === 9_999 ? last : model(index, index + 1),
    ]));
    const { types } = generateTypes(contractOf({ f: { result: { $defs, $ref: "#/$defs/M0" } } }));
    assert.equal(types.length, 10_000);
  }
});

test("generateTypes() accepts an enum of 100,000 values", () => {
  const values = Array.from({ length: 100_000 }, (_, index) => `value ${index}`);
  const { text } = generateTypes(contractOf({ f: { result: { title: "Big", enum: values } } }));
  assert.equal(text.split("\n").filter((line) => line.startsWith('  | "value ')).length, 100_000);
});

test("generateTypes() types a reference that leads nowhere as unknown", () => {
  for (
    const $ref of [
      "#/$defs/x",
      "#/../../x",
      "file:///etc/passwd",
      "#/%zz",
      "#/__proto__",
      "#/constructor/prototype",
      "",
    ]
  ) {
    const { procedures: [procedure], warnings } = generateTypes(
      contractOf({ f: { result: { $ref } } }),
    );
    assert.equal(procedure?.result, "unknown", $ref);
    assert.equal(warnings.length, 1, $ref);
  }
});
