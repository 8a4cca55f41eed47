import {
  type Json,
  type JsonObject,
  type JsonSchema,
  keyword,
  numberKeyword,
} from "../../contract/mod.ts";
import { resolveReference } from "../../validate/mod.ts";

const USUAL: readonly Json[] = [
  null,
  true,
  false,
  0,
  1,
  -1,
  0.5,
  "",
  "a",
  "0",
  "ab",
  [],
  {},
  [null],
  [0],
  [""],
  { "": null },
  { a: 0 },
];
const MAX_NODES = 500;

/** Returns values to try if a plan finds none that fits: usual ones, and those that the schema mentions. */
export function candidatesOf(root: JsonSchema, schema: JsonSchema): readonly Json[] {
  const candidates: Json[] = [...USUAL];
  const seen = new Set<Json>();
  const visit = (value: Json): void => {
    if (typeof value !== "object" || value === null || seen.has(value) || seen.size > MAX_NODES) {
      return;
    }
    seen.add(value);
    if (Array.isArray(value)) return (value as readonly Json[]).forEach(visit);
    const object = value as JsonObject;
    for (const name of ["const", "default"]) {
      const constant = keyword(object, name);
      if (constant !== undefined) candidates.push(constant);
    }
    for (const name of ["enum", "examples"]) {
      const values = keyword(object, name);
      if (Array.isArray(values)) candidates.push(...values as readonly Json[]);
    }
    for (const name of BOUNDS) {
      const bound = numberKeyword(object, name);
      if (typeof bound === "bigint") candidates.push(bound - 1n, bound, bound + 1n);
      else if (bound !== undefined) candidates.push(bound - 1, bound, bound + 1, -bound);
    }
    const reference = keyword(object, "$ref");
    if (typeof reference === "string") {
      const target = resolveReference(root, reference, object);
      if (target !== undefined) visit(target.schema);
    }
    for (const key of Object.keys(object).sort()) if (key !== "$defs") visit(object[key] ?? null);
  };
  visit(schema);
  return candidates;
}

const BOUNDS = ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"];
