import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { Ajv2020 } from "ajv/dist/2020.js";
import fc from "fast-check";
import { createSampler } from "../../lib/mock/values/mod.ts";
import {
  type Json,
  type JsonSchema,
  parseContract,
  type Procedure,
} from "../../lib/contract/mod.ts";
import { compileSchema } from "../../lib/validate/mod.ts";

function procedure(
  name: string,
  result: JsonSchema,
  parameters: Readonly<Record<string, JsonSchema>> = {},
): Procedure {
  return {
    name,
    parameters: Object.entries(parameters).map(([name, schema]) => ({
      name,
      schema,
      required: true,
      default: null,
      type: "",
    })),
    result,
    resultType: "",
    doc: "",
  };
}

const reference = new Ajv2020({
  strict: false,
  validateFormats: false,
  ownProperties: true,
  logger: false,
});

/** Makes many values of a schema; each must be valid by our validator and by Ajv. */
function checkValues(schema: JsonSchema, count: number, { ajv = true } = {}): Json[] {
  const sampler = createSampler({ warn: (message) => assert.fail(message) });
  const validator = compileSchema(schema);
  const verdict = ajv ? reference.compile(schema as object) : undefined;
  return Array.from({ length: count }, (_, index) => {
    const value = sampler.value(schema, String(index));
    assert.ok(value !== undefined);
    assert.equal(validator.check(value), undefined, JSON.stringify({ schema, value }));
    if (verdict !== undefined) {
      assert.ok(verdict(value), JSON.stringify({ schema, value, errors: verdict.errors }));
    }
    return value;
  });
}

const shop = async () =>
  parseContract(
    JSON.parse(await readFile(new URL("../fixtures/shop.schema.json", import.meta.url), "utf8")),
    { where: "fixture" },
  );

