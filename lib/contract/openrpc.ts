import type { Contract, Json, JsonObject, JsonSchema, Procedure } from "./contract.ts";
import { listSchemas, mapInside, mapSchemas } from "./map_schemas.ts";
import { isJsonObject, ownMember } from "./keywords.ts";
import { unrollRecursion } from "./unroll.ts";

/** Options of {@link toOpenrpc}. */
export interface OpenrpcOptions {
  /** @default {"pyRPC"} */
  readonly title?: string;
  /** Of the API. @default {"0.0.0"} */
  readonly version?: string;
  /** Where JSON-RPC is spoken. */
  readonly url?: string;
  /**
   * Types that contain themselves are written out so many levels deep and cut off there: OpenRPC's own tools follow
   * references until memory ends. @default as they are
   */
  readonly depth?: number;
}

/**
 * An OpenRPC 1.2 document of a contract (<https://spec.open-rpc.org>). Schemas are JSON Schema draft 7 there: `$defs` become
 * `definitions`, `prefixItems` become `items`. Each schema keeps its own definitions.
 */
export function toOpenrpc(contract: Contract, options: OpenrpcOptions = {}): JsonObject {
  const { title = "pyRPC", version = "0.0.0", url, depth } = options;
  const convert = (schema: JsonSchema) =>
    toDraft7(depth === undefined ? schema : unrollRecursion(schema, depth));
  return {
    // The last version that the inspector takes; nothing of a later one is needed.
    openrpc: "1.2.6",
    info: { title, version },
    ...(url === undefined ? {} : { servers: [{ name: "default", url }] }),
    methods: [...contract.procedures.values()].map((procedure) => toMethod(procedure, convert)),
  };
}

function toMethod(
  procedure: Procedure,
  convert: (schema: JsonSchema) => JsonSchema,
): JsonObject {
  const [summary = ""] = procedure.doc.split("\n");
  return {
    name: procedure.name,
    ...(summary.trim() === "" ? {} : { summary: summary.trim() }),
    ...(procedure.doc.trim() === summary.trim() ? {} : { description: procedure.doc }),
    paramStructure: "either",
    params: procedure.parameters.map((parameter) => ({
      name: parameter.name,
      required: parameter.required,
      schema: convert(withDefault(parameter.schema, parameter.required, parameter.default)),
    })),
    result: { name: "result", schema: convert(procedure.result) },
    ...(procedure.kind === undefined ? {} : { "x-pyrpc-kind": procedure.kind }),
  };
}

function withDefault(schema: JsonSchema, required: boolean, fallback: Json): JsonSchema {
  if (required || fallback === null || !isJsonObject(schema)) return schema;
  return Object.hasOwn(schema, "default") ? schema : { ...schema, default: fallback };
}

function toDraft7(schema: JsonSchema): JsonSchema {
  if (!isJsonObject(schema)) return schema;
  // pyRPC's word for no constraint.
  if (schema["type"] === "any") {
    const { type: _, ...rest } = schema;
    return toDraft7(rest);
  }
  return Object.fromEntries(
    Object.entries(schema).flatMap(([key, value]): [string, Json][] => {
      if (key === "$defs") return [["definitions", mapSchemas(value, toDraft7)]];
      if (key === "prefixItems") return [["items", listSchemas(value, toDraft7)]];
      if (key === "items" && Object.hasOwn(schema, "prefixItems")) {
        return [["additionalItems", toDraft7(value as JsonSchema)]];
      }
      if (key === "discriminator") return [];
      if (key === "$ref" && typeof value === "string") {
        return [[key, value.replace("#/$defs/", "#/definitions/")]];
      }
      return [[key, mapInside(key, value, toDraft7)]];
    }),
  );
}

/** Whether a document is one of OpenRPC. */
export function isOpenrpc(document: unknown): document is JsonObject {
  return isJsonObject(document) && typeof ownMember(document, "openrpc") === "string" &&
    Array.isArray(ownMember(document, "methods"));
}

