import { isJsonObject, type Json } from "../contract/mod.ts";
import { formatJsonText } from "../json/mod.ts";
import { withMember } from "./schema_sites.ts";
import type { Params } from "./test_case.ts";

/**
 * Finds simpler arguments that still fail: fewer first, then smaller values.
 *
 * @param fails sends the call; undefined ends the search
 */
export async function shrink(
  params: Params,
  fails: (params: Params) => Promise<boolean | undefined>,
): Promise<Params> {
  let smallest = params;
  for (let hasChanged = true; hasChanged;) {
    hasChanged = false;
    for (const candidate of simplerParams(smallest)) {
      const isFailing = await fails(candidate);
      if (isFailing === undefined) return smallest;
      if (!isFailing) continue;
      smallest = candidate;
      hasChanged = true;
      break;
    }
  }
  return smallest;
}

/** Returns simpler arguments, the simplest first; each is strictly simpler, so that a search ends. */
export function simplerParams(params: Params): Params[] {
  if (Array.isArray(params)) {
    const list = params as readonly Json[];
    return [
      ...(list.length > 0 ? [list.slice(0, -1)] : []),
      ...list.flatMap((value, index) =>
        simplerValues(value).map((simpler) => list.toSpliced(index, 1, simpler))
      ),
    ];
  }
  const object = params as Readonly<Record<string, Json>>;
  const names = Object.keys(object);
  return [
    ...names.map((name) => withMember(object, name, undefined)),
    ...names.flatMap((name) =>
      simplerValues(object[name] ?? null).map((simpler) => withMember(object, name, simpler))
    ),
  ];
}

const MAX_LIST = 24;

/** Returns simpler values, the simplest first. */
export function simplerValues(value: Json): Json[] {
  const simpler = (candidates: readonly Json[]) =>
    candidates.filter((each) => isSimpler(each, value));
  if (typeof value === "string") {
    return simpler(["", "a", value.slice(0, Math.ceil(value.length / 2)), value.slice(0, -1)]);
  }
  if (typeof value === "number") {
    return simpler([0, 1, -1, Math.trunc(value), Math.trunc(value / 2)]);
  }
  if (typeof value === "bigint") return simpler([0, 1, -1, value / 2n]);
  if (typeof value === "boolean") return simpler([false]);
  if (Array.isArray(value)) {
    const list = (value as readonly Json[]).slice(0, MAX_LIST);
    return simpler([
      [],
      list.slice(0, Math.ceil(list.length / 2)),
      ...list.map((_, index) => list.toSpliced(index, 1)),
      ...list.flatMap((item, index) =>
        simplerValues(item).map((each) => list.toSpliced(index, 1, each))
      ),
    ]);
  }
  if (!isJsonObject(value)) return [];
  const names = Object.keys(value).slice(0, MAX_LIST);
  return simpler([
    {},
    ...names.map((name) => withMember(value, name, undefined)),
    ...names.flatMap((name) =>
      simplerValues(value[name] ?? null).map((each) => withMember(value, name, each))
    ),
  ]);
}

function isSimpler(a: Json, b: Json): boolean {
  const [left, right] = [formatJsonText(a), formatJsonText(b)];
  if (left.length !== right.length) return left.length < right.length;
  return left < right && typeof a === typeof b;
}