const HARD: Readonly<Record<string, JsonSchema>> = {
  "a pattern": { type: "string", pattern: "^[A-Z]{3}-\\d{4}$" },
  "a pattern with lengths": { type: "string", pattern: "^[a-z]+$", minLength: 20, maxLength: 24 },
  "a pattern not anchored": { type: "string", pattern: "\\d{3}", minLength: 10, maxLength: 12 },
  "a look-ahead": {
    type: "string",
    pattern: "^(?=.*[A-Z])(?=.*\\d)(?=.*[!@#])[A-Za-z\\d!@#]{8,12}$",
  },
  "a look-ahead before a dot": { type: "string", pattern: "^(?=.*[A-Z])(?=.*\\d).{8,}$" },
  "a negative look-ahead": { type: "string", pattern: "^(?!admin)[a-z]{5,8}$" },
  "a look-behind": { type: "string", pattern: "[a-z]+(?<!x)$" },
  "a back reference": { type: "string", pattern: "^(\\w)(\\w)\\2\\1$" },
  "letters of another script": { type: "string", pattern: "^\\p{Script=Greek}{3}$" },
  "an emoji": { type: "string", pattern: "^[\\u{1F600}-\\u{1F64F}]$" },
  "a choice": { type: "string", pattern: "^(red|green|blue)(,(red|green|blue))*$" },
  "Pydantic's old Decimal": { type: "string", pattern: "^(?!^[-+.]*$)[+-]?0*\\d*\\.?\\d*$" },
  "a short text": { type: "string", maxLength: 1 },
  "a long text": { type: "string", minLength: 300 },
  "an exact length": { type: "string", minLength: 2, maxLength: 2 },
  "an e-mail address that is short": { type: "string", format: "email", maxLength: 10 },
  "a URL": { type: "string", format: "uri", minLength: 1, maxLength: 2083 },
  "cents": { type: "number", multipleOf: 0.01, exclusiveMinimum: 0, exclusiveMaximum: 100 },
  "a narrow range": { type: "number", exclusiveMinimum: 0, exclusiveMaximum: 1e-9 },
  "a negative range": { type: "integer", maximum: -1_000_000 },
  "a huge range": { type: "integer", minimum: -9007199254740991, maximum: 9007199254740991 },
  "one number": { type: "integer", minimum: 7, maximum: 7 },
  "multiples": { type: "integer", multipleOf: 7, minimum: 1000, maximum: 1010 },
  "multiples of a half": { type: "number", multipleOf: 2.5, minimum: 11 },
  "unique items": {
    type: "array",
    items: { type: "integer", minimum: 1, maximum: 5 },
    uniqueItems: true,
    minItems: 5,
  },
  "unique words": {
    type: "array",
    items: { enum: ["a", "b", "c"] },
    uniqueItems: true,
    minItems: 3,
  },
  "a tuple": {
    type: "array",
    prefixItems: [{ type: "integer" }, { type: "string" }],
    minItems: 2,
    maxItems: 2,
  },
  "an open tuple": {
    type: "array",
    prefixItems: [{ type: "integer" }],
    items: { type: "string" },
    minItems: 4,
  },
  "no items": { type: "array", maxItems: 0, minItems: 0 },
  "a dictionary": { type: "object", additionalProperties: { type: "integer" }, minProperties: 4 },
  "a dictionary with named keys": {
    type: "object",
    propertyNames: { enum: ["a", "b"] },
    additionalProperties: { type: "integer" },
    minProperties: 2,
  },
  "a dictionary with keys of a pattern": {
    type: "object",
    patternProperties: { "^x-": { type: "integer" } },
    minProperties: 1,
  },
  "a dictionary of UUIDs": {
    type: "object",
    propertyNames: { format: "uuid" },
    additionalProperties: { type: "boolean" },
  },
  "a closed model": {
    type: "object",
    properties: { a: { type: "integer" } },
    required: ["a"],
    additionalProperties: false,
  },
  "hostile names": {
    type: "object",
    properties: JSON.parse(
      '{"__proto__":{"type":"integer"},"constructor":{"type":"string"},"":{"type":"null"}}',
    ),
    required: ["__proto__", "constructor", ""],
  },
  "a discriminated union": {
    oneOf: [{ $ref: "#/$defs/A" }, { $ref: "#/$defs/B" }],
    discriminator: { propertyName: "kind", mapping: { a: "#/$defs/A", b: "#/$defs/B" } },
    $defs: {
      A: {
        type: "object",
        title: "A",
        properties: { kind: { const: "a" }, x: { type: "integer" } },
        required: ["kind", "x"],
      },
      B: {
        type: "object",
        title: "B",
        properties: { kind: { enum: ["b"] }, y: { type: "string" } },
        required: ["kind", "y"],
      },
    },
  },
  "a tree": {
    $ref: "#/$defs/Tree",
    $defs: {
      Tree: {
        type: "object",
        title: "Tree",
        properties: {
          name: { type: "string" },
          children: { type: "array", items: { $ref: "#/$defs/Tree" } },
        },
        required: ["name", "children"],
      },
    },
  },
  "a wide tree": {
    $ref: "#/$defs/N",
    $defs: {
      N: {
        type: "object",
        properties: Object.fromEntries(
          ["a", "b", "c", "d"].map((
            name,
          ) => [name, { type: "array", items: { $ref: "#/$defs/N" } }]),
        ),
      },
    },
  },
  "a list of one's own kind": {
    $ref: "#/$defs/T",
    $defs: {
      T: {
        anyOf: [{ type: "array", items: { $ref: "#/$defs/T" }, minItems: 1 }, { type: "integer" }],
      },
    },
  },
  "a linked list": {
    $ref: "#/$defs/L",
    $defs: {
      L: {
        type: "object",
        properties: { next: { anyOf: [{ $ref: "#/$defs/L" }, { type: "null" }] } },
        required: ["next"],
      },
    },
  },
  "merged parts": {
    allOf: [{ type: "object", properties: { a: { type: "integer" } }, required: ["a"] }, {
      properties: { b: { const: 1 } },
      required: ["b"],
    }],
  },
  "several types": { type: ["string", "integer", "null"] },
  "a default that does not fit": {
    type: "object",
    properties: { a: { type: "integer", default: "x" } },
  },
  "examples": { type: "string", minLength: 3, examples: ["no", "fits"] },
  "anything": {},
  "JSON in a text": {
    type: "string",
    contentMediaType: "application/json",
    contentSchema: { type: "integer" },
  },
};

