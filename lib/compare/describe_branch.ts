import { isJsonObject, type Json } from "../contract/mod.ts";
import type { ArrayBranch, Branch, ObjectBranch } from "./branch.ts";

/** Describes the number of items: `at least 2 items`. */
export function describeItems({ minItems, maxItems }: ArrayBranch): string {
  return maxItems === Infinity ? `at least ${minItems} items` : `${minItems} to ${maxItems} items`;
}

/** Describes a union: `integer | string`. */
export function describeUnion(union: readonly Branch[]): string {
  if (union.length === 0) return "nothing";
  const names = union.slice(0, 8).map(describeBranch);
  const isBoolean = names.includes("true") && names.includes("false");
  const short = isBoolean
    ? [...names.filter((name) => name !== "true" && name !== "false"), "boolean"]
    : names;
  return `${[...new Set(short)].join(" | ")}${union.length > 8 ? " | …" : ""}`;
}

/** Describes a branch: `integer (>= 0)`. */
export function describeBranch(branch: Branch): string {
  switch (branch.kind) {
    case "literal":
      return shortJson(branch.value);
    case "number": {
      const bounds = [
        branch.min === -Infinity ? "" : `${branch.minOpen ? ">" : ">="} ${branch.min}`,
        branch.max === Infinity ? "" : `${branch.maxOpen ? "<" : "<="} ${branch.max}`,
        ...branch.multiples.map((step) => `multiple of ${step}`),
      ].filter((text) => text !== "");
      return `${branch.integer ? "integer" : "number"}${inBrackets(bounds)}`;
    }
    case "string": {
      const bounds = [
        ...branch.formats.map((format) => `format ${format}`),
        branch.minLength === 0 ? "" : `at least ${branch.minLength} characters`,
        branch.maxLength === Infinity ? "" : `at most ${branch.maxLength} characters`,
        ...branch.patterns.map((pattern) => `pattern ${pattern}`),
      ].filter((text) => text !== "");
      return `string${inBrackets(bounds)}`;
    }
    case "array":
      return branch.prefix.length > 0 ? `tuple of ${branch.prefix.length}` : "array";
    case "object":
      return `object${inBrackets(tagsOf(branch))}`;
  }
}

// Constants that distinguish the cases of a tagged union.
function tagsOf(branch: ObjectBranch): string[] {
  return [...branch.properties].flatMap(([name, { schema }]) =>
    isJsonObject(schema) && Object.hasOwn(schema, "const")
      ? [`${name} ${shortJson(schema["const"] as Json)}`]
      : []
  ).slice(0, 2);
}

function inBrackets(bounds: readonly string[]): string {
  return bounds.length === 0 ? "" : ` (${bounds.join(", ")})`;
}

function shortJson(value: Json): string {
  const text = JSON.stringify(value);
  return text.length <= 40 ? text : `${text.slice(0, 39)}…`;
}
