import assert from "node:assert/strict";
import { test } from "node:test";
import { clientText } from "../../lib/client/mod.ts";
import { createClient } from "../../lib/client/pyrpc_client.ts";
import { generateTypes } from "../../lib/codegen/mod.ts";
import { contractOf, type ProcedureInit } from "../support/contracts.ts";
import { checkTypes } from "../support/check_types.ts";
import { openEditor } from "../support/typescript.ts";

/** Names that functions, objects and platforms use. */
const RESERVED = [
  ...new Set([
    ...Reflect.ownKeys(Function.prototype),
    ...Reflect.ownKeys(Object.prototype),
    "then",
    "toJSON",
    "$$typeof",
    "prototype",
  ]),
].filter((name) => typeof name === "string");

/** Names that are nested like any other. */
const ORDINARY = [
  ...["get", "default", "class", "catch", "0", "a b", "get-user", "", "naïve", "__proto", "nameOf"],
  ...["asymmetricMatch", "nodeType", "_isMockFunction", "inspect", "signal", "queryKey", "size"],
];

const at = (name: string) => `nested.users[${JSON.stringify(name)}]`;

test("a name is nested if, and only if, functions, objects and platforms do not use it", async () => {
  const sent: string[] = [];
  // deno-lint-ignore no-explicit-any
  const client = createClient<any>({ links: [() => async ({ method }) => sent.push(method)] });
  for (const name of ORDINARY) await client.users[name](1);
  assert.deepEqual(sent.splice(0), ORDINARY.map((name) => `users.${name}`));
  const own = (() => {}) as unknown as Record<string, unknown>;
  for (const name of RESERVED) {
    // Strict functions throw for `caller` and `arguments`.
    const valueOf = (read: () => unknown) => {
      try {
        return read();
      } catch {
        return "throws";
      }
    };
    const value = valueOf(() => client.users[name]);
    const expected = name === "prototype" ? value : valueOf(() => own[name]);
    // `length` and `name` are values of each function.
    assert.equal(typeof value, typeof expected, name);
    if (typeof value === "function") assert.equal(value, expected, name);
    await client[`users.${name}`](1);
    assert.deepEqual(sent.splice(0), [`users.${name}`]);
  }

  const types = [...ORDINARY, ...RESERVED].map((name) =>
    `  ${JSON.stringify(`users.${name}`)}: (a: number) => Promise<string>;`
  );
  const text = `${clientText()}\nexport type Types = {\n${types.join("\n")}\n};\n`;
  const checks = [...ORDINARY, ...RESERVED].flatMap((name) => [
    {
      code: `{ const call: (a: number) => Promise<string> = ${at(name)}; void call; }`,
      compiles: ORDINARY.includes(name),
    },
    {
      code: `{ const result: Promise<string> = nested[${
        JSON.stringify(`users.${name}`)
      }](1); void result; }`,
      compiles: true,
    },
  ]);
  const prelude = "declare const nested: api.Client<api.Types>;";
  assert.deepEqual(await checkTypes(text, checks, { prelude }), []);
});

const counts = (doc: string): ProcedureInit => ({ doc, parameters: [{ name: "a" }] });
const PROCEDURES = {
  admin: counts("Of admin."),
  "admin.version": counts("Of admin.version."),
  "admin.users.list": { doc: "Of admin.users.list.", parameters: [{ name: "a", default: 1 }] },
  "admin.version.major": counts("Of admin.version.major."),
};

test("editors show the comment of a procedure on its nested name, also through withOptions()", () => {
  const { text } = generateTypes(contractOf(PROCEDURES));
  const calls = ["c", "withOptions(c, {})", "withOptions(c.admin, {})"].flatMap((client) =>
    Object.keys(PROCEDURES)
      .filter((name) => !client.includes("c.admin") || name !== "admin")
      .map((name) => [name, `${client}.${client.includes("c.admin") ? name.slice(6) : name}`])
  );
  const use = ["declare const c: Client<api.Types>;", ...calls.map(([, call]) => `${call}(1);`)];
  const editor = openEditor(text, `${clientText()}\n${use.join("\n")}`);
  for (const [name = "", call = ""] of calls) {
    const { hover, signatures } = editor(`${call}(1);`);
    assert.match(hover, new RegExp(`^Of ${name}\\.`), call);
    assert.ok(signatures.length > 0);
    for (const signature of signatures) assert.match(signature, new RegExp(`^Of ${name}\\.`));
  }
});
