import type { Field } from "./item_type.ts";

/** Parts that a parameter can have in a call of a collection. */
export const PARAMETER_ROLES = [
  "key",
  "limit",
  "cursor",
  "offset",
  "page",
  "search",
  "sort",
] as const;
/** One of the {@link PARAMETER_ROLES}. */
export type ParameterRole = (typeof PARAMETER_ROLES)[number];

// Without underscores, in lower case.
const NAMES: Readonly<Record<Exclude<ParameterRole, "key">, readonly string[]>> = {
  limit: [
    "limit",
    "pagesize",
    "perpage",
    "pagelimit",
    "maxresults",
    "first",
    "take",
    "size",
    "count",
    "top",
  ],
  cursor: [
    "cursor",
    "pagetoken",
    "nexttoken",
    "nextcursor",
    "continuationtoken",
    "startingafter",
    "startafter",
    "after",
    "marker",
  ],
  offset: ["offset", "skip", "start"],
  page: ["page", "pagenumber", "pageindex"],
  search: ["q", "query", "search"],
  sort: ["sort", "sortby", "orderby", "ordering"],
};
// Members of items rarely have these names; others are filters then.
const ALWAYS = new Set(["limit", "cursor", "offset"]);

/** A name as it is compared: `pageSize` is `page_size`. */
export function plainName(name: string): string {
  return name.replaceAll("_", "").toLowerCase();
}

/** The parameter with a role, by the usual names. */
export function parameterWithRole(
  role: Exclude<ParameterRole, "key">,
  fields: ReadonlyMap<string, Field>,
  members: ReadonlyMap<string, unknown>,
): string | undefined {
  for (const wanted of NAMES[role]) {
    const name = [...fields.keys()].find((field) => plainName(field) === wanted);
    if (name !== undefined && (ALWAYS.has(wanted) || !members.has(name))) return name;
  }
  return undefined;
}

/** The parameter with the key of an item: `id`, `order_id`, or the only required one. */
export function keyParameter(
  key: string,
  collection: string,
  fields: ReadonlyMap<string, Field>,
): string | undefined {
  if (fields.has(key)) return key;
  const names = [...fields.keys()];
  const singular = collection.replace(/ies$/, "y").replace(/s$/, "");
  const [last = key] = key.split("_").slice(-1);
  for (const wanted of [`${singular}_${key}`, `${singular}_${last}`, last, singular]) {
    const name = names.find((name) => plainName(name) === plainName(wanted));
    if (name !== undefined) return name;
  }
  const ending = names.filter((name) => plainName(name).endsWith(plainName(last)));
  if (ending.length === 1) return ending[0];
  const required = names.filter((name) => fields.get(name)?.default === undefined);
  return required.length === 1 ? required[0] : names.length === 1 ? names[0] : undefined;
}
