import type { Json, JsonObject, JsonSchema } from "../../contract/mod.ts";
import { compileSchema } from "../../validate/mod.ts";
import type { Sampler } from "../values/mod.ts";
import {
  isJsonObject,
  isSchema,
  keyword,
  memberSchemas,
  resolveReference,
  schemaList,
  setMember,
} from "../values/schema_nodes.ts";

/**
 * Fills what an example leaves out: members of models that are missing come from the made value beside them, or are made.
 * Lists and dictionaries are the example's own; only their items are filled.
 *
 * @param made What the mock would answer without the example.
 */
export function completeExample(
  schema: JsonSchema,
  example: Json,
  made: Json | undefined,
  sampler: Sampler,
  key: string,
): Json {
  const definitions = keyword(schema, "$defs");

  const fill = (
    inner: JsonSchema,
    given: Json,
    beside: Json | undefined,
    path: string,
    depth: number,
  ): Json => {
    if (depth > 60 || typeof given !== "object" || given === null) return given;
    const reference = keyword(inner, "$ref");
    if (typeof reference === "string") {
      const target = resolveReference(schema, reference);
      return target === undefined ? given : fill(target.schema, given, beside, path, depth + 1);
    }
    const options = schemaList(keyword(inner, "oneOf") ?? keyword(inner, "anyOf"));
    if (options.length > 0) {
      const option = bestOption(schema, options, given);
      return option === undefined ? given : fill(option, given, beside, path, depth + 1);
    }
    if (Array.isArray(given)) return fillList(inner, given, beside, path, depth);
    return fillObject(inner, given as JsonObject, beside, path, depth);
  };

  const fillList = (
    inner: JsonSchema,
    given: readonly Json[],
    beside: Json | undefined,
    path: string,
    depth: number,
  ): Json => {
    const items = keyword(inner, "items");
    const prefix = schemaList(keyword(inner, "prefixItems"));
    const others: readonly Json[] = Array.isArray(beside) ? beside : [];
    return given.map((item, index) => {
      const one = prefix[index] ?? items;
      return isSchema(one) ? fill(one, item, others[index], `${path}.${index}`, depth + 1) : item;
    });
  };

  const fillObject = (
    inner: JsonSchema,
    given: JsonObject,
    beside: Json | undefined,
    path: string,
    depth: number,
  ): Json => {
    const filled: Record<string, Json> = {};
    const members = new Map(memberSchemas(inner, "properties"));
    for (const [name, member] of members) {
      const around = isJsonObject(beside) && Object.hasOwn(beside, name) ? beside[name] : undefined;
      if (Object.hasOwn(given, name)) {
        setMember(filled, name, fill(member, given[name]!, around, `${path}.${name}`, depth + 1));
      } else {
        const whole = withDefinitions(member, definitions);
        const fits = around !== undefined && compileSchema(whole).check(around) === undefined;
        setMember(filled, name, fits ? around : sampler.value(whole, `${key}${path}.${name}`));
      }
    }
    const additional = keyword(inner, "additionalProperties");
    for (const [name, value] of Object.entries(given)) {
      if (members.has(name)) continue;
      setMember(
        filled,
        name,
        isSchema(additional)
          ? fill(additional, value, undefined, `${path}.${name}`, depth + 1)
          : value,
      );
    }
    return filled;
  };

  return fill(schema, example, made, "", 0);
}

function withDefinitions(schema: JsonSchema, definitions: Json | undefined): JsonSchema {
  return typeof schema === "object" && definitions !== undefined
    ? { ...schema, $defs: definitions }
    : schema;
}

/** The member of a union that an example was most likely written for. */
function bestOption(
  root: JsonSchema,
  options: readonly JsonSchema[],
  given: Json,
): JsonSchema | undefined {
  let best: { option: JsonSchema; score: number } | undefined;
  for (const option of options) {
    const score = scoreOf(root, option, given, 0);
    if (score >= 0 && (best === undefined || score > best.score)) best = { option, score };
  }
  return best?.option;
}

// Tags decide; then the number of members that are known.
function scoreOf(root: JsonSchema, option: JsonSchema, given: Json, depth: number): number {
  if (depth > 20) return -1;
  const reference = keyword(option, "$ref");
  if (typeof reference === "string") {
    const target = resolveReference(root, reference);
    return target === undefined ? -1 : scoreOf(root, target.schema, given, depth + 1);
  }
  const options = schemaList(keyword(option, "oneOf") ?? keyword(option, "anyOf"));
  if (options.length > 0) {
    return Math.max(...options.map((one) => scoreOf(root, one, given, depth + 1)));
  }
  const type = keyword(option, "type");
  if (Array.isArray(given)) return type === "array" ? 1 : -1;
  if (!isJsonObject(given)) return -1;
  if (type !== "object" && !isJsonObject(keyword(option, "properties"))) return -1;
  let score = 0;
  const definitions = keyword(root, "$defs");
  const members = new Map(memberSchemas(option, "properties"));
  for (const [name, value] of Object.entries(given)) {
    const member = members.get(name);
    if (member === undefined) continue;
    const isTag = keyword(member, "const") !== undefined || Array.isArray(keyword(member, "enum"));
    const fits = compileSchema(withDefinitions(member, definitions)).check(value) === undefined;
    if (isTag && !fits) return -1;
    score += fits ? 2 : 1;
  }
  return score;
}
