import assert from "node:assert/strict";
import { test } from "node:test";
import { generateTypes } from "../../lib/codegen/mod.ts";
import type { JsonObject, JsonSchema } from "../../lib/contract/mod.ts";
import { contractOf } from "../support/contracts.ts";
import { checkTypes } from "../support/check_types.ts";

const member = (title: string, extra: JsonObject = {}, required = ["kind"]): JsonObject => ({
  title,
  type: "object",
  properties: { kind: { const: title.toLowerCase() }, ...extra },
  required,
});
const DEFS = {
  Cat: member("Cat"),
  Dog: member("Dog"),
  Cow: member("Cow", { kind: { const: "cow", default: "cow" } }, []),
  Ant: member("Ant"),
  Bee: member("Bee"),
};
const REF = (name: string) => ({ $ref: `#/$defs/${name}` });
const union = (...names: string[]): JsonObject => ({
  discriminator: { propertyName: "kind" },
  oneOf: names.map(REF),
});
const withDefs = (schema: JsonObject): JsonObject => ({ $defs: { ...DEFS }, ...schema });
const argument = (schema: JsonSchema) => ({ parameters: [{ name: "v", schema }, { name: "n" }] });
const result = (schema: JsonSchema) => ({ result: schema });

test("generateTypes() names a discriminated union that several procedures use", async () => {
  const { text, procedures } = generateTypes(contractOf({
    f: argument(withDefs(union("Cat", "Dog"))),
    g: result(withDefs({ type: "array", items: union("Cat", "Dog") })),
    h: result(withDefs({ anyOf: [union("Cat", "Dog"), { type: "null" }] })),
  }));
  assert.match(text, /^export type CatOrDog = Cat \| Dog;$/m);
  assert.deepEqual(
    [procedures[0]?.parameters[0]?.type, procedures[1]?.result, procedures[2]?.result],
    ["CatOrDog", "CatOrDog[]", "CatOrDog | null"],
  );
  assert.deepEqual(
    await checkTypes(text, [
      { code: 'void c.f({ kind: "cat" }, 1);', compiles: true },
      { code: 'void c.f({ kind: "cow" }, 1);', compiles: false },
      {
        code:
          'void c.g().then(([pet]) => pet?.kind === "cat" ? null : pet?.kind satisfies "dog" | undefined);',
        compiles: true,
      },
    ]),
    [],
  );
});

test("generateTypes() spells a union out that one procedure or model uses", () => {
  const owner = { title: "Owner", type: "object", properties: { pet: union("Cat", "Dog") } };
  const one = generateTypes(contractOf({ f: result(withDefs(owner)) }));
  assert.match(one.text, /pet\?: Cat \| Dog;/);
  const two = generateTypes(contractOf({
    f: result(withDefs(owner)),
    g: argument(withDefs(union("Cat", "Dog"))),
  }));
  assert.match(two.text, /pet\?: CatOrDog;/);
});

test("generateTypes() names the union of an argument separately where it differs", () => {
  const { text, types } = generateTypes(contractOf({
    f: argument(withDefs(union("Cat", "Cow"))),
    g: result(withDefs(union("Cat", "Cow"))),
  }));
  assert.deepEqual(types, ["Cat", "CatOrCow", "CatOrCowInput", "Cow", "CowInput"]);
  assert.match(text, /^export type CatOrCow = Cat \| Cow;$/m);
  assert.match(text, /export type CatOrCowInput = Cat \| \(CowInput & \{ kind: "cow" \}\);/);
});

test("generateTypes() uses the name in $defs, also where Pydantic inlines the union", () => {
  const named = { $defs: { ...DEFS, Pet: union("Cat", "Dog") }, ...REF("Pet") };
  const { text, procedures, types } = generateTypes(contractOf({
    f: result(named),
    g: result(withDefs({ type: "array", items: union("Cat", "Dog") })),
  }));
  assert.deepEqual(types, ["Cat", "Dog", "Pet"]);
  assert.match(text, /^export type Pet = Cat \| Dog;$/m);
  assert.deepEqual(procedures.map((each) => each.result), ["Pet", "Pet[]"]);
});

test("generateTypes() shortens the name of a union of many, and distinguishes it from models", () => {
  const all = union("Cat", "Dog", "Cow", "Ant", "Bee");
  const clash = { title: "CatOrDog", type: "object", properties: {} };
  const { types } = generateTypes(contractOf({
    a: result(withDefs(all)),
    b: result(withDefs(all)),
    c: result(withDefs(union("Cat", "Dog"))),
    d: result(withDefs(union("Cat", "Dog"))),
    e: result(clash),
  }));
  assert.ok(types.includes("CatOrDogOrCowOr2More"), String(types));
  assert.ok(types.includes("CatOrDog2"), String(types));
});

test("generateTypes() follows a discriminated union that contains itself", async () => {
  const node = {
    title: "Node",
    type: "object",
    properties: { kind: { const: "node" }, items: { type: "array", items: union("Node", "Leaf") } },
    required: ["kind", "items"],
  };
  const defs = { $defs: { Node: node, Leaf: member("Leaf") } };
  const { text } = generateTypes(contractOf({
    f: result({ ...defs, ...union("Node", "Leaf") }),
    g: argument({ ...defs, ...union("Node", "Leaf") }),
  }));
  assert.match(text, /items: NodeOrLeaf\[\];/);
  assert.deepEqual(await checkTypes(text, []), []);
});
