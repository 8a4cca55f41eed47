import { isJsonObject, type Json, type JsonObject, type JsonSchema } from "../contract/mod.ts";
import { branchesOf, resolved } from "./schema_sites.ts";

const TEXT = "Grüße, 世界 🎉";
const MAX_ENUM = 12;
const MAX_LENGTH = 2_000;
const MAX_ITEMS = 200;
const MAX_DEPTH = 4;

/**
 * Returns values at the edges of a schema: bounds, empty and long texts, empty lists, each member of an enumeration.
 * Some of them are not valid. Integers without bounds stay small, because a procedure may use them as a count.
 */
export function edgeValues(root: JsonSchema, schema: JsonSchema, depth = 0): Json[] {
  const own = resolved(root, schema);
  if (own === undefined || depth > MAX_DEPTH) return [];
  const { enum: members, const: constant } = own;
  if (constant !== undefined) return [constant];
  if (Array.isArray(members)) return (members as readonly Json[]).slice(0, MAX_ENUM);
  return [
    ...branchesOf(own).flatMap((branch) => edgeValues(root, branch, depth + 1)),
    ...isDecimal(own) ? ["0.1234567890123456789", 1e22] : [],
    ...[own["type"]].flat().flatMap((type) => edgesOfType(own, type)),
  ];
}

function edgesOfType(schema: JsonObject, type: Json | undefined): Json[] {
  switch (type) {
    case "null":
      return [null];
    case "boolean":
      return [false, true];
    case "integer":
      return [0, 1, -1, ...boundsOf(schema, 0)];
    case "number":
      return [0, 1, -1.5, 0.1, ...boundsOf(schema, 0)];
    case "string":
      return [
        "",
        "a",
        TEXT,
        ...lengthsOf(schema, 0).map(textOf),
        ...edgesOfFormat(schema["format"]),
      ];
    case "array":
      return [[]];
    case "object":
      return [{}];
    default:
      return [];
  }
}

function edgesOfFormat(format: Json | undefined): string[] {
  switch (format) {
    case "date":
      return ["2024-02-29", "1970-01-01"];
    case "date-time":
      return ["2024-02-29T23:59:59.999999Z", "1970-01-01T00:00:00+14:00"];
    case "time":
      return ["00:00:00", "23:59:59.999999"];
    case "duration":
      return ["PT0S", "P1DT2H3M4.5S"];
    default:
      return [];
  }
}

/** Returns values that a schema is likely to forbid, at the place of a value that it allows. */
export function wrongValues(root: JsonSchema, schema: JsonSchema, value: Json, depth = 0): Json[] {
  const own = resolved(root, schema);
  if (own === undefined || depth > MAX_DEPTH) return [];
  return [
    ...boundsOf(own, 1),
    ...lengthsOf(own, 1).map(textOf),
    ...wrongLists(own, value),
    ...wrongObjects(own, value),
    ...branchesOf(own).flatMap((branch) => wrongValues(root, branch, value, depth + 1)),
    ...depth > 0 ? [] : [null, "not a value", 1.5, -1, true, [], {}, [null], { "": null }],
  ];
}

// Outside the bounds by `step`, or exactly on them.
function boundsOf(schema: JsonObject, step: 0 | 1): (number | bigint)[] {
  const { multipleOf } = schema;
  const bounds: (number | bigint)[] = [];
  const add = (name: string, offset: number) => {
    const bound = schema[name];
    if (typeof bound === "number") bounds.push(bound + offset);
    else if (typeof bound === "bigint") bounds.push(bound + BigInt(offset));
  };
  add("minimum", -step);
  add("maximum", step);
  // The bound itself is outside.
  add("exclusiveMinimum", 1 - step);
  add("exclusiveMaximum", step - 1);
  if (typeof multipleOf === "number") bounds.push(step === 0 ? multipleOf : multipleOf * 1.5);
  return bounds;
}

function lengthsOf({ minLength, maxLength }: JsonObject, step: 0 | 1): number[] {
  const lengths: number[] = [];
  if (typeof minLength === "number") lengths.push(minLength - step);
  if (typeof maxLength === "number") lengths.push(maxLength + step);
  return lengths.filter((length) => length >= 0 && length <= MAX_LENGTH);
}

function textOf(length: number): string {
  return "a".repeat(length);
}

function wrongLists({ minItems, maxItems }: JsonObject, value: Json): Json[] {
  if (!Array.isArray(value)) return [];
  const items = value as readonly Json[];
  const [item = null] = items;
  const lists: Json[] = [items.slice(0, -1), [...items, item]];
  if (typeof minItems === "number" && minItems > 0) lists.push(items.slice(0, minItems - 1));
  if (typeof maxItems === "number" && maxItems < MAX_ITEMS) {
    lists.push(Array.from({ length: maxItems + 1 }, (_, index) => items[index] ?? item));
  }
  return lists;
}

function wrongObjects({ required }: JsonObject, value: Json): Json[] {
  if (!isJsonObject(value)) return [];
  const names = Array.isArray(required) ? required as readonly Json[] : [];
  const entries = Object.entries(value);
  return [
    ...names.map((name) => Object.fromEntries(entries.filter(([key]) => key !== name))),
    Object.fromEntries([...entries, ["unexpected_member", 1]]),
  ];
}

/** Returns true for the form in which Pydantic describes a `Decimal`: a number or a text. */
export function isDecimal(schema: JsonObject): boolean {
  const types = branchesOf(schema).flatMap((branch) =>
    isJsonObject(branch) ? [branch["type"]] : []
  );
  return types.includes("number") && types.includes("string");
}
