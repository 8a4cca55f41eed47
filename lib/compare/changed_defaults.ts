import { stringifyJson } from "../json/mod.ts";
import {
  isJsonObject,
  type Json,
  type JsonObject,
  type JsonSchema,
  MAX_SCHEMA_DEPTH,
  ownMember,
  resolvePointer,
} from "../contract/mod.ts";
import type { ChangePlace } from "./change.ts";
import { isSame } from "./same_value.ts";

/** Lists the changed defaults of members that both schemas have. */
export function changedDefaults(old: JsonSchema, next: JsonSchema): ChangePlace[] {
  const places: ChangePlace[] = [];
  const seen = new Set<JsonSchema>();
  const visit = (a: Json | undefined, b: Json | undefined, path: string, depth: number): void => {
    const [x, y] = [resolve(a, old), resolve(b, next)];
    if (x === undefined || y === undefined || depth > MAX_SCHEMA_DEPTH || places.length >= 4) {
      return;
    }
    if (seen.has(x)) return;
    seen.add(x);
    const [mine, theirs] = [ownMember(x, "properties"), ownMember(y, "properties")];
    if (isJsonObject(mine) && isJsonObject(theirs)) {
      for (const [name, member] of Object.entries(mine)) {
        const other = ownMember(theirs, name);
        if (!isJsonObject(member) || !isJsonObject(other)) continue;
        const [before, after] = [ownMember(member, "default"), ownMember(other, "default")];
        if (before !== undefined && after !== undefined && !isSame(before, after)) {
          places.push({
            path: `${path}.${name}`,
            before: jsonText(before),
            after: jsonText(after),
          });
        }
        visit(member, other, `${path}.${name}`, depth + 1);
      }
    }
    for (const [key, mark] of [["items", "[]"], ["additionalProperties", "{}"]] as const) {
      visit(ownMember(x, key), ownMember(y, key), `${path}${mark}`, depth + 1);
    }
    for (const key of ["anyOf", "oneOf", "allOf", "prefixItems"]) {
      const [left, right] = [ownMember(x, key), ownMember(y, key)];
      if (!Array.isArray(left) || !Array.isArray(right) || left.length !== right.length) continue;
      left.forEach((item: Json, index) => visit(item, right[index], path, depth + 1));
    }
  };
  visit(old, next, "$", 0);
  return places;
}

function resolve(schema: Json | undefined, root: JsonSchema): JsonObject | undefined {
  if (!isJsonObject(schema)) return undefined;
  const ref = ownMember(schema, "$ref");
  if (typeof ref !== "string") return schema;
  const target = resolvePointer(root, ref);
  return isJsonObject(target) ? target : undefined;
}

/** Formats a value as JSON, shortened. */
export function jsonText(value: Json): string {
  const text = stringifyJson(value);
  return text.length <= 60 ? text : `${text.slice(0, 59)}…`;
}