for (const [name, schema] of Object.entries(HARD)) {
  test(`createSampler() makes 100 of 100 values that fit: ${name}`, () => {
    const values = checkValues(schema, 100);
    // A value that Ajv accepts with the whole schema must survive as text, so that it can be sent.
    assert.equal(JSON.stringify(values), JSON.stringify(JSON.parse(JSON.stringify(values))));
  });
}

const PINNED = '{"id":2754,"name":"Simple Pebble"}';

const FORMATS = [
  "date-time",
  "date",
  "time",
  "duration",
  "uuid",
  "uuid1",
  "uuid4",
  "uuid7",
  "email",
  "name-email",
  "ipv4",
  "ipv6",
  "ipv4network",
  "ipv6network",
  "ipv4interface",
  "ipv6interface",
  "ipvanyaddress",
  "ipvanynetwork",
  "uri",
  "multi-host-uri",
  "path",
  "regex",
  "base64",
  "binary",
  "password",
];

for (const format of FORMATS) {
  test(`createSampler() makes texts of the format ${format}`, () => {
    checkValues({ type: "string", format }, 50, { ajv: false });
  });
}

test("createSampler() makes results of the whole shop contract that fit, defaulted fields present", async () => {
  const sampler = createSampler({ warn: (message) => assert.fail(message) });
  for (const one of (await shop()).procedures.values()) {
    // pyRPC's word for no annotation is not a type of JSON Schema.
    const isAny = (one.result as { type?: string }).type === "any";
    const verdict = reference.compile(isAny ? {} : one.result as object);
    const validator = compileSchema(one.result);
    for (let round = 0; round < 100; round++) {
      const args = new Map(Object.entries(sampler.arguments(one, String(round))));
      for (const { name, schema } of one.parameters) {
        assert.equal(compileSchema(schema).check(args.get(name)), undefined, `${one.name} ${name}`);
      }
      const value = sampler.result(one, args);
      assert.equal(validator.check(value), undefined, JSON.stringify({ name: one.name, value }));
      assert.ok(
        verdict(value),
        JSON.stringify({ name: one.name, value }),
      );
      if (one.name === "place_order") {
        assert.deepEqual(Object.keys(value as object), [
          "id",
          "lines",
          "payment",
          "placed_at",
          "status",
          "note",
        ]);
      }
    }
  }
});

test("createSampler() returns the same answer to the same call, and another with another seed", async () => {
  const list = (await shop()).procedures.get("list_products")!;
  const answer = (seed: string, args: Readonly<Record<string, unknown>>, own?: string) =>
    JSON.stringify(createSampler({ seed }).result(list, new Map(Object.entries(args)), own));
  const one = answer("", { limit: 2 });
  assert.equal(answer("", { limit: 2 }), one);
  assert.equal(
    answer("", { limit: 2, cursor: null, tags: null }),
    one,
    "a default left out is the same call",
  );
  assert.notEqual(answer("b", { limit: 2 }), one);
  assert.equal(answer("", { limit: 2 }, "b"), answer("b", { limit: 2 }));
  assert.notEqual(answer("", { limit: 3 }), one);
  // Written down once: what changes here changes every user's mock.
  assert.equal(
    JSON.stringify(
      createSampler().result(
        procedure("p", {
          type: "object",
          properties: { id: { type: "integer" }, name: { type: "string" } },
        }),
        new Map(),
      ),
    ),
    PINNED,
  );
});

test("createSampler() with a source of numbers does not repeat answers", () => {
  let calls = 0;
  const sampler = createSampler({ random: () => (calls++ * 0.618034) % 1 });
  const one = procedure("p", { type: "array", items: { type: "integer" }, minItems: 3 });
  assert.notDeepEqual(sampler.result(one, new Map()), sampler.result(one, new Map()));
});

