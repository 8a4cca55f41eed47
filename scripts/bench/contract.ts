/** A contract of any size, and the OpenAPI document that says the same: the input of the code generators. */

type Schema = Readonly<Record<string, unknown>>;

// Eight fields of the kinds that models have, as Pydantic 2 writes them.
function model(number: number): Schema {
  return {
    type: "object",
    title: `Item${number}`,
    description: `The item of procedure ${number}.`,
    properties: {
      id: { type: "string", format: "uuid", title: "Id" },
      [`name_${number}`]: { type: "string", title: `Name ${number}`, maxLength: 80 },
      price: { type: "number", title: "Price" },
      tags: { type: "array", items: { type: "string" }, title: "Tags" },
      stock: { type: "object", additionalProperties: { type: "integer" }, title: "Stock" },
      state: { enum: ["open", "paid", "shipped"], type: "string", title: "State" },
      note: { anyOf: [{ type: "string" }, { type: "null" }], title: "Note" },
      created: { type: "string", format: "date-time", title: "Created" },
    },
    required: ["id", `name_${number}`, "price", "tags", "stock", "state", "note", "created"],
  };
}

/** What `GET /rpc` of upstream 0.14 would answer for `count` procedures with a model of eight fields each. */
export function benchContract(count: number): Schema {
  return Object.fromEntries(
    Array.from({ length: count }, (_, number) => {
      const name = `procedure_${number}`;
      return [name, {
        name,
        parameters: [
          {
            name: "item",
            type: `Item${number}`,
            schema_: model(number),
            required: true,
            default: null,
          },
          {
            name: "limit",
            type: "int",
            schema_: { type: "integer" },
            required: false,
            default: 20,
          },
        ],
        return_type: `Item${number}`,
        return_schema: model(number),
        doc: `Do number ${number}.`,
        is_async: false,
        kind: "query",
      }];
    }),
  );
}

/** The same procedures as operations of an OpenAPI 3.1 document, each model once under `components`. */
export function benchOpenApi(count: number): Schema {
  const numbers = Array.from({ length: count }, (_, number) => number);
  return {
    openapi: "3.1.0",
    info: { title: "bench", version: "1" },
    paths: Object.fromEntries(numbers.map((number) => {
      const reference = { $ref: `#/components/schemas/Item${number}` };
      return [`/procedure_${number}`, {
        post: {
          operationId: `procedure_${number}`,
          description: `Do number ${number}.`,
          requestBody: {
            required: true,
            content: {
              "application/json": {
                schema: {
                  type: "object",
                  properties: { item: reference, limit: { type: "integer", default: 20 } },
                  required: ["item"],
                },
              },
            },
          },
          responses: {
            "200": { description: "ok", content: { "application/json": { schema: reference } } },
          },
        },
      }];
    })),
    components: {
      schemas: Object.fromEntries(numbers.map((number) => [`Item${number}`, model(number)])),
    },
  };
}
