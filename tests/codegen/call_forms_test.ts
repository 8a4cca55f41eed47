import assert from "node:assert/strict";
import { test } from "node:test";
import { generateTypes } from "../../lib/codegen/mod.ts";
import { contractOf, type ProcedureInit } from "../support/contracts.ts";
import { type Check, checkTypes } from "../support/check_types.ts";
import { openEditor, TYPESCRIPT_VERSIONS } from "../support/typescript.ts";

const INT = { type: "integer" };
const STR = { type: "string" };
const NULLABLE = { anyOf: [STR, { type: "null" }] };
const MODEL = { title: "Product", type: "object", properties: { a: INT }, required: ["a"] };
const LIST = { type: "array", items: STR };

const PROCEDURES: Record<string, ProcedureInit> = {
  none: {},
  one: { doc: "Counts.", parameters: [{ name: "name", schema: STR }] },
  two: { doc: "Counts.", parameters: [{ name: "a", schema: INT }, { name: "b", schema: STR }] },
  defaulted: {
    parameters: [{ name: "name", schema: STR }, {
      name: "greeting",
      schema: STR,
      default: "Hello",
    }],
  },
  optional: {
    doc: "Counts.",
    parameters: [{ name: "limit", schema: INT, default: 20 }],
    result: { type: "null" },
  },
  untyped: {
    parameters: [{ name: "value", schema: {} }, { name: "flag", schema: {}, default: false }],
  },
  model: { parameters: [{ name: "product", schema: MODEL }] },
  nullable: { parameters: [{ name: "note", schema: NULLABLE }] },
  nullable_optional: { parameters: [{ name: "q", schema: NULLABLE, default: null }] },
  nullable_list: {
    doc: "Counts.",
    parameters: [{ name: "ids", schema: { anyOf: [LIST, { type: "null" }] }, default: null }],
  },
  nullable_enum: {
    parameters: [
      {
        name: "status",
        schema: { anyOf: [{ title: "Status", enum: ["a", "b"] }, { type: "null" }] },
        default: null,
      },
      { name: "limit", schema: INT, default: 20 },
    ],
  },
  nullable_alias: {
    parameters: [{
      name: "v",
      schema: {
        $defs: { Maybe: { anyOf: [INT, MODEL, { $ref: "#/$defs/Maybe" }, { type: "null" }] } },
        $ref: "#/$defs/Maybe",
      },
    }],
  },
  nullable_model: {
    parameters: [{ name: "product", schema: { anyOf: [MODEL, { type: "null" }] }, default: null }],
  },
  text_or_model: { parameters: [{ name: "product", schema: { anyOf: [STR, MODEL] } }] },
  anything: { parameters: [{ name: "value", schema: {} }] },
  any_second_none: { parameters: [{ name: "a" }, { name: "v", schema: {}, default: null }] },
  any_second: { parameters: [{ name: "a" }, { name: "v", schema: {}, default: 5 }] },
  anything_optional: { parameters: [{ name: "value", schema: {}, default: null }] },
  model_first: {
    parameters: [{ name: "product", schema: MODEL }, { name: "n", schema: INT, default: 1 }],
  },
  list: { parameters: [{ name: "tags", schema: LIST }] },
  keyword_only: {
    parameters: [{ name: "a", schema: INT, default: 1 }, { name: "b", schema: INT }],
  },
  reserved: {
    parameters: [{ name: "class", schema: STR }, { name: "new", schema: STR }, {
      name: "class_",
      schema: STR,
    }],
  },
  sized: { parameters: [{ name: "length", schema: INT }] },
  "users.get": { parameters: [{ name: "id", schema: INT }] },
  'it\'s "odd"': { parameters: [{ name: "x-dash", schema: INT }] },
  ["__proto__"]: {},
  constructor: {},
  "": {},
  change: { kind: "mutation", parameters: [{ name: "a", schema: INT }] },
  kindless: { kind: null, parameters: [{ name: "a", schema: INT }] },
};

