import type { Json, JsonObject, JsonSchema } from "../contract/mod.ts";
import { backendDocumentation } from "./safe_text.ts";

// Keywords whose values are prose of the backend.
const PROSE: ReadonlySet<string> = new Set(["description", "title", "$comment", "examples"]);
// Keywords whose members have names of the backend's choice.
const NAMED: ReadonlySet<string> = new Set([
  "properties",
  "patternProperties",
  "$defs",
  "definitions",
  "dependentSchemas",
]);
// Keywords with data instead of schemas.
const DATA: ReadonlySet<string> = new Set(["const", "enum", "default", "required"]);

/** Returns a schema whose descriptions are members `backend_documentation`; titles and examples are dropped. */
export function plainSchema(schema: JsonSchema): Json {
  return typeof schema === "boolean" ? schema : plain(schema);
}

function plain(schema: JsonObject): JsonObject {
  const members: [string, Json][] = [];
  for (const [keyword, value] of Object.entries(schema)) {
    if (PROSE.has(keyword)) continue;
    members.push([keyword, DATA.has(keyword) ? value : inside(keyword, value)]);
  }
  const { description } = schema;
  if (typeof description === "string" && description !== "") {
    members.push(["backend_documentation", backendDocumentation(description)]);
  }
  return Object.fromEntries(members);
}

function inside(keyword: string, value: Json): Json {
  if (Array.isArray(value)) {
    return (value as readonly Json[]).map((item) => isObject(item) ? plain(item) : item);
  }
  if (!isObject(value)) return value;
  if (!NAMED.has(keyword)) return plain(value);
  return Object.fromEntries(
    Object.entries(value).map((
      [name, schema],
    ) => [name, isObject(schema) ? plain(schema) : schema]),
  );
}

function isObject(value: Json): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
