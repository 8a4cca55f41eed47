import { plainText } from "../plain_text.ts";
import type { Contract, Json, JsonObject } from "./contract.ts";
import { isJsonObject } from "./keywords.ts";

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
 * Formats a contract as a snapshot: every member of the original document, indented, with a final newline; control characters are escaped. The order
 * depends only on the content (adapters differ in theirs), so that snapshots differ only if the backends do.
 */
export function formatContract(contract: Contract): string {
  return `${plainText(JSON.stringify(orderedContract(contract), null, 2))}\n`;
}

/** Returns each procedure of a contract's document as one line, ordered like {@link formatContract}. */
export function canonicalProcedures(contract: Contract): ReadonlyMap<string, string> {
  return new Map(
    Object.entries(orderedContract(contract)).map(([name, value]) => [name, JSON.stringify(value)]),
  );
}

function orderedContract({ document }: Contract): Record<string, Json> {
  return ordered(document, [], orderedProcedure);
}

function orderedProcedure(procedure: Json): Json {
  if (!isJsonObject(procedure)) return sorted(procedure);
  return ordered(
    procedure,
    PROCEDURE_MEMBERS,
    (value, key) =>
      key === "parameters" && Array.isArray(value) ? value.map(orderedParameter) : sorted(value),
  );
}

function orderedParameter(parameter: Json): Json {
  return isJsonObject(parameter)
    ? ordered(parameter, PARAMETER_MEMBERS, sorted)
    : sorted(parameter);
}

function sorted(value: Json): Json {
  if (Array.isArray(value)) return value.map(sorted);
  return isJsonObject(value) ? ordered(value, [], sorted) : value;
}

function ordered(
  object: JsonObject,
  first: readonly string[],
  convert: (value: Json, key: string) => Json,
): Record<string, Json> {
  const keys = [
    ...first.filter((key) => Object.hasOwn(object, key)),
    ...Object.keys(object).filter((key) => !first.includes(key)).sort(),
  ];
  // Unlike an assignment, `fromEntries` keeps `__proto__` as a member.
  return Object.fromEntries(keys.map((key) => [key, convert(object[key] ?? null, key)]));
}