const yes = (code: string): Check => ({ code, compiles: true });
const no = (code: string): Check => ({ code, compiles: false });

const CALLS: readonly Check[] = [
  yes("void c.none();"),
  no("void c.none({});"),
  yes('void c.one("x");'),
  yes('void c.one({ name: "x" });'),
  no("void c.one();"),
  no("void c.one(undefined);"),
  no('void c.one("x", undefined);'),
  no('void c.one({ name: "x", more: 1 });'),
  yes('void c.two(1, "x");'),
  yes('void c.two({ a: 1, b: "x" });'),
  no("void c.two(1);"),
  no('void c.two([1, "x"]);'),
  no("void c.two({ a: 1 });"),
  yes('void c.defaulted("x");'),
  yes('void c.defaulted("x", "Hi");'),
  yes('void c.defaulted({ name: "x" });'),
  // Would be sent as null, which is not "left out".
  no('void c.defaulted("x", undefined);'),
  yes("void c.optional();"),
  yes("void c.optional(5);"),
  yes("void c.optional({});"),
  yes("void c.optional({ limit: 5 });"),
  no("void c.optional(undefined);"),
  yes("void c.untyped(1, [2]);"),
  yes("void c.untyped(undefined as unknown, null);"),
  no("void c.untyped(1, undefined);"),
  // Would be sent as the model's fields.
  no("void c.model({ a: 1 });"),
  yes("void c.model({ product: { a: 1 } });"),
  // Would be sent as no parameters.
  no("void c.nullable(null);"),
  yes('void c.nullable("x");'),
  yes("void c.nullable({ note: null });"),
  yes('void c.nullable_optional("x");'),
  yes("void c.nullable_optional();"),
  yes("void c.nullable_optional({ q: null });"),
  no("void c.nullable_optional(null);"),
  no("void c.nullable_optional(undefined);"),
  no("void c.nullable_optional(1);"),
  yes('void c.nullable_list(["x"]);'),
  yes("void c.nullable_list();"),
  yes("void c.nullable_list({ ids: null });"),
  no("void c.nullable_list(null);"),
  yes('void c.nullable_enum("a");'),
  yes('void c.nullable_enum("a", 5);'),
  yes("void c.nullable_enum(null, 5);"),
  yes("void c.nullable_enum({ status: null });"),
  no("void c.nullable_enum(null);"),
  no('void c.nullable_enum("c");'),
  yes("void c.nullable_alias(1);"),
  no("void c.nullable_alias({ a: 1 });"),
  no("void c.nullable_alias(null);"),
  yes("void c.nullable_alias({ v: { a: 1 } });"),
  no("void c.nullable_model({ a: 1 });"),
  no("void c.nullable_model(null);"),
  yes("void c.nullable_model({ product: { a: 1 } });"),
  yes('void c.text_or_model("x");'),
  no("void c.text_or_model({ a: 1 });"),
  yes("void c.text_or_model({ product: { a: 1 } });"),
  yes("void c.any_second_none(1, undefined as unknown);"),
  no("void c.any_second(1, undefined as unknown);"),
  yes("void c.any_second(1, null);"),
  yes("void c.anything(1);"),
  yes("void c.anything([null]);"),
  no("void c.anything(null);"),
  no("void c.anything(undefined);"),
  no("void c.anything({ a: 1 });"),
  no("void c.anything(undefined as unknown);"),
  no("void c.anything(new Date());"),
  yes("void c.anything_optional();"),
  yes('void c.anything_optional("x");'),
  no("void c.anything_optional(null);"),
  yes("void c.anything({ value: new Date() });"),
  no("void c.model_first({ a: 1 });"),
  yes("void c.model_first({ a: 1 }, 2);"),
  yes("void c.model_first({ product: { a: 1 } });"),
  yes('void c.list(["x"]);'),
  yes('void c.list({ tags: ["x"] });'),
  yes("void c.keyword_only({ b: 2 });"),
  no("void c.keyword_only(1, 2);"),
  yes('void c.reserved("x", "y", "z");'),
  yes('void c.reserved({ class: "x", new: "y", class_: "z" });'),
  yes("void c.sized({ length: 1 });"),
  yes("void c.sized(1);"),
  // Texts and lists have a length of their own.
  no('void c.sized("text");'),
  no("void c.sized([]);"),
  yes('void c["users.get"](1);'),
  yes('void c["it\'s \\"odd\\""]({ "x-dash": 1 });'),
  yes('void c["__proto__"]();'),
  yes('void c["constructor"]();'),
  yes('void c[""]();'),
  no("void c.unknown_procedure();"),
  yes('const kind: "mutation" = c.change._pyrpcKind; void kind;'),
  no("void c.kindless._pyrpcKind;"),
  yes(
    'const kinds: api.ProcedureKinds = api.procedureKinds; const query: "query" = kinds.two; void query;',
  ),
  no("void api.procedureKinds.kindless;"),
];

