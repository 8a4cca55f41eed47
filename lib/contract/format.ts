import type { Contract, Json, JsonObject } from "./contract.ts";

/** What people look for first; any other member follows in the order of its name. */
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
 * A contract as a document to be kept: every member of the original, two spaces, a final newline, and an order that
 * depends on nothing but the content (adapters differ in theirs), so that two snapshots differ where the backends do.
 */
export function formatContract(contract: Contract): string {
  return `${JSON.stringify(orderedContract(contract), null, 2)}\n`;
}

/** One procedure of a contract's document, as {@link formatContract} orders it, in one line. */
export function canonicalProcedures(contract: Contract): ReadonlyMap<string, string> {
  return new Map(
    Object.entries(orderedContract(contract)).map(([name, value]) => [name, JSON.stringify(value)]),
  );
}

function orderedContract({ document }: Contract): Record<string, Json> {
  return ordered(
    document,
    [],
    (procedure) =>
      isObject(procedure)
        ? ordered(
          procedure,
          PROCEDURE_MEMBERS,
          (value, key) =>
            key === "parameters" && Array.isArray(value)
              ? value.map((parameter: Json) =>
                isObject(parameter)
                  ? ordered(parameter, PARAMETER_MEMBERS, sorted)
                  : sorted(parameter)
              )
              : sorted(value),
        )
        : sorted(procedure),
  );
}

function sorted(value: Json): Json {
  if (Array.isArray(value)) return value.map(sorted);
  return isObject(value) ? ordered(value, [], sorted) : value;
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
  // `fromEntries` defines members: `__proto__` stays a key.
  return Object.fromEntries(keys.map((key) => [key, convert(object[key]!, key)]));
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
