import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import type * as typescript from "typescript";
import { locateNames } from "../../lib/codegen/declaration_map.ts";
import { declarationMap, generateTypes, isDeclarationMap } from "../../lib/codegen/mod.ts";
import { contractOf } from "../support/contracts.ts";
import { compiler } from "../support/typescript.ts";

const HOSTILE = contractOf({
  'it\'s "odd"': { doc: "export type Fake = {\n  member: 1;" },
  "a.b": { parameters: [{ name: "n" }], kind: null },
  __proto__: { kind: "mutation" },
  long_name_of_a_procedure: {
    parameters: ["first_parameter", "second_parameter", "third_parameter"].map((name) => ({
      name,
    })),
    result: {
      title: "Model",
      type: "object",
      properties: {
        "inner: {": { type: "object", properties: { deep: { type: "integer" } } },
        "'": { enum: ["  member: 1;", "\n  member: 1;"] },
        plain: { type: "string", description: "  member: 1;" },
      },
    },
  },
});

test("locateNames() finds the positions that TypeScript's parser finds", async () => {
  const golden = await readFile(new URL("../golden/shop.ts", import.meta.url), "utf8");
  for (const text of [golden, generateTypes(HOSTILE).text]) {
    const located = [...locateNames(text)].flatMap(({ name, ranges }) =>
      ranges.map(({ start, end }) => `${name} ${start}-${end}`)
    );
    assert.deepEqual(located.sort(), parsedNames(text).sort());
  }
});

function parsedNames(text: string): string[] {
  const ts = compiler();
  const file = ts.createSourceFile("types.ts", text, ts.ScriptTarget.ES2022, true);
  const at = (position: number) => {
    const { line, character } = file.getLineAndCharacterOfPosition(position);
    return `${line},${character}`;
  };
  const range = (node: typescript.Node) => `${at(node.getStart(file))}-${at(node.end)}`;
  const aliases = file.statements.filter((statement) => ts.isTypeAliasDeclaration(statement));
  const last = aliases.findIndex(({ name }) => name.text === "Types");
  return aliases.slice(0, last + 1).flatMap(
    ({ name, type }) => {
      const start = at(text.lastIndexOf("\n", name.getStart(file)) + 1);
      const own = [`${name.text} ${start}-${start}`, `${name.text} ${range(name)}`];
      const members = ts.isTypeLiteralNode(type) ? type.members : [];
      return [
        ...own,
        ...members.flatMap((member) => {
          if (member.name === undefined || !ts.isPropertySignature(member)) return [];
          const key = `${name.text}.${member.name.getText(file)}`;
          const signatures = name.text !== "Types" || member.type === undefined
            ? []
            : literalsOf(ts, member.type).flatMap((literal) => literal.members)
              .filter((each) => ts.isCallSignatureDeclaration(each));
          return [member.name, ...signatures].map((node) => `${key} ${range(node)}`);
        }),
      ];
    },
  );
}

function literalsOf(
  ts: ReturnType<typeof compiler>,
  type: typescript.TypeNode,
): typescript.TypeLiteralNode[] {
  if (ts.isIntersectionTypeNode(type)) return type.types.flatMap((each) => literalsOf(ts, each));
  return ts.isTypeLiteralNode(type) ? [type] : [];
}

test("a map names only the files that it may, and none without definitions", () => {
  const contract = contractOf({ add: {}, other: {} });
  const generated = generateTypes(contract);
  const definitions = {
    files: ["/repository/a.py", "/elsewhere/b.py"],
    procedures: { add: [0, 3, 4, 7], other: [1, 1, 4, 9] } as const,
    models: [],
  };
  const map = (sources: readonly (string | undefined)[]) =>
    declarationMap(generated.text, generated, { file: "types.d.ts", definitions, sources });
  assert.equal(map([undefined, undefined]), undefined);
  const text = map(["../a.py", undefined]) ?? "";
  assert.ok(isDeclarationMap(text));
  assert.deepEqual(JSON.parse(text).sources, ["../a.py"]);
  for (const path of ['../a [x]/"b".py', "../c\\d.pyw"]) {
    assert.ok(isDeclarationMap(map([path, undefined]) ?? ""), path);
  }
  assert.equal(isDeclarationMap('{"version":3,"file":"a.js","sources":["a.ts"]}'), false);
});