/**
 * The document of a contract, as `GET /rpc` writes it, out of an OpenRPC document. References to `#/components/…` are
 * followed: each schema gets the definitions that it needs.
 */
export function fromOpenrpc(document: JsonObject): JsonObject {
  const methods = document["methods"] as readonly Json[];
  return Object.fromEntries(
    methods.map((entry) => resolved(entry, document)).filter(isJsonObject)
      .map((
        method,
      ): [string, JsonObject] => [String(method["name"]), fromMethod(method, document)]),
  );
}

function fromMethod(method: JsonObject, document: JsonObject): JsonObject {
  const params = Array.isArray(method["params"]) ? method["params"] as readonly Json[] : [];
  const result = resolved(method["result"] ?? null, document);
  const kind = method["x-pyrpc-kind"];
  const description = method["description"] ?? method["summary"];
  return {
    name: String(method["name"]),
    parameters: params.map((entry) => resolved(entry, document)).filter(isJsonObject)
      .map((param) => {
        const schema = withDefinitions(param["schema"] ?? true, document);
        const fallback = isJsonObject(schema) ? ownMember(schema, "default") : undefined;
        return {
          name: String(param["name"]),
          type: "typing.Any",
          schema_: schema,
          required: param["required"] === true,
          default: fallback ?? null,
        };
      }),
    return_type: "typing.Any",
    return_schema: isJsonObject(result)
      ? withDefinitions(result["schema"] ?? true, document)
      : { type: "null" },
    doc: typeof description === "string" ? description : null,
    is_async: false,
    // Other tools declare no kind, and an undeclared one is not a query: it may change something.
    ...(kind === "query" || kind === "mutation" ? { kind } : {}),
  };
}

const COMPONENTS = "#/components/schemas/";

function withDefinitions(schema: Json, document: JsonObject): JsonSchema {
  const needed = new Map<string, JsonSchema>();
  const convert = (schema: JsonSchema): JsonSchema => {
    if (!isJsonObject(schema)) return schema;
    return Object.fromEntries(
      Object.entries(schema).map(([key, value]): [string, Json] => {
        if (key === "$ref" && typeof value === "string") return [key, follow(value)];
        if (key === "definitions") return ["$defs", mapSchemas(value, convert)];
        if (key === "items" && Array.isArray(value)) {
          return ["prefixItems", listSchemas(value, convert)];
        }
        if (key === "additionalItems" && Array.isArray(schema["items"])) {
          return ["items", convert(value as JsonSchema)];
        }
        return [key, mapInside(key, value, convert)];
      }),
    );
  };
  const follow = (reference: string): string => {
    if (!reference.startsWith(COMPONENTS)) {
      return reference.replace("#/definitions/", "#/$defs/");
    }
    const name = reference.slice(COMPONENTS.length);
    if (!needed.has(name)) {
      // Known before it is made: it may need itself.
      needed.set(name, true);
      needed.set(name, convert(componentOf(name, document)));
    }
    return `#/$defs/${name}`;
  };
  const converted = convert(schema as JsonSchema);
  if (needed.size === 0 || !isJsonObject(converted)) return converted;
  const own = isJsonObject(converted["$defs"]) ? converted["$defs"] : {};
  return { ...converted, $defs: { ...Object.fromEntries(needed), ...own } };
}

function componentOf(name: string, document: JsonObject): JsonSchema {
  const components = document["components"];
  const schemas = isJsonObject(components) ? components["schemas"] : undefined;
  const key = decodeURIComponent(name.replaceAll("~1", "/").replaceAll("~0", "~"));
  const found = isJsonObject(schemas) ? ownMember(schemas, key) : undefined;
  return found === undefined ? true : found as JsonSchema;
}

function resolved(value: Json, document: JsonObject): Json {
  if (!isJsonObject(value) || typeof value["$ref"] !== "string") return value;
  const parts = value["$ref"].replace(/^#\//, "").split("/");
  let at: Json | undefined = document;
  for (const part of parts) at = isJsonObject(at) ? ownMember(at, part) : undefined;
  return at ?? value;
}
