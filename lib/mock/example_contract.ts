import { type Contract, type Json, type JsonSchema, parseContract } from "../contract/mod.ts";
import { procedureDocument } from "../rpc/mod.ts";

const PRODUCT: JsonSchema = {
  title: "Product",
  type: "object",
  properties: {
    id: { type: "integer", minimum: 1 },
    name: { type: "string", minLength: 1 },
    price: { type: "number", minimum: 0, multipleOf: 0.01 },
    created_at: { type: "string", format: "date-time" },
    tags: { type: "array", items: { type: "string" }, default: [] },
  },
  required: ["id", "name", "price", "created_at"],
};

/** A small contract, which `pyrpc mock` serves if no SOURCE is given or configured. */
export const EXAMPLE_CONTRACT: Contract = parseContract(
  Object.fromEntries(
    [
      procedure("add", "Add two numbers.", [["a", { type: "integer" }], ["b", {
        type: "integer",
      }]], { type: "integer" }),
      procedure("greet", "Greet someone.", [["name", { type: "string" }], ["greeting", {
        type: "string",
        default: "Hello",
      }, "Hello"]], { type: "string" }),
      procedure("products.get", "One product.", [["id", { type: "integer", minimum: 1 }]], PRODUCT),
      procedure("products.list", "A page of products.", [["limit", {
        type: "integer",
        minimum: 1,
        maximum: 100,
        default: 10,
      }, 10]], { type: "array", items: PRODUCT }),
    ].map((entry) => [entry.name, procedureDocument(entry)]),
  ),
  { where: "the example contract" },
);

function procedure(
  name: string,
  doc: string,
  parameters: readonly (readonly [name: string, schema: JsonSchema, fallback?: Json])[],
  result: JsonSchema,
) {
  return {
    name,
    doc,
    parameters: parameters.map(([name, schema, fallback]) => ({
      name,
      schema,
      required: fallback === undefined,
      default: fallback ?? null,
      type: "typing.Any",
    })),
    result,
    resultType: "typing.Any",
    isAsync: false,
    kind: "query" as const,
  };
}
