import {
  isJsonObject,
  type Json,
  type JsonSchema,
  keyword,
  memberSchemas,
  schemaList,
} from "../../contract/mod.ts";
import { compileSchema, resolveReference } from "../../validate/mod.ts";
import { withDefinitions } from "../values/schema_nodes.ts";

const MAX_DEPTH = 20;

/** The member of a union that an example was most likely written for; `undefined` if none is possible. */
export function bestOption(
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

/** Tags decide, then the number of members that the option has. Negative if the option is impossible. */
function scoreOf(root: JsonSchema, option: JsonSchema, given: Json, depth: number): number {
  if (depth > MAX_DEPTH) return -1;
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
