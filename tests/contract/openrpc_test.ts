import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { describe, it } from "node:test";
import { Ajv, type SchemaObject } from "ajv";
import { fromOpenrpc } from "../../lib/contract/from_openrpc.ts";
import { type JsonObject, parseContract, toOpenrpc } from "../../lib/contract/mod.ts";

const shop = parseContract(
  JSON.parse(readFileSync(new URL("../fixtures/shop.schema.json", import.meta.url), "utf8")),
  { where: "shop.schema.json" },
);

/** OpenRPC's own schema of its documents. */
function validator() {
  const ajv = new Ajv({ strict: false, validateSchema: false, logger: false });
  // Engines differ in what `import` makes of these CommonJS modules, not in what `require` does.
  const require = createRequire(import.meta.url);
  const { default: own } = require("@json-schema-tools/meta-schema") as { default: object };
  const { openrpcDocument } = require("@open-rpc/meta-schema") as { openrpcDocument: object };
  const bare = (schema: object): SchemaObject =>
    Object.fromEntries(Object.entries(schema).filter(([key]) => key !== "$schema"));
  ajv.addSchema(bare(own), "https://meta.json-schema.tools");
  return ajv.compile(bare(openrpcDocument));
}

describe("toOpenrpc()", () => {
  it("makes a document that OpenRPC's meta-schema accepts", () => {
    const validate = validator();
    const document = toOpenrpc(shop, { title: "Shop", version: "1.0.0", url: "http://x/jsonrpc" });
    assert.ok(validate(document), JSON.stringify(validate.errors?.slice(0, 3)));
    assert.ok(!validate({ ...document, methods: [{ name: 5 }] }), "the judge judges");
  });

  it("keeps names, order, defaults and definitions", () => {
    const { methods } = toOpenrpc(shop) as unknown as {
      methods: {
        name: string;
        params: { name: string; required: boolean; schema: JsonObject }[];
      }[];
    };
    assert.deepEqual(methods.map(({ name }) => name), [...shop.procedures.keys()]);
    const greet = methods.find(({ name }) => name === "greet")!;
    assert.deepEqual(greet.params.map(({ name, required }) => [name, required]), [
      ["name", true],
      ["greeting", false],
    ]);
    assert.equal(greet.params[1]!.schema["default"], "Hello");
    const text = JSON.stringify(methods);
    assert.ok(!text.includes("$defs") && text.includes("#/definitions/"));
  });
});

describe("toOpenrpc() with a depth", () => {
  const of = (result: JsonObject, depth: number) => {
    const contract = parseContract({
      tree: { name: "tree", parameters: [], return_type: "Any", return_schema: result, doc: null },
    }, { where: "test" });
    const { methods } = toOpenrpc(contract, { depth }) as unknown as {
      methods: { result: { schema: JsonObject } }[];
    };
    return methods[0]!.result.schema;
  };
  const list = (name: string) => ({ type: "array", items: { $ref: `#/$defs/${name}` } });

  it("writes a type that contains itself so many levels deep, and cuts it off with a note", () => {
    const schema = of({ $ref: "#/$defs/N", $defs: { N: { title: "N", ...list("N") } } }, 2);
    assert.deepEqual(schema, {
      $ref: "#/definitions/N",
      definitions: {
        "N": { title: "N", type: "array", items: { $ref: "#/definitions/N.2" } },
        "N.2": { title: "N", type: "array", items: { $ref: "#/definitions/N.3" } },
        "N.3": {
          title: "N",
          type: "array",
          description: "Cut off: a recursive type, written out 2 levels deep.",
        },
      },
    });
  });

  it("follows types that contain one another, the schema itself, and names that are taken", () => {
    const schema = of({
      properties: { a: list("A"), self: { $ref: "#" } },
      $defs: { "A": list("B"), "B": { anyOf: [list("A"), list("A.2")] }, "A.2": { type: "null" } },
    }, 1);
    assert.deepEqual(Object.keys(schema["definitions"] as JsonObject).sort(), [
      "A",
      "B.2",
      "root.2",
    ]);
    const deeper = of({
      $ref: "#/$defs/A",
      $defs: { "A": { anyOf: [list("A"), list("A.2")] }, "A.2": { type: "null" } },
    }, 1);
    assert.deepEqual((deeper["definitions"] as JsonObject)["A.2"], { type: "null" });
    assert.ok("A.2_" in (deeper["definitions"] as JsonObject));
  });

  it("leaves no reference that leads back to itself", () => {
    for (const depth of [1, 2, 3, 7]) {
      for (
        const { result, params } of toOpenrpc(shop, { depth })["methods"] as unknown as {
          result: { schema: JsonObject };
          params: { schema: JsonObject }[];
        }[]
      ) {
        for (const { schema } of [result, ...params]) {
          const definitions = (schema["definitions"] ?? {}) as Record<string, JsonObject>;
          const follow = (part: unknown, way: readonly string[]): void => {
            for (const [, name] of JSON.stringify(part).matchAll(/"#\/definitions\/([^"]+)"/g)) {
              assert.ok(!way.includes(name!), `${way.join(" → ")} → ${name}`);
              follow(definitions[name!], [...way, name!]);
            }
          };
          const { definitions: _, ...root } = schema;
          follow(root, []);
        }
      }
    }
  });

  it("changes nothing where nothing contains itself", () => {
    const flat = { $ref: "#/$defs/A", $defs: { A: list("B"), B: { type: "null" } } };
    assert.deepEqual(of(flat, 3), {
      $ref: "#/definitions/A",
      definitions: {
        A: { type: "array", items: { $ref: "#/definitions/B" } },
        B: { type: "null" },
      },
    });
    assert.deepEqual(
      Object.keys(toOpenrpc(shop, { depth: 3 })),
      Object.keys(toOpenrpc(shop)),
    );
  });
});

