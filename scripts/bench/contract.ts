/** Creates contracts of any size, and equivalent OpenAPI documents: the input of the code generators. */

type Schema = Readonly<Record<string, unknown>>;

/**
 * One kind of procedure. `required`: a model of required fields as parameter and as result. `defaults`: an `int`, a model with
 * defaults and an optional text; the result is a list of that model, through `$defs`.
 */
export type BenchShape = "required" | "defaults";

// Eight fields of common types, as Pydantic 2 writes them.
function item(number: number): Schema {
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

// A class with defaults. Half of its fields have names or bounds of their own, as in a real backend.
function order(number: number): Schema & { readonly properties: Schema } {
  return {
    description: `The order of procedure ${number}.`,
    properties: {
      id: { title: "Id", type: "integer" },
      [`name_${number}`]: { title: `Name ${number}`, type: "string" },
      [`note_${number}`]: {
        anyOf: [{ type: "string" }, { type: "null" }],
        default: null,
        title: `Note ${number}`,
      },
      quantity: {
        default: 1,
        maximum: 100 + number,
        minimum: 1,
        title: "Quantity",
        type: "integer",
      },
      [`tags_${number}`]: { items: { type: "string" }, title: `Tags ${number}`, type: "array" },
      state: { enum: ["open", "paid", "shipped"], title: "State", type: "string" },
      is_paid: { default: false, title: "Is Paid", type: "boolean" },
      price: { title: "Price", type: "number" },
    },
    required: ["id", `name_${number}`, `tags_${number}`, "state", "price"],
    title: `Order${number}`,
    type: "object",
  };
}

const OPTIONAL_TEXT: Schema = { anyOf: [{ type: "string" }, { type: "null" }] };

interface BenchParameter {
  readonly name: string;
  readonly type: string;
  /** The procedure in the backend's format. */
  readonly schema: Schema;
  /** The procedure as an OpenAPI operation. */
  readonly component: Schema;
  readonly required: boolean;
  readonly default: unknown;
}

interface BenchProcedure {
  readonly parameters: readonly BenchParameter[];
  readonly resultType: string;
  readonly result: Schema;
  readonly resultComponent: Schema;
  /** The model as components: a second one where arguments and results differ. */
  readonly models: readonly (readonly [name: string, schema: Schema])[];
}

function requiredProcedure(number: number): BenchProcedure {
  const name = `Item${number}`;
  const component = { $ref: `#/components/schemas/${name}` };
  const integer = { type: "integer" };
  return {
    parameters: [
      {
        name: "item",
        type: name,
        schema: item(number),
        component,
        required: true,
        default: null,
      },
      {
        name: "limit",
        type: "int",
        schema: integer,
        component: { ...integer, default: 20 },
        required: false,
        default: 20,
      },
    ],
    resultType: name,
    result: item(number),
    resultComponent: component,
    models: [[name, item(number)]],
  };
}

function defaultsProcedure(number: number): BenchProcedure {
  const name = `Order${number}`;
  const component = { $ref: `#/components/schemas/${name}` };
  const argument = order(number);
  // A result always has the members with defaults, which only a second component can express.
  const result = { ...argument, required: Object.keys(argument.properties) };
  const integer = { type: "integer" };
  return {
    parameters: [
      {
        name: "id",
        type: "int",
        schema: integer,
        component: integer,
        required: true,
        default: null,
      },
      {
        name: "order",
        type: name,
        schema: argument,
        component: { $ref: `#/components/schemas/${name}Input` },
        required: true,
        default: null,
      },
      {
        name: "q",
        type: "str | None",
        schema: OPTIONAL_TEXT,
        component: OPTIONAL_TEXT,
        required: false,
        default: null,
      },
    ],
    resultType: `list[${name}]`,
    result: {
      $defs: { [name]: argument },
      items: { $ref: `#/$defs/${name}` },
      type: "array",
    },
    resultComponent: { type: "array", items: component },
    models: [[`${name}Input`, argument], [name, result]],
  };
}

const SHAPES = { required: requiredProcedure, defaults: defaultsProcedure } as const;

function procedures(count: number, shape: BenchShape): (readonly [string, BenchProcedure])[] {
  return Array.from(
    { length: count },
    (_, number) => [`procedure_${number}`, SHAPES[shape](number)] as const,
  );
}

/** Creates the answer of `GET /rpc` of upstream 0.14 for `count` procedures with a model of eight fields each. */
export function benchContract(count: number, shape: BenchShape = "required"): Schema {
  const document = procedures(count, shape).map((
    [name, { parameters, resultType, result }],
    index,
  ) => [
    name,
    {
      name,
      parameters: parameters.map(({ name, type, schema, required, default: value }) => ({
        name,
        type,
        schema_: schema,
        required,
        default: value,
      })),
      return_type: resultType,
      return_schema: result,
      doc: `Do number ${index}.`,
      is_async: false,
      kind: "query",
    },
  ]);
  return Object.fromEntries(document);
}

/** Creates the same procedures as operations of an OpenAPI 3.1 document, its models under `components`. */
export function benchOpenApi(count: number, shape: BenchShape = "required"): Schema {
  const all = procedures(count, shape);
  const json = (schema: Schema) => ({ content: { "application/json": { schema } } });
  const operation = (
    name: string,
    { parameters, resultComponent }: BenchProcedure,
    index: number,
  ) => ({
    post: {
      operationId: name,
      description: `Do number ${index}.`,
      requestBody: {
        required: true,
        ...json({
          type: "object",
          properties: Object.fromEntries(
            parameters.map(({ name, component }) => [name, component]),
          ),
          required: parameters.filter(({ required }) => required).map(({ name }) => name),
        }),
      },
      responses: { "200": { description: "ok", ...json(resultComponent) } },
    },
  });
  return {
    openapi: "3.1.0",
    info: { title: "bench", version: "1" },
    paths: Object.fromEntries(
      all.map(([name, procedure], index) => [`/${name}`, operation(name, procedure, index)]),
    ),
    components: {
      schemas: Object.fromEntries(all.flatMap(([, { models }]) => models)),
    },
  };
}
