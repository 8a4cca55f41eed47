import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { describe, it } from "node:test";
import { Ajv, type SchemaObject } from "ajv";
import { fromOpenrpc, type JsonObject, parseContract, toOpenrpc } from "../../lib/schema/mod.ts";

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

describe("fromOpenrpc()", () => {
  it("gives back the parameters, results and docs of what toOpenrpc() made", () => {
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