test("createSampler() echoes arguments that match a member by name and type", async () => {
  const sampler = createSampler();
  const user: JsonSchema = {
    type: "object",
    title: "User",
    properties: {
      id: { type: "integer" },
      name: { type: "string" },
      email: { type: "string", format: "email" },
      status: { enum: ["on", "off"] },
    },
    required: ["id", "name", "email", "status"],
  };
  const result = (schema: JsonSchema, args: Readonly<Record<string, unknown>>) =>
    sampler.result(procedure("f", schema), new Map(Object.entries(args))) as Record<string, Json>;
  assert.equal(result(user, { id: 7 })["id"], 7);
  assert.equal(result(user, { user_id: 7 })["id"], 7);
  assert.notEqual(result(user, { id: "7" })["id"], "7", "another type");
  assert.equal(
    result(user, { id: 9007199254740993n as unknown as number })["id"],
    9007199254740993n,
  );
  assert.equal(result({ anyOf: [user, { type: "null" }] }, { id: 7 })["id"], 7);
  const created = result(user, {
    user: { name: "Ada", email: "ada@example.com", status: "nowhere" },
  });
  assert.deepEqual([created["name"], created["email"]], ["Ada", "ada@example.com"]);
  assert.ok(["on", "off"].includes(created["status"] as string));
  const listed = sampler.result(
    procedure("l", { type: "array", items: user }),
    new Map<string, unknown>([["status", "off"], ["limit", 4]]),
  ) as { status: string }[];
  assert.deepEqual(listed.map(({ status }) => status), ["off", "off", "off", "off"]);
  const usersGet = (await shop()).procedures.get("users.get")!;
  assert.equal((sampler.result(usersGet, new Map([["id", 7]])) as { id: number }).id, 7);
});

test("createSampler() makes keys of data, not of arguments, for a dictionary whose values have one type", () => {
  const [number, integer, text] = [{ type: "number" }, { type: "integer" }, { type: "string" }];
  const models = {
    $defs: { A: { type: "object" } },
    anyOf: [{ $ref: "#/$defs/A" }, { type: "object" }],
  };
  const sampler = createSampler();
  for (
    const additionalProperties of [
      { anyOf: [number, text] }, // Decimal
      { anyOf: [number, text, { type: "null" }] },
      { anyOf: [integer, { type: "null" }] },
      { anyOf: [integer, number] },
      models,
    ]
  ) {
    const keys = Object.keys(
      sampler.result(
        procedure("revenue", { type: "object", additionalProperties }),
        new Map([["year", 2024]]),
      ) as object,
    );
    assert.ok(keys.length > 0);
    const expected = ["year", "id", "name", "status", "count", "note", "version"];
    assert.deepEqual(keys.filter((key) => expected.includes(key)), []);
  }
});

