import type { Json, JsonObject, JsonSchema } from "../../contract/mod.ts";
import { canonicalJson } from "../../validate/mod.ts";
import { setMember } from "./schema_nodes.ts";

/** Pairs of members such as `min_price` and `max_price` with the same schema: the first is at most the second. */
export function rangesOf(members: readonly (readonly [string, JsonSchema])[]): [string, string][] {
  const byName = new Map(members);
  const rules = (name: string) => {
    const { title: _, description: __, ...rest } = { ...byName.get(name) as JsonObject };
    return canonicalJson(rest);
  };
  return members.flatMap(([name]): [string, string][] => {
    const other = name.replace(/(^|_)min(?=_|$|[A-Z])/, "$1max");
    return other !== name && byName.has(other) && rules(name) === rules(other)
      ? [[name, other]]
      : [];
  });
}

/** Swaps the values of pairs of {@link rangesOf} that are in the wrong order. */
export function sortRanges(
  object: Record<string, Json>,
  ranges: readonly (readonly [low: string, high: string])[],
): void {
  for (const [low, high] of ranges) {
    const [from, to] = [object[low], object[high]];
    if (typeof from !== "number" || typeof to !== "number" || from <= to) continue;
    setMember(object, low, to);
    setMember(object, high, from);
  }
}
