/** The procedures that HTTP loads call, as `GET /rpc` and as OpenAPI describe them. */

const PARTS = {
  a: { type: "integer" },
  b: { type: "integer" },
};

/** A model of ten fields, one of them a model. */
const MODEL = {
  type: "object",
  title: "Customer",
  properties: {
    id: { type: "integer", minimum: 1 },
    name: { type: "string", minLength: 1, maxLength: 80 },
    email: { type: "string", format: "email" },
    born: { type: "string", format: "date" },
    is_active: { type: "boolean" },
    balance: { type: "number" },
    tags: { type: "array", items: { type: "string" } },
    state: { type: "string", enum: ["new", "known", "blocked"] },
    note: { anyOf: [{ type: "string" }, { type: "null" }] },
    address: {
      type: "object",
      title: "Address",
      properties: { street: { type: "string" }, city: { type: "string" } },
      required: ["street", "city"],
    },
  },
  required: ["id", "name", "email", "born", "is_active", "balance", "tags", "state", "address"],
};

/** `add(a, b)` alone. */
export const ADD_CONTRACT = { add: procedure("add", PARTS, { type: "integer" }) };

/** `add(a, b)` and `save(customer)`. */
export const LOAD_CONTRACT = {
  ...ADD_CONTRACT,
  save: procedure("save", { customer: MODEL }, MODEL),
};

/** The OpenAPI document of `POST /add`. */
export const ADD_OPENAPI = {
  openapi: "3.0.3",
  info: { title: "add", version: "1" },
  paths: {
    "/add": {
      post: {
        requestBody: {
          required: true,
          content: {
            "application/json": {
              schema: { type: "object", properties: PARTS, required: ["a", "b"] },
            },
          },
        },
        responses: {
          200: {
            description: "sum",
            content: { "application/json": { schema: { type: "integer" } } },
          },
        },
      },
    },
  },
};

function procedure(name: string, parameters: Record<string, unknown>, result: unknown) {
  return {
    name,
    parameters: Object.entries(parameters).map(([name, schema]) => ({
      name,
      type: "typing.Any",
      schema_: schema,
      required: true,
      default: null,
    })),
    return_type: "typing.Any",
    return_schema: result,
    doc: "",
    is_async: false,
    kind: "query",
  };
}
