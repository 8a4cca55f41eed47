import {
  isJsonObject,
  isSchema,
  type Json,
  type JsonObject,
  type JsonSchema,
  memberSchemas,
  schemaList,
} from "../../contract/mod.ts";

const TYPES = ["null", "boolean", "number", "string", "array", "object"];

/** The keyword that contradicts a bound, with the type that it applies to and the distance of integers. */
const OPPOSITES: Readonly<Record<string, readonly [keyword: string, type: string, step: number]>> =
  {
    minimum: ["exclusiveMaximum", "number", 0],
    exclusiveMinimum: ["maximum", "number", 0],
    maximum: ["exclusiveMinimum", "number", 0],
    exclusiveMaximum: ["minimum", "number", 0],
    minLength: ["maxLength", "string", -1],
    maxLength: ["minLength", "string", 1],
    minItems: ["maxItems", "array", -1],
    maxItems: ["minItems", "array", 1],
    minProperties: ["maxProperties", "object", -1],
    maxProperties: ["minProperties", "object", 1],
  };

/** Returns the ways in which a value can fail a schema, each as a schema. */
export function negationsOf(schema: JsonSchema): readonly JsonSchema[] {
  if (typeof schema === "boolean") return schema ? [] : [true];
  // The order of keywords depends on who wrote the document.
  return Object.keys(schema).sort().flatMap((key) =>
    negationsOfKeyword(schema, key, schema[key] ?? null)
  );
}

function negationsOfKeyword(schema: JsonObject, key: string, value: Json): readonly JsonSchema[] {
  const opposite = OPPOSITES[key];
  if (opposite !== undefined && typeof value === "number") {
    const [name, type, step] = opposite;
    return step < 0 && value <= 0 ? [] : [{ type, [name]: value + step }];
  }
  switch (key) {
    case "type":
      return [{ type: otherTypes(value) }, ...(value === "integer" ? [NOT_INTEGER] : [])];
    case "not":
      return isSchema(value) ? [value] : [];
    case "allOf":
      return schemaList(value).map((member) => ({ not: member }));
    case "anyOf":
      return [{ allOf: schemaList(value).map((member) => ({ not: member })) }];
    case "required":
      return Array.isArray(value)
        ? (value as readonly Json[]).map((name) => ({
          type: "object",
          properties: { [String(name)]: false },
        }))
        : [];
    case "properties":
      return memberSchemas(schema, key).map(([name, member]) => ({
        type: "object",
        required: [name],
        properties: { [name]: { not: member } },
      }));
    case "items":
      return isSchema(value) ? [{ type: "array", contains: { not: value } }] : [];
    case "contains":
      return isSchema(value) ? [{ type: "array", items: { not: value } }] : [];
    case "title":
    case "description":
    case "default":
    case "examples":
    case "$defs":
    case "then":
    case "else":
      return [];
    case "if":
      return [{ not: { if: value, then: schema["then"] ?? true, else: schema["else"] ?? true } }];
    default:
      return [{ not: { [key]: value } }];
  }
}

const NOT_INTEGER: JsonObject = { type: "number", not: { type: "integer" } };

function otherTypes(type: Json): Json {
  const excluded = Array.isArray(type) ? type as readonly Json[] : [type];
  return TYPES.filter((name) =>
    !excluded.includes(name) && !(name === "number" && excluded.includes("integer"))
  );
}

/** Returns true if a schema contains nothing but one keyword that cannot be negated further. */
export function isResidual(schema: JsonSchema): boolean {
  return isJsonObject(schema) && Object.keys(schema).length === 1 &&
    !Object.keys(schema).some((key) => NEGATED.has(key));
}

const NEGATED = new Set([
  ...Object.keys(OPPOSITES),
  "type",
  "not",
  "allOf",
  "anyOf",
  "required",
  "properties",
  "items",
  "contains",
]);
