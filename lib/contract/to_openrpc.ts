import { defined } from "../defined.ts";
import type { Contract, Json, JsonObject, JsonSchema, Procedure } from "./contract.ts";
import { isJsonObject } from "./keywords.ts";
import { listSchemas, mapInside, mapSchemas } from "./map_schemas.ts";
import { unrollRecursion } from "./unroll.ts";

/** Options of {@link toOpenrpc}. */
export interface OpenrpcOptions {
  /** Title of the API. @default {"pyRPC"} */
  readonly title?: string;
  /** Version of the API. @default {"0.0.0"} */
  readonly version?: string;
  /** URL of the JSON-RPC endpoint. */
  readonly url?: string;
  /**
   * Number of levels after which recursive types are cut off, for tools that follow references without end.
   * @default unlimited
   */
  readonly depth?: number;
}

/** The member by which a document of {@link toOpenrpc} is recognized. */
const OPENRPC_MARK = { "x-generator": "pyrpc export" };

/** Returns true for the text of a document that {@link toOpenrpc} made, also a damaged or reformatted one. */
export function isOwnOpenrpc(text: string): boolean {
  return /"x-generator"\s*:\s*"pyrpc export"/.test(text);
}

/**
 * Converts a contract to an OpenRPC 1.2 document (<https://spec.open-rpc.org>). Its schemas are JSON Schema draft 7: `$defs`
 * become `definitions`, `prefixItems` become `items`. Each schema keeps its own definitions.
 */
export function toOpenrpc(contract: Contract, options: OpenrpcOptions = {}): JsonObject {
  const { title = "pyRPC", version = "0.0.0", url, depth } = options;
  const convert = (schema: JsonSchema) =>
    toDraft7(depth === undefined ? schema : unrollRecursion(schema, depth));
  return defined({
    // The latest version that the OpenRPC inspector accepts.
    openrpc: "1.2.6",
    ...OPENRPC_MARK,
    info: { title, version },
    servers: url === undefined ? undefined : [{ name: "default", url }],
    methods: [...contract.procedures.values()].map((procedure) => toMethod(procedure, convert)),
  });
}

function toMethod(
  procedure: Procedure,
  convert: (schema: JsonSchema) => JsonSchema,
): JsonObject {
  const { doc } = procedure;
  const summary = (doc.split("\n")[0] ?? "").trim();
  return defined({
    name: procedure.name,
    summary: summary === "" ? undefined : summary,
    description: doc.trim() === summary ? undefined : doc,
    paramStructure: "either",
    params: procedure.parameters.map((parameter) => ({
      name: parameter.name,
      required: parameter.required,
      schema: convert(withDefault(parameter.schema, parameter.required, parameter.default)),
    })),
    result: { name: "result", schema: convert(procedure.result) },
    "x-pyrpc-kind": procedure.kind,
  });
}

function withDefault(schema: JsonSchema, required: boolean, fallback: Json): JsonSchema {
  if (required || fallback === null || !isJsonObject(schema)) return schema;
  return Object.hasOwn(schema, "default") ? schema : { ...schema, default: fallback };
}

function toDraft7(schema: JsonSchema): JsonSchema {
  if (!isJsonObject(schema)) return schema;
  // In pyRPC, "any" means no constraint.
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
