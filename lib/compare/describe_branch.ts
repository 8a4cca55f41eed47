import { counted } from "../counted.ts";
import { stringifyJson } from "../json/mod.ts";
import { isJsonObject, type Json, ownMember, resolvePointer } from "../contract/mod.ts";
import type { ArrayBranch, Branch, ObjectBranch, SchemaNode } from "./branch.ts";

/** Describes the number of items: `at least 2 items`. */
export function describeItems({ minItems, maxItems, unique }: ArrayBranch): string {
  const item = unique ? "unique item" : "item";
  if (maxItems === Infinity) {
    return minItems === 0 ? `any number of ${item}s` : `at least ${counted(minItems, item)}`;
  }
  return minItems === maxItems
    ? `exactly ${counted(maxItems, item)}`
    : `${minItems} to ${counted(maxItems, item)}`;
}

/** Describes an object that has or accepts declared members only. */
export const NO_OTHERS = "none";

/** Describes an argument whose undeclared members the server ignores. */
export const IGNORED_OTHERS = "ignored undeclared members";

/** Describes the members that an object does not declare. */
export function describeOthers({ ignoresOthers }: ObjectBranch, isEmpty: boolean): string {
  return isEmpty ? NO_OTHERS : ignoresOthers ? IGNORED_OTHERS : "undeclared members";
}

const ANYTHING = ["null", "boolean", "number", "string", "array", "object"];

/** Describes a union: `integer | string`. */
export function describeUnion(union: readonly Branch[]): string {
  if (union.length === 0) return "nothing";
  const names = new Set(union.map(describeBranch));
  if (names.has("true") && names.has("false")) {
    names.delete("true");
    names.delete("false");
    names.add("boolean");
  }
  if (ANYTHING.every((name) => names.has(name))) return "any value";
  // As in TypeScript, null is the last case.
  if (names.delete("null")) names.add("null");
  const shown = [...names].slice(0, 8);
  return `${shown.join(" | ")}${names.size > 8 ? " | …" : ""}`;
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
        branch.content === undefined ? "" : describeContent(branch.content),
        ...branch.formats.map((format) => `format ${format}`),
        branch.minLength === 0 || branch.content !== undefined
          ? ""
          : `at least ${branch.minLength} characters`,
        branch.maxLength === Infinity ? "" : `at most ${branch.maxLength} characters`,
        ...branch.patterns.map((pattern) => `pattern ${pattern}`),
      ].filter((text) => text !== "");
      return `string${inBrackets(bounds)}`;
    }
    case "array":
      return branch.model ??
        (branch.prefix.length > 0 ? `tuple of ${branch.prefix.length}` : "array");
    case "object":
      return branch.model ?? `object${inBrackets(tagsOf(branch))}`;
  }
}

// The model or the type in a JSON text.
function describeContent({ schema, root }: SchemaNode): string {
  const ref = isJsonObject(schema) ? ownMember(schema, "$ref") : undefined;
  const target = typeof ref === "string" ? resolvePointer(root, ref) : schema;
  if (!isJsonObject(target)) return "JSON";
  const name = ownMember(target, "title") ?? ownMember(target, "type");
  return typeof name === "string" ? `JSON: ${name}` : "JSON";
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
  const text = stringifyJson(value);
  return text.length <= 40 ? text : `${text.slice(0, 39)}…`;
}