test("createSampler() generates values that match their names", () => {
  const members = {
    email: /^[a-z.]+@example\.com$/,
    first_name: /^[A-Z][a-z]+$/,
    created_at: /^20\d\d-\d\d-\d\dT/,
    country: /^[A-Z]/,
    country_code: /^[A-Z]{2}$/,
    currency: /^[A-Z]{3}$/,
    phone: /^\+\d/,
    website: /^https:/,
    imageUrl: /^https:/,
    cityName: /\w/,
    date_of_birth: /^\d{4}-\d\d-\d\d$/,
    ip_address: /^192\.0\.2\.\d+$/,
    mac_address: /^02(:[0-9a-f]{2}){5}$/,
    house_number: /^\d{1,3}$/,
    job_title: /^[A-Z][a-z]+$/,
    hex_color: /^#[0-9a-f]{6}$/,
    color: /^[a-z]+$/,
    slug: /^[a-z]+-[a-z]+$/,
    iban: /^DE\d{20}$/,
    card_number: /^424242\d{10}$/,
    isbn: /^978\d{10}$/,
    barcode: /^400\d{10}$/,
    priority: /^(low|medium|high|urgent)$/,
    sha256: /^[0-9a-f]{64}$/,
    user_uuid: /^[0-9a-f]{8}-[0-9a-f]{4}-4/,
    user_agent: /^(Mozilla|curl)/,
  };
  const schema = {
    type: "object",
    properties: Object.fromEntries(Object.keys(members).map((name) => [name, { type: "string" }])),
    required: Object.keys(members),
  };
  for (const value of checkValues(schema, 20)) {
    for (const [name, pattern] of Object.entries(members)) {
      assert.match((value as Record<string, string>)[name]!, pattern, name);
    }
    const { iban, card_number: card, isbn } = value as Record<string, string>;
    const moved = `${iban!.slice(4)}${iban!.slice(0, 4)}`.replace(/[A-Z]/g, (letter) => {
      return String(letter.charCodeAt(0) - 55);
    });
    assert.equal(BigInt(moved) % 97n, 1n, iban!);
    // Luhn: from the right, every second digit counts twice.
    const luhn = [...card!].reverse().map(Number).reduce((sum, digit, index) => {
      return sum + (index % 2 === 0 ? digit : digit > 4 ? digit * 2 - 9 : digit * 2);
    }, 0);
    assert.equal(luhn % 10, 0, card!);
    const weighed = [...isbn!].reduce(
      (sum, digit, at) => sum + Number(digit) * (at % 2 ? 3 : 1),
      0,
    );
    assert.equal(weighed % 10, 0, isbn!);
  }
  const numbers = {
    type: "object",
    properties: {
      price: { type: "number" },
      age: { type: "integer" },
      year: { type: "integer" },
      latitude: { type: "number" },
    },
    required: ["price", "age", "year", "latitude"],
  };
  for (const value of checkValues(numbers, 20)) {
    const { price, age, year, latitude } = value as Record<string, number>;
    assert.ok(
      price! >= 5 && price! <= 500 && Number.isInteger(Math.round(price! * 1e6) / 1e4),
      String(price),
    );
    assert.ok(
      age! >= 18 && age! <= 80 && year! >= 2020 && year! <= 2027 && Math.abs(latitude!) <= 90,
    );
  }
});

test("createSampler() makes a least that is at most the most", () => {
  const price = { type: "number", minimum: 0 };
  const schema = {
    type: "object",
    properties: {
      min_price: { ...price, title: "Min Price" },
      max_price: { ...price, title: "Max Price" },
      minAge: { type: "integer" },
      maxAge: { type: "integer" },
      price_min: price,
      price_max: { ...price, maximum: 20 },
    },
    required: ["min_price", "max_price", "minAge", "maxAge", "price_min", "price_max"],
  };
  for (const value of checkValues(schema, 50)) {
    const { min_price: low, max_price: high, minAge, maxAge } = value as Record<string, number>;
    assert.ok(low! <= high! && minAge! <= maxAge!, JSON.stringify(value));
  }
});

test("createSampler() makes a page as long as the call asks for, no tag twice, deletions seldom", () => {
  const tags = { type: "array", items: { type: "string" } };
  const item = {
    type: "object",
    properties: {
      tags,
      deleted_at: { anyOf: [{ type: "string", format: "date-time" }, { type: "null" }] },
    },
    required: ["tags", "deleted_at"],
  };
  const page = {
    type: "object",
    properties: { items: { type: "array", items: item }, total: { type: "integer", minimum: 0 } },
    required: ["items", "total"],
  };
  const sampler = createSampler();
  const list = procedure("list_things", page, { limit: { type: "integer" } });
  let deleted = 0;
  for (let limit = 0; limit <= 20; limit++) {
    const { items, total } = sampler.result(list, new Map([["limit", limit]])) as unknown as {
      items: { tags: string[]; deleted_at: string | null }[];
      total: number;
    };
    assert.equal(items.length, limit);
    assert.ok(total >= limit, `${total} of ${limit}`);
    for (const { tags, deleted_at: at } of items) {
      assert.equal(new Set(tags).size, tags.length);
      deleted += at === null ? 0 : 1;
    }
  }
  assert.ok(deleted > 0 && deleted < 60, `${deleted} of 210`);
});

