import assert from "node:assert/strict";
import { test } from "node:test";
import { bindArguments } from "../../lib/validate/mod.ts";

const parameter = (name: string, required = true) => ({
  name,
  required,
  schema: {},
  default: null,
  type: "",
});

const cases: readonly {
  readonly name: string;
  readonly parameters: readonly ReturnType<typeof parameter>[];
  readonly params: unknown;
  readonly want: string | Readonly<Record<string, unknown>>;
}[] = [
  {
    name: "by position",
    parameters: [parameter("a"), parameter("b")],
    params: [1, 2],
    want: { a: 1, b: 2 },
  },
  {
    name: "by name",
    parameters: [parameter("a"), parameter("b")],
    params: { b: 2, a: 1 },
    want: { a: 1, b: 2 },
  },
  {
    name: "a default left out",
    parameters: [parameter("a"), parameter("b", false)],
    params: [1],
    want: { a: 1 },
  },
  { name: "nothing for nothing", parameters: [], params: null, want: {} },
  {
    name: "nothing for a default",
    parameters: [parameter("a", false)],
    params: undefined,
    want: {},
  },
  {
    name: "null, not left out",
    parameters: [parameter("a", false)],
    params: [null],
    want: { a: null },
  },
  {
    name: "missing by position",
    parameters: [parameter("a"), parameter("b")],
    params: [1],
    want: "missing a required argument: 'b'",
  },
  {
    name: "missing comes before unexpected",
    parameters: [parameter("a")],
    params: { b: 1 },
    want: "missing a required argument: 'a'",
  },
  {
    name: "null is an empty object",
    parameters: [parameter("a")],
    params: null,
    want: "missing a required argument: 'a'",
  },
  {
    name: "too many",
    parameters: [parameter("a")],
    params: [1, 2],
    want: "too many positional arguments",
  },
  {
    name: "unexpected",
    parameters: [parameter("a")],
    params: { a: 1, c: 2, b: 3 },
    want: "got an unexpected keyword argument 'c'",
  },
  {
    name: "unexpected with a quote",
    parameters: [],
    params: { "it's": 1 },
    want: 'got an unexpected keyword argument "it\'s"',
  },
  {
    name: "a name of a prototype is missing",
    parameters: [parameter("toString")],
    params: {},
    want: "missing a required argument: 'toString'",
  },
  {
    name: "a name of a prototype is unexpected",
    parameters: [],
    params: JSON.parse('{"__proto__":1}'),
    want: "got an unexpected keyword argument '__proto__'",
  },
];

for (const { name, parameters, params, want } of cases) {
  test(`bindArguments() binds as Python does: ${name}`, () => {
    const bound = bindArguments({ parameters }, params);
    const got = bound.ok ? Object.fromEntries(bound.arguments) : bound.message;
    assert.deepEqual(got, want);
  });
}
