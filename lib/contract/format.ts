import { formatDocument, WireFloat } from "../json/mod.ts";
import { plainText } from "../plain_text.ts";
import type { Contract, Json, JsonObject, JsonSchema } from "./contract.ts";
import { isJsonObject } from "./keywords.ts";
import { mapInside } from "./map_schemas.ts";

/** Members in their order of importance. Other members follow, sorted by name. */
const PROCEDURE_MEMBERS = [
  "name",
  "kind",
  "doc",
  "is_async",
  "parameters",
  "return_type",
  "return_schema",
];
const PARAMETER_MEMBERS = ["name", "type", "required", "default", "schema_", "schema"];

/**
 * Formats a contract as a snapshot: every member of the original document, indented, with a final newline; control
 * characters are escaped. Procedures and keywords are sorted, because adapters differ in their order. Properties,
 * definitions and data keep theirs: Pydantic validates in that order. The document may have {@link WireFloat}s.
 */
export function formatContract(contract: Contract): string {
  return `${plainText(formatDocument(orderedContract(contract), "  "))}\n`;
}

/** Returns each procedure of a contract's document as one line, in which the order of keys does not count. */
export function canonicalProcedures({ document }: Contract): ReadonlyMap<string, string> {
  return new Map(
    Object.entries(document).map(([name, value]) => [name, formatDocument(sorted(value))]),
  );
}

function orderedContract({ document }: Contract): JsonObject {
  return ordered(document, [], orderedProcedure);
}

function orderedProcedure(procedure: Json): Json {
  if (!isJsonObject(procedure)) return sorted(procedure);
  return ordered(procedure, PROCEDURE_MEMBERS, (value, key) => {
    if (key === "return_schema") return orderedSchema(value);
    return key === "parameters" && Array.isArray(value) ? value.map(orderedParameter) : value;
  });
}

function orderedParameter(parameter: Json): Json {
  if (!isJsonObject(parameter)) return parameter;
  return ordered(
    parameter,
    PARAMETER_MEMBERS,
    (value, key) => key === "schema" || key === "schema_" ? orderedSchema(value) : value,
  );
}

function orderedSchema(schema: Json): Json {
  return isJsonObject(schema)
    ? ordered(schema, [], (value, key) => mapInside(key, value, orderedMember))
    : schema;
}

const orderedMember = (schema: JsonSchema): JsonSchema => orderedSchema(schema) as JsonSchema;

function sorted(value: Json): Json {
  if (Array.isArray(value)) return value.map(sorted);
  return isJsonObject(value) && !(value instanceof WireFloat) ? ordered(value, [], sorted) : value;
}

function ordered(
  object: JsonObject,
  first: readonly string[],
  convert: (value: Json, key: string) => Json,
): JsonObject {
  const keys = [
    ...first.filter((key) => Object.hasOwn(object, key)),
    ...Object.keys(object).filter((key) => !first.includes(key)).sort(),
  ];
  // Unlike an assignment, `fromEntries` keeps `__proto__` as a member.
  return Object.fromEntries(keys.map((key) => [key, convert(object[key] ?? null, key)]));
}