test("createSampler() ends on a schema that no value fits, and reports it once", () => {
  const warnings: string[] = [];
  const sampler = createSampler({ warn: (message) => warnings.push(message) });
  const endless = {
    $ref: "#/$defs/A",
    $defs: { A: { type: "object", properties: { a: { $ref: "#/$defs/A" } }, required: ["a"] } },
  };
  for (let count = 0; count < 3; count++) {
    assert.equal(sampler.result(procedure("endless", endless), new Map()), undefined);
  }
  assert.equal(sampler.value(false, "x"), undefined);
  assert.equal(sampler.value({ type: "integer", minimum: 2, maximum: 1 }, "x"), undefined);
  assert.ok(warnings.length >= 3);
});

// Limits that leave at least one value.
const range = fc.tuple(fc.integer({ min: -50, max: 50 }), fc.integer({ min: 0, max: 60 }));
const { schema } = fc.letrec<{ schema: JsonSchema; leaf: JsonSchema }>((tie) => ({
  leaf: fc.oneof(
    range.map(([minimum, more]) => ({ type: "integer", minimum, maximum: minimum + more })),
    range.map(([minimum, more]) => ({
      type: "number",
      exclusiveMinimum: minimum,
      maximum: minimum + more + 1,
    })),
    fc.integer({ min: 1, max: 9 }).map((multipleOf) => ({ type: "integer", multipleOf })),
    fc.tuple(fc.nat(30), fc.nat(30)).map(([minLength, more]) => ({
      type: "string",
      minLength,
      maxLength: minLength + more,
    })),
    fc.constantFrom(
      "^a",
      "b$",
      "^[a-c]{1,2}$",
      "(a|b)c?",
      "^(?!ab)",
      "^\\d+(\\.\\d\\d)?$",
      "^\\S+@\\S+$",
    ).map((pattern) => ({ type: "string", pattern })),
    fc.constantFrom({ type: "boolean" }, { type: "null" }, {}, { const: 5 }, {
      enum: ["x", 1, null],
    }, { $ref: "#/$defs/Tree" }),
  ) as fc.Arbitrary<JsonSchema>,
  schema: fc.oneof(
    { depthSize: "small" },
    tie("leaf"),
    fc.tuple(fc.nat(3), fc.nat(4), tie("schema")).map(([minItems, more, items]) => ({
      type: "array",
      items,
      minItems,
      maxItems: minItems + more,
    })),
    fc.array(tie("schema"), { minLength: 1, maxLength: 3 }).map((prefixItems) => ({
      type: "array",
      prefixItems,
      minItems: prefixItems.length,
      maxItems: prefixItems.length,
    })),
    fc.tuple(
      fc.dictionary(fc.constantFrom("a", "email", "id", "toString", "price"), tie("schema")),
      fc.boolean(),
      fc.boolean(),
    )
      .map(([properties, isRequired, additionalProperties]) => ({
        type: "object",
        properties,
        required: isRequired ? Object.keys(properties) : [],
        additionalProperties,
      })),
    fc.tuple(fc.nat(3), tie("schema")).map(([minProperties, additionalProperties]) => ({
      type: "object",
      additionalProperties,
      minProperties,
    })),
    fc.array(tie("schema"), { minLength: 2, maxLength: 3 }).map((anyOf) => ({ anyOf })),
  ) as fc.Arbitrary<JsonSchema>,
}));

const Tree = {
  type: "object",
  title: "Tree",
  properties: {
    name: { type: "string" },
    children: { type: "array", items: { $ref: "#/$defs/Tree" } },
  },
  required: ["name", "children"],
};

test("createSampler() makes values of generated schemas that Ajv and our validator accept", () => {
  fc.assert(
    fc.property(schema, (generated) => {
      // A member may be called anything; JSON.stringify keeps all of them.
      checkValues({ ...generated as object, $defs: { Tree } } as JsonSchema, 5);
    }),
    { numRuns: 120, seed: 3 },
  );
});
