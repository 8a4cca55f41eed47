import assert from "node:assert/strict";
import { test } from "node:test";
import type { JsonSchema } from "../../lib/contract/mod.ts";
import { labelOf } from "../../lib/validate/labels.ts";

const DEFINITIONS: Readonly<Record<string, JsonSchema>> = {
  Cat: { type: "object", title: "Cat", properties: { kind: { const: "cat" } } },
  Dog: { type: "object", title: "Dog", properties: { kind: { enum: ["dog", "wolf"] } } },
  Colour: { type: "string", title: "Colour", enum: ["red", "blue"] },
  Loop: { anyOf: [{ type: "array", items: { $ref: "#/$defs/Loop" } }, { type: "integer" }] },
};

function label(schema: JsonSchema, pythonType?: string): string {
  return labelOf({
    pythonType,
    resolve(reference) {
      const name = reference.split("/").at(-1) ?? "";
      const target = DEFINITIONS[name];
      return target === undefined ? undefined : { schema: target, name };
    },
  }, schema);
}

const LABELS: readonly (readonly [want: string, schema: JsonSchema])[] = [
  ["int", { type: "integer" }],
  ["constrained-int", { type: "integer", minimum: 1 }],
  ["constrained-float", { type: "number", multipleOf: 2 }],
  ["bool", { type: "boolean" }],
  ["none", { type: "null" }],
  ["any", {}],
  ["constrained-str", { type: "string", pattern: "^a" }],
  ["datetime", { type: "string", format: "date-time" }],
  ["str", { type: "string", format: "a user's own" }],
  ["json[int]", {
    type: "string",
    contentMediaType: "application/json",
    contentSchema: { type: "integer" },
  }],
  ["list[str]", { type: "array", items: { type: "string" } }],
  ["set[any]", { type: "array", uniqueItems: true }],
  ["tuple[int, str]", { type: "array", prefixItems: [{ type: "integer" }, { type: "string" }] }],
  ["dict[str,int]", { type: "object", additionalProperties: { type: "integer" } }],
  ["dict[str,any]", { type: "object", additionalProperties: true }],
  ["dict[constrained-str,int]", { type: "object", patternProperties: { a: { type: "integer" } } }],
  ["dict[constrained-str,any]", { type: "object", propertyNames: { minLength: 1 } }],
  ["Cat", { $ref: "#/$defs/Cat" }],
  ["any", { $ref: "#/$defs/Missing" }],
  ["str-enum[Colour]", { $ref: "#/$defs/Colour" }],
  ["literal['a',1,None]", { enum: ["a", 1, null] }],
  ["literal['a']", { const: "a" }],
  ["nullable[int]", { anyOf: [{ type: "integer" }, { type: "null" }] }],
  ["union[int,bool]", { anyOf: [{ type: "integer" }, { type: "boolean" }] }],
  ["decimal", { anyOf: [{ type: "number" }, { type: "string" }] }],
  ["union[list[...],int]", { $ref: "#/$defs/Loop" }],
  ["nullable[tagged-union[Cat,Dog,Dog]]", {
    discriminator: { propertyName: "kind" },
    oneOf: [{ $ref: "#/$defs/Cat" }, { $ref: "#/$defs/Dog" }, { type: "null" }],
  }],
];

for (const [want, schema] of LABELS) {
  test(`labelOf() returns ${want} for ${JSON.stringify(schema)}`, () => {
    assert.equal(label(schema), want);
  });
}

test("labelOf() distinguishes Decimal from float | str by the Python type", () => {
  const schema = { anyOf: [{ type: "number" }, { type: "string" }] };
  assert.equal(label(schema, "float | str"), "union[float,str]");
  assert.equal(label(schema, "Decimal"), "decimal");
});
