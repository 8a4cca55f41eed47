import assert from "node:assert/strict";
import { test } from "node:test";
import {
  formatContract,
  isSelected,
  narrowSelection,
  parseContract,
  selectProcedures,
  unmatchedPatterns,
} from "../../lib/contract/mod.ts";
import { runCli } from "../support/run_cli.ts";

const model = (name: string) => ({
  $defs: {
    [name]: { type: "object", title: name, properties: { id: { type: "integer" } } },
  },
  $ref: `#/$defs/${name}`,
});
const procedure = (name: string, result: object) => ({
  name,
  parameters: [],
  return_type: "x",
  return_schema: result,
  doc: `Docs of ${name}`,
  is_async: false,
});
const DOCUMENT = {
  "shop.list": procedure("shop.list", model("Product")),
  "shop.add": procedure("shop.add", { type: "integer" }),
  "admin.wipe": procedure("admin.wipe", model("SecretAudit")),
  health: procedure("health", { type: "boolean" }),
};
const CONTRACT = parseContract(DOCUMENT, { where: "test" });
const SECRETS = /admin|wipe|SecretAudit/;

test("isSelected() matches names with * and prefers what is excluded", () => {
  const rows = [
    ["shop.list", ["shop.*"], [], true],
    ["shopping", ["shop.*"], [], false],
    ["shop.a.b", ["shop.*"], [], true],
    ["health", [], [], true],
    ["health", [], ["h*h"], false],
    ["shop.list", ["shop.list"], ["*.list"], false],
    ["a.b+c", ["a.b+c"], [], true],
    ["axb+c", ["a.b+c"], [], false],
    ["anything", ["*"], [], true],
    ["abab", ["*ab*ab*"], [], true],
    ["ab", ["*ab*ab"], [], false],
    ["a".repeat(5000), [`${"*a".repeat(500)}b`], [], false],
  ] as const;
  for (const [name, include, exclude, wanted] of rows) {
    assert.equal(isSelected(name, { include, exclude }), wanted, `${name} ${include} ${exclude}`);
  }
});

test("narrowSelection() never includes again what the outer selection excludes", () => {
  const outer = { include: ["shop.*"], exclude: ["admin.*"] };
  const narrowed = narrowSelection(outer, { include: ["*"], exclude: ["health"] });
  assert.deepEqual(narrowed, { include: ["*"], exclude: ["admin.*", "health"] });
  assert.deepEqual(narrowSelection(outer, { include: [], exclude: [] }), outer);
});

test("selectProcedures() removes procedures with their models, and refuses a selection of nothing", () => {
  const selected = selectProcedures(CONTRACT, { include: [], exclude: ["admin.*"] }, "test");
  assert.deepEqual([...selected.procedures.keys()], ["shop.list", "shop.add", "health"]);
  assert.doesNotMatch(formatContract(selected), SECRETS);
  assert.throws(
    () => selectProcedures(CONTRACT, { include: ["shp.*"], exclude: [] }, "test"),
    { code: "NO_PROCEDURE_SELECTED" },
  );
  const patterns = { include: ["shop.*"], exclude: ["amdin.*"] };
  assert.deepEqual(unmatchedPatterns(CONTRACT, patterns), ["amdin.*"]);
});

const schema = { "schema.json": JSON.stringify(DOCUMENT) };
const client = { ...schema, "package.json": "{}" };
const flags = ["--exclude", "admin.*"];
const configured = (member: object) => ({
  ...client,
  "pyrpc-client.json": JSON.stringify({
    distribution: "server",
    server_url: "http://127.0.0.1:9",
    ...member,
  }),
});

// Every way from a contract to something that others read.
const ROWS: readonly (readonly [string[], Readonly<Record<string, string>>])[] = [
  [["codegen", "schema.json", "--out", "api.ts", ...flags], schema],
  [["codegen", "schema.json", "--out", "-", ...flags], schema],
  [["codegen", "schema.json", ...flags], client],
  [["pull", "schema.json", "--out", "copy.json", ...flags], schema],
  [["pull", "schema.json", ...flags], schema],
  [["export", "openrpc", "schema.json", ...flags], schema],
  [["mock", "schema.json", "--dump", "answers", ...flags], schema],
  [["sync", "--offline", "schema.json", ...flags], client],
  [["sync", "--offline", "schema.json", "--out", "-", ...flags], client],
  [["sync", "--offline", "schema.json"], configured({ exclude: ["admin.*"] })],
  [["sync", "--offline", "schema.json"], configured({ include: ["shop.*", "health"] })],
  [["sync", "--offline", "schema.json", "--include", "*"], configured({ exclude: "admin.*" })],
];

for (const [args, files] of ROWS) {
  const name = `pyrpc ${args.join(" ")}${
    "pyrpc-client.json" in files ? " (pyrpc-client.json)" : ""
  }`;
  test(`${name} reveals no excluded procedure and no model of one`, async () => {
    const { code, stdout, stderr, files: written } = await runCli(args, { files });
    assert.equal(code, 0, stderr);
    const text = [stdout, ...Object.values(written)].join("\n");
    assert.match(text, /shop/);
    assert.doesNotMatch(text, SECRETS);
    assert.doesNotMatch(Object.keys(written).join("\n"), SECRETS);
  });
}

test("a pattern without a match is a warning, an empty one is refused", async () => {
  const args = ["codegen", "schema.json", "--out", "api.ts", "--exclude"];
  const misspelled = await runCli([...args, "amdin.*"], { files: schema });
  assert.equal(misspelled.code, 0);
  assert.match(misspelled.stderr, /warning: no procedure matches the pattern "amdin\.\*"/);
  assert.equal((await runCli([...args, ""], { files: schema })).code, 2);
});