test("generateTypes() offers the calls that the client sends rightly, and no other", async () => {
  const { text } = generateTypes(contractOf(PROCEDURES));
  const prelude = 'import * as values from "./types.js"; void values;';
  const withValues = CALLS.map((check) => ({
    ...check,
    code: check.code.replaceAll("api.procedureKinds", "values.procedureKinds"),
  }));
  assert.deepEqual(await checkTypes(text, withValues, { prelude }), []);
});

test("generateTypes() refuses undefined also without exactOptionalPropertyTypes", async () => {
  const { text } = generateTypes(contractOf(PROCEDURES));
  const checks = CALLS.filter(({ code }) => code.includes("undefined"));
  const compilerOptions = { exactOptionalPropertyTypes: false };
  assert.deepEqual(await checkTypes(text, checks, { compilerOptions }), []);
});

// The constraint of the adapters of pyRPC 0.9 and later, and the input that their hooks infer.
const ADAPTER = `
type Procedures = Record<string, (...args: any[]) => Promise<any>>;
type Input<F> = F extends (...args: infer A) => any
  ? A["length"] extends 0 ? void | undefined : [A] extends [[infer Only]] ? Only : A
  : never;
type Kind<F> = F extends { readonly _pyrpcKind: infer K } ? K : "query" | "mutation";
declare function createAdapter<T extends Procedures>(): {
  [P in keyof T]: {
    useQuery: "query" extends Kind<T[P]> ? (input: Input<T[P]>) => Awaited<ReturnType<T[P]>> : never;
    useMutation: "mutation" extends Kind<T[P]> ? () => { mutate(input: Input<T[P]>): void } : never;
  };
};
const hooks = createAdapter<api.Types>();
`;

const HOOKS: readonly Check[] = [
  yes("hooks.none.useQuery();"),
  yes("hooks.none.useQuery(undefined);"),
  yes('hooks.one.useQuery("x");'),
  yes('hooks.one.useQuery({ name: "x" });'),
  no("hooks.one.useQuery(1);"),
  yes('hooks.two.useQuery([1, "x"]);'),
  yes('hooks.two.useQuery([{ a: 1, b: "x" }]);'),
  no('hooks.two.useQuery({ a: 1, b: "x" });'),
  yes("hooks.optional.useQuery(5);"),
  yes("hooks.optional.useQuery({});"),
  yes("hooks.model.useQuery({ product: { a: 1 } });"),
  no("hooks.model.useQuery({ a: 1 });"),
  // The hooks spread a list: alone it must not be offered.
  no('hooks.list.useQuery(["x"]);'),
  yes('hooks.list.useQuery({ tags: ["x"] });'),
  yes('hooks.nullable_optional.useQuery("x");'),
  yes("hooks.nullable_optional.useQuery({ q: null });"),
  no("hooks.nullable_optional.useQuery(null);"),
  no('hooks.nullable_list.useQuery(["x"]);'),
  yes('hooks.nullable_list.useQuery({ ids: ["x"] });'),
  yes('hooks.nullable_enum.useQuery(["a"]);'),
  no("hooks.anything.useQuery([1]);"),
  yes("hooks.anything.useQuery({ value: [1] });"),
  yes('hooks["users.get"].useQuery(1);'),
  yes("hooks.change.useMutation().mutate(1);"),
  no("hooks.change.useQuery(1);"),
  yes("hooks.kindless.useQuery(1);"),
  yes("hooks.kindless.useMutation().mutate(1);"),
];