describe("fromOpenrpc()", () => {
  it("restores parameters, results and docs from toOpenrpc()", () => {
    const back = parseContract(toOpenrpc(shop), { where: "openrpc.json" });
    assert.deepEqual([...back.procedures.keys()], [...shop.procedures.keys()]);
    for (const [name, procedure] of back.procedures) {
      const before = shop.procedures.get(name)!;
      assert.deepEqual(
        procedure.parameters.map(({ name, required }) => [name, required]),
        before.parameters.map(({ name, required }) => [name, required]),
      );
      assert.deepEqual(
        Object.keys((procedure.result as JsonObject)["$defs"] ?? {}),
        Object.keys((before.result as JsonObject)["$defs"] ?? {}),
      );
      assert.equal(procedure.doc, before.doc);
      assert.equal(procedure.kind, before.kind);
    }
  });

  it("declares no kind that the document does not declare: another tool's method may change data", () => {
    const methods = [{}, { "x-pyrpc-kind": "mutation" }, { "x-pyrpc-kind": "query" }, {
      "x-pyrpc-kind": "delete",
    }].map((kind, index) => ({
      name: `m${index}`,
      params: [],
      result: { name: "r", schema: {} },
      ...kind,
    }));
    const { procedures } = parseContract(
      { openrpc: "1.2.6", info: { title: "t", version: "1" }, methods },
      { where: "test" },
    );
    assert.deepEqual([...procedures.values()].map(({ kind }) => kind), [
      undefined,
      "mutation",
      "query",
      undefined,
    ]);
  });

  it("follows references to components, also those that need themselves", () => {
    const document = fromOpenrpc({
      openrpc: "1.2.6",
      info: { title: "t", version: "1" },
      methods: [{
        name: "tree",
        params: [{ $ref: "#/components/contentDescriptors/Depth" }],
        result: { name: "r", schema: { $ref: "#/components/schemas/Node" } },
      }],
      components: {
        contentDescriptors: {
          Depth: { name: "depth", required: true, schema: { type: "integer" } },
        },
        schemas: {
          Node: {
            type: "object",
            properties: {
              children: { type: "array", items: { $ref: "#/components/schemas/Node" } },
            },
          },
        },
      },
    });
    const { procedures } = parseContract(document, { where: "test" });
    const tree = procedures.get("tree")!;
    assert.deepEqual(
      tree.parameters.map(({ name, required, schema }) => ({ name, required, schema })),
      [
        { name: "depth", required: true, schema: { type: "integer" } },
      ],
    );
    assert.deepEqual(tree.result, {
      $ref: "#/$defs/Node",
      $defs: {
        Node: {
          type: "object",
          properties: { children: { type: "array", items: { $ref: "#/$defs/Node" } } },
        },
      },
    });
  });
});
