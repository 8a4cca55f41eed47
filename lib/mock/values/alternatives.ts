import {
  isJsonObject,
  isSchema,
  type Json,
  type JsonObject,
  type JsonSchema,
  keyword,
  memberSchemas,
  schemaList,
} from "../../contract/mod.ts";
import { resolveReference } from "../../validate/mod.ts";
import { combineSchemas } from "./combine.ts";
import { isResidual, negationsOf } from "./negations.ts";

/** Keywords whose schemas apply to the same value. */
const APPLICATORS = [
  "$ref",
  "allOf",
  "anyOf",
  "oneOf",
  "if",
  "then",
  "else",
  "dependentSchemas",
  "discriminator",
];
/** Combinations of these make a schema composite. */
const COMPOSITES = [...APPLICATORS.filter((name) => name !== "discriminator"), "not"];
/** More alternatives are cut off. */
const MAX_ALTERNATIVES = 24;
const MAX_DEPTH = 12;

/**
 * Returns the ways in which a value can fit a schema, each as one schema without applicators. A value of an
 * alternative may still not fit, so callers validate it.
 */
export function alternativesOf(root: JsonSchema, schema: JsonSchema): readonly JsonSchema[] {
  return new Expansion(root).expand(schema, 0);
}

class Expansion {
  readonly #root: JsonSchema;
  #left = 400;

  constructor(root: JsonSchema) {
    this.#root = root;
  }

  expand(schema: JsonSchema, depth: number): readonly JsonSchema[] {
    if (schema === false || depth > MAX_DEPTH || this.#left-- < 0) return [];
    if (schema === true) return [true];
    const own: Record<string, Json> = {};
    for (const [key, value] of Object.entries(schema)) {
      if (!APPLICATORS.includes(key) && !(key === "not" && !isTried(value))) own[key] = value;
    }
    let alternatives: readonly JsonSchema[] = [own];
    for (const group of this.#groups(schema, depth)) {
      alternatives = alternatives.flatMap((one) =>
        group().map((other) => combineSchemas(one, other)).filter((both) => both !== undefined)
      ).slice(0, MAX_ALTERNATIVES);
      if (alternatives.length === 0) break;
    }
    return alternatives;
  }

  /** The conditions of a schema; of each, one of its alternatives must fit. */
  #groups(schema: JsonObject, depth: number): (() => readonly JsonSchema[])[] {
    const all = (members: readonly JsonSchema[]) =>
      members.flatMap((member) => this.expand(member, depth + 1));
    const groups: (() => readonly JsonSchema[])[] = [];
    const reference = keyword(schema, "$ref");
    if (typeof reference === "string") {
      const target = resolveReference(this.#root, reference, schema);
      groups.push(() => target === undefined ? [true] : all([target.schema]));
    }
    for (const member of schemaList(keyword(schema, "allOf"))) groups.push(() => all([member]));
    for (const name of ["anyOf", "oneOf"]) {
      const members = schemaList(keyword(schema, name));
      if (members.length > 0) groups.push(() => all(members));
    }
    const condition = keyword(schema, "if");
    if (isSchema(condition)) {
      groups.push(() => all(branches(schema, condition)));
    }
    const not = keyword(schema, "not");
    if (isSchema(not) && !isTried(not)) groups.push(() => all(negationsOf(not)));
    for (const [name, member] of memberSchemas(schema, "dependentSchemas")) {
      const required = keyword(schema, "required");
      const isNeeded = Array.isArray(required) && (required as readonly Json[]).includes(name);
      groups.push(() =>
        all(
          isNeeded
            ? [member]
            : [{ properties: { [name]: false } }, { allOf: [{ required: [name] }, member] }],
        )
      );
    }
    return groups;
  }
}

/** Returns true for a negation that values meet only by trying. */
function isTried(not: Json): boolean {
  return !isSchema(not) || isResidual(not);
}

function branches(schema: JsonObject, condition: JsonSchema): readonly JsonSchema[] {
  const branch = (name: string): JsonSchema => {
    const member = keyword(schema, name);
    return isSchema(member) ? member : true;
  };
  return [
    { allOf: [condition, branch("then")] },
    { allOf: [{ not: condition }, branch("else")] },
  ];
}

/** Returns true if values of a schema depend on more than one keyword that contains alternatives or conditions. */
export function isComposite(schema: JsonObject): boolean {
  const own = COMPOSITES.filter((name) => Object.hasOwn(schema, name));
  if (own.length === 0) return false;
  const [first] = own;
  if (own.length > 1 || first === undefined || !["$ref", "anyOf", "oneOf"].includes(first)) {
    return true;
  }
  return Object.keys(schema).some((name) => name !== first && !NOT_CONSTRAINTS.has(name));
}

const NOT_CONSTRAINTS = new Set([
  "title",
  "description",
  "default",
  "examples",
  "deprecated",
  "discriminator",
  "$defs",
  "definitions",
  "$schema",
  "$id",
  "$comment",
  "readOnly",
  "writeOnly",
]);

/** Returns true if a schema has keywords that a plan meets only by trying. */
export function needsTrials(schema: JsonObject): boolean {
  return TRIED.some((name) => Object.hasOwn(schema, name)) ||
    Object.hasOwn(schema, "oneOf") && !Object.hasOwn(schema, "discriminator") ||
    isJsonObject(schema["properties"]) &&
      ["patternProperties", "propertyNames", "minProperties", "maxProperties"].some((name) =>
        Object.hasOwn(schema, name)
      );
}

const TRIED = [
  "not",
  "contains",
  "dependentRequired",
  "dependencies",
  "unevaluatedProperties",
  "unevaluatedItems",
  "ge",
  "gt",
  "le",
  "lt",
  "multiple_of",
  "min_length",
  "max_length",
];