test("generateTypes() satisfies the adapters' constraint and the input of their hooks", async () => {
  const { text } = generateTypes(contractOf(PROCEDURES));
  const compilerOptions = { noUnusedLocals: false };
  assert.deepEqual(await checkTypes(text, HOOKS, { prelude: ADAPTER, compilerOptions }), []);
});

// A generic wrapper, as an application has one for its cache or its logs.
const WRAPPER = `
declare function query<K extends keyof api.Types>(
  name: K, ...args: api.ProcedureArguments<api.Types[K]>
): ReturnType<api.Types[K]>;
function logged<K extends keyof api.Types>(name: K, ...args: api.ProcedureArguments<api.Types[K]>) {
  const call = (null as unknown as api.Types)[name] as (...args: unknown[]) => ReturnType<api.Types[K]>;
  void call(...args);
  return query(name, ...args);
}
`;

// `c.name(arguments)` → `query("name", arguments)`.
function wrapped({ code, compiles }: Check): Check | undefined {
  const [, name, list] = /^void c\.(\w+)\((.*)\);$/.exec(code) ?? [];
  if (name === undefined || list === undefined) return undefined;
  const rest = list === "" ? "" : `, ${list}`;
  return { code: `void logged("${name}"${rest});`, compiles };
}

for (const version of TYPESCRIPT_VERSIONS) {
  test(`ProcedureArguments accepts in a wrapper what a call accepts under TypeScript ${version}`, async () => {
    const { text } = generateTypes(contractOf(PROCEDURES));
    const calls = CALLS.map(wrapped).filter((check) => check !== undefined);
    assert.ok(calls.length > 60, `${calls.length} calls`);
    const results = [
      yes('const n: Promise<null> = logged("optional"); void n;'),
      no('void logged("unknown_procedure");'),
      yes("const none: api.ProcedureArguments<api.Types['none']> = []; void none;"),
      yes(
        "const all: [] | [number] | [{ limit?: number }] = null as unknown as api.ProcedureArguments<api.Types['optional']>; void all;",
      ),
    ];
    assert.deepEqual(
      await checkTypes(text, [...calls, ...results], { prelude: WRAPPER, version }),
      [],
    );
  });
}

test("editors show the comment of a procedure for each of its signatures", () => {
  const { text } = generateTypes(contractOf(PROCEDURES));
  const calls = [
    "c.one('x');",
    "c.two(1, 'x');",
    "c.two({ a: 1, b: 'x' });",
    "c.optional();",
    "c.optional(5);",
    "c.optional({ limit: 1 });",
    "c.nullable_list();",
    "c.nullable_list([]);",
    "c.nullable_list({ ids: null });",
  ];
  const editor = openEditor(text, ["declare const c: api.Types;", ...calls].join("\n"));
  for (const call of calls) {
    const shown = editor(call);
    assert.match(shown.hover, /^Counts\./, `hover of ${call}`);
    assert.ok(shown.signatures.length > 0, call);
    for (const signature of shown.signatures) assert.match(signature, /^Counts\./, call);
  }
});

test("generateTypes() documents that keyword-only parameters need the named form", () => {
  const { text } = generateTypes(contractOf(PROCEDURES));
  assert.match(text, /Call it with named parameters[^]*?keyword_only/);
});

test("generateTypes() accepts a contract without procedures and one without kinds", async () => {
  for (const procedures of [{}, { kindless: PROCEDURES["kindless"]! }]) {
    const { text } = generateTypes(contractOf(procedures));
    assert.deepEqual(await checkTypes(text, [], { version: "5.4" }), []);
  }
});
