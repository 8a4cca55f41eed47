import { defined } from "../defined.ts";
import type { Json, JsonObject, JsonSchema } from "./contract.ts";
import { isJsonObject, ownMember } from "./keywords.ts";
import { listSchemas, mapInside, mapSchemas } from "./map_schemas.ts";

/** Returns true for an OpenRPC document. */
export function isOpenrpc(document: unknown): document is JsonObject {
  return isJsonObject(document) && typeof ownMember(document, "openrpc") === "string" &&
    Array.isArray(ownMember(document, "methods"));
}

/**
 * Converts an OpenRPC document to the document of a contract, as `GET /rpc` answers it. References to `#/components/…` are
 * resolved: each schema gets the definitions that it needs.
 */
export function fromOpenrpc(document: JsonObject): JsonObject {
  const methods = document["methods"] as readonly Json[];
  return Object.fromEntries(
    methods.map((entry) => resolved(entry, document)).filter(isJsonObject)
      .map((method) => [String(method["name"]), fromMethod(method, document)]),
  );
}

function fromMethod(method: JsonObject, document: JsonObject): JsonObject {
  const params = Array.isArray(method["params"]) ? method["params"] as readonly Json[] : [];
  const result = resolved(method["result"] ?? null, document);
  const kind = method["x-pyrpc-kind"];
  const description = method["description"] ?? method["summary"];
  return defined({
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
    // Other tools do not declare a kind. The method may change data, so "query" would be wrong.
    kind: kind === "query" || kind === "mutation" ? kind : undefined,
  });
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
      // The entry exists before its schema, because the schema may refer to it.
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
