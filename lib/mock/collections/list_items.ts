import type { Json, JsonObject } from "../../contract/mod.ts";
import { isSameJson } from "../../validate/mod.ts";
import { wholeSchema } from "./item_type.ts";
import type { Collection, Entry } from "./collection.ts";
import type { CollectionProcedure } from "./definition.ts";
import { fieldsOf } from "./item_type.ts";
import { firstFitting, type Page } from "./page.ts";

/** Items per page where a call has a page but no size. */
const PAGE_SIZE = 20;

/** The items that a call asks for, or an error. */
export type Listed =
  | { readonly items: readonly JsonObject[]; readonly page: Page }
  | { readonly error: string };

/** Filters, sorts and pages the items of a collection. */
export function listItems(
  collection: Collection,
  one: CollectionProcedure,
  given: ReadonlyMap<string, Json>,
): Listed {
  const { roles } = one;
  const argument = (name: string | undefined) => name === undefined ? undefined : given.get(name);
  const found = collection.entries.filter((entry) => isWanted(entry, collection, one, given));
  const sort = argument(roles.sort);
  const sorted = typeof sort === "string" ? sortedBy(found, sort, given) : found;

  const asked = argument(roles.limit);
  const page = argument(roles.page);
  const limit = typeof asked === "number" && asked >= 0
    ? Math.floor(asked)
    : typeof page === "number"
    ? PAGE_SIZE
    : undefined;
  let start = 0;
  const cursor = argument(roles.cursor);
  if (isCursor(cursor, collection, one)) {
    const after = positionAfter(sorted, cursor, collection);
    if (after === undefined) {
      return { error: `${collection.definition.name}: unknown cursor ${JSON.stringify(cursor)}` };
    }
    start = after;
  }
  const offset = argument(roles.offset);
  if (typeof offset === "number") start += Math.max(0, Math.floor(offset));
  if (typeof page === "number") {
    start += (limit ?? PAGE_SIZE) * Math.max(0, page - firstPage(one, collection));
  }

  const part = sorted.slice(start, limit === undefined ? undefined : start + limit);
  const last = part.at(-1);
  const hasMore = start + part.length < sorted.length && last !== undefined;
  return {
    items: part.map(({ item }) => item),
    page: {
      length: part.length,
      total: sorted.length,
      offset: Math.min(start, sorted.length),
      limit,
      next: hasMore ? cursorOf(last, collection, one) : [],
    },
  };
}

function isWanted(
  { item }: Entry,
  { definition }: Collection,
  { roles }: CollectionProcedure,
  given: ReadonlyMap<string, Json>,
): boolean {
  const taken = new Set(Object.values(roles));
  for (const [name, wanted] of given) {
    if (taken.has(name) || wanted === null || !Object.hasOwn(item, name)) continue;
    if (definition.item.members.has(name) && !includes(item[name] ?? null, wanted)) return false;
  }
  const search = given.get(roles.search ?? "");
  if (typeof search !== "string" || search === "") return true;
  const text = search.toLowerCase();
  return Object.entries(item).some(([name, value]) =>
    name !== definition.key && typeof value === "string" && value.toLowerCase().includes(text)
  );
}

/** `tags: ["new"]` requires all of them, `status: ["open", "paid"]` one of them. */
function includes(value: Json, wanted: Json): boolean {
  const has = (list: readonly Json[], one: Json) => list.some((each) => isSameJson(each, one));
  if (Array.isArray(wanted)) {
    const list = wanted as readonly Json[];
    return Array.isArray(value)
      ? list.every((one) => has(value as readonly Json[], one))
      : has(list, value);
  }
  return Array.isArray(value) ? has(value as readonly Json[], wanted) : isSameJson(value, wanted);
}

// `price`, `-price`, `price desc`, `price:desc`.
function sortedBy(
  entries: readonly Entry[],
  sort: string,
  given: ReadonlyMap<string, Json>,
): readonly Entry[] {
  const [, sign = "", name = "", word = ""] =
    /^([-+]?)([\w.]+?)(?:[\s:_](asc|desc))?$/i.exec(sort) ?? [];
  const direction = ["direction", "order", "sort_order"].map((other) => given.get(other));
  const isDescending = sign === "-" || word.toLowerCase() === "desc" ||
    direction.some((value) => typeof value === "string" && /^desc/i.test(value)) ||
    given.get("descending") === true || given.get("desc") === true;
  const sign1 = isDescending ? -1 : 1;
  return entries.toSorted((a, b) =>
    sign1 * compare(a.item[name] ?? null, b.item[name] ?? null) || a.number - b.number
  );
}

function compare(a: Json, b: Json): number {
  if (a === null || b === null) return a === b ? 0 : a === null ? 1 : -1;
  if (typeof a === "number" && typeof b === "number") return a - b;
  const [left, right] = [String(a), String(b)];
  return left < right ? -1 : left > right ? 1 : 0;
}

/** The first page is 0 where that is the default, and otherwise 1. */
function firstPage({ procedure, roles }: CollectionProcedure, { definition }: Collection): number {
  const field = fieldsOf(procedure, definition.item.members).get(roles.page ?? "");
  return field?.default === 0 ? 0 : 1;
}

/** A cursor of the first page is missing, null, empty, or the default. */
function isCursor(
  cursor: Json | undefined,
  { definition }: Collection,
  { procedure, roles }: CollectionProcedure,
): cursor is Json {
  if (cursor === undefined || cursor === null || cursor === "") return false;
  const field = fieldsOf(procedure, definition.item.members).get(roles.cursor ?? "");
  return field?.default === undefined || !isSameJson(field.default, cursor);
}

/** Cursors name the last item of a page: they stay correct when items before it are removed. */
function cursorOf(
  { item, number }: Entry,
  { definition }: Collection,
  { procedure, roles }: CollectionProcedure,
): readonly Json[] {
  const key = item[definition.key] ?? null;
  const candidates = [key, String(key), number, String(number)];
  const field = fieldsOf(procedure, definition.item.members).get(roles.cursor ?? "");
  if (field === undefined) return candidates;
  const fitting = firstFitting(wholeSchema(field), candidates);
  return fitting === undefined ? [] : [fitting];
}

function positionAfter(
  sorted: readonly Entry[],
  cursor: Json,
  collection: Collection,
): number | undefined {
  const { key } = collection.definition;
  const index = sorted.findIndex(({ item }) => String(item[key]) === String(cursor));
  if (index !== -1) return index + 1;
  const number = collection.numberOf(cursor) ?? Number(cursor);
  if (!Number.isInteger(number)) return undefined;
  const next = sorted.findIndex((entry) => entry.number > number);
  return next === -1 ? sorted.length : next;
}
