import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { compileUntypedValues } from "../../lib/proxy/mod.ts";
import type { JsonSchema } from "../../lib/contract/mod.ts";

const DECIMAL = { anyOf: [{ type: "number" }, { type: "string", pattern: "x" }] };

const ROWS: readonly (readonly [what: string, schema: JsonSchema, value: unknown, want: string])[] =
  [
    ["the value itself", DECIMAL, 1, "$:number"],
    ["a text", DECIMAL, "1", "$:string"],
    ["an integer beyond 2^53", DECIMAL, 2n ** 60n, "$:number"],
    ["null", { anyOf: [...DECIMAL.anyOf, { type: "null" }] }, null, ""],
    ["one type", { anyOf: [{ type: "string" }, { type: "null" }] }, "x", ""],
    [
      "a member",
      { properties: { a: DECIMAL, b: { type: "string" } } },
      { a: 1, b: "" },
      "a:number",
    ],
    ["a member that is not there", { properties: { a: DECIMAL } }, { b: 1 }, ""],
    ["a member of every object", { properties: { toString: DECIMAL } }, {}, ""],
    [
      "other members",
      { properties: { a: {} }, additionalProperties: DECIMAL },
      { a: 1, b: 1 },
      "b:number",
    ],
    ["items, both kinds once", { items: DECIMAL }, [1, "a", 2, "b"], "[]:number []:string"],
    ["a tuple", { prefixItems: [{}, DECIMAL], items: DECIMAL }, [1, "a", 2], "[]:string []:number"],
    ["lists in lists", { items: { items: DECIMAL } }, [[1]], "[][]:number"],
    ["references", { $ref: "#/$defs/D", $defs: { D: DECIMAL } }, 1, "$:number"],
    ["a reference to nothing", { $ref: "#/$defs/D" }, 1, ""],
    [
      "a type that contains itself",
      {
        $ref: "#/$defs/N",
        $defs: {
          N: { properties: { price: DECIMAL, children: { items: { $ref: "#/$defs/N" } } } },
        },
      },
      { price: 1, children: [{ price: "x", children: [] }] },
      "price:number children[].price:string",
    ],
    [
      "a type that contains itself, and nothing open",
      { $ref: "#/$defs/N", $defs: { N: { properties: { n: { $ref: "#/$defs/N" } } } } },
      { n: { n: {} } },
      "",
    ],
    [
      "branches",
      { anyOf: [{ type: "null" }, { properties: { a: DECIMAL } }] },
      { a: 1 },
      "a:number",
    ],
  ];

describe("compileUntypedValues()", () => {
  for (const [what, schema, value, want] of ROWS) {
    it(`finds ${want === "" ? "nothing in" : "an open type in"} ${what}`, () => {
      const found = compileUntypedValues(schema)(value);
      assert.equal(found.map(({ path, found }) => `${path}:${found}`).join(" "), want);
    });
  }

  it("ends where a value is deeper than anybody looks", () => {
    const schema = {
      $ref: "#/$defs/N",
      $defs: { N: { items: { $ref: "#/$defs/N" }, ...DECIMAL } },
    };
    let value: unknown = 1;
    for (let depth = 0; depth < 5_000; depth++) value = [value];
    assert.deepEqual(compileUntypedValues(schema)(value), []);
  });
});
