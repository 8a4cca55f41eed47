import { isJsonObject, type Json, type JsonObject, type JsonSchema } from "../contract/mod.ts";
import { backendDocumentation } from "./safe_text.ts";

// Keywords that restrict values. Other members are prose of the backend, or may contain it.
const KEYWORDS: ReadonlySet<string> = new Set(
  ("$ref $defs $id $anchor $dynamicRef $dynamicAnchor $schema definitions type const enum default format pattern " +
    "properties patternProperties additionalProperties unevaluatedProperties propertyNames required minProperties " +
    "maxProperties dependentRequired dependentSchemas items prefixItems additionalItems unevaluatedItems contains " +
    "minContains maxContains minItems maxItems uniqueItems minLength maxLength minimum maximum exclusiveMinimum " +
    "exclusiveMaximum multipleOf allOf anyOf oneOf not if then else discriminator nullable deprecated readOnly " +
    "writeOnly contentEncoding contentMediaType contentSchema").split(" "),
);
// Keywords whose members have names of the backend's choice.
const NAMED: ReadonlySet<string> = new Set([
  "properties",
  "patternProperties",
  "$defs",
  "definitions",
  "dependentSchemas",
]);
// Keywords with data instead of schemas.
const DATA: ReadonlySet<string> = new Set([
  "const",
  "enum",
  "default",
  "required",
  "dependentRequired",
  "discriminator",
]);

/** Returns a schema whose descriptions are members `backend_documentation`; other prose is dropped. */
export function plainSchema(schema: JsonSchema): Json {
  return typeof schema === "boolean" ? schema : plain(schema);
}

function plain(schema: JsonObject): JsonObject {
  const members: [string, Json][] = [];
  for (const [keyword, value] of Object.entries(schema)) {
    if (!KEYWORDS.has(keyword)) continue;
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
    return (value as readonly Json[]).map((item) => isJsonObject(item) ? plain(item) : item);
  }
  if (!isJsonObject(value)) return value;
  if (!NAMED.has(keyword)) return plain(value);
  return Object.fromEntries(
    Object.entries(value).map((
      [name, schema],
    ) => [name, isJsonObject(schema) ? plain(schema) : schema]),
  );
}
