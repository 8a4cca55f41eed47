import { isJsonObject, type Json, type JsonObject, type JsonSchema } from "../../contract/mod.ts";
import { compileSchema } from "../../validate/mod.ts";
import { setMember } from "../values/schema_nodes.ts";
import {
  type Branch,
  branchesOf,
  itemsOf,
  membersOf,
  objectsWith,
  wholeSchema,
} from "./item_type.ts";
import { plainName } from "./roles.ts";

/** The part of a collection that a call asks for. */
export interface Page {
  /** Items in the page. */
  readonly length: number;
  /** Items of all pages. */
  readonly total: number;
  /** Position of the first item of the page. */
  readonly offset: number;
  readonly limit: number | undefined;
  /** Candidates for the cursor of the next page; empty at the end. */
  readonly next: readonly Json[];
}

/** Makes the list of a result from the schema of its items. */
export type MakeList = (item: Branch) => readonly Json[];

/** A list's result: the list itself, or a page around it. `undefined` if the schema has no place for the items. */
export function listResult(
  schema: JsonSchema,
  { key, page, sample, makeList }: {
    readonly key: string;
    readonly page: Page;
    /** The generated result, for members that are not about the page. */
    readonly sample: Json;
    readonly makeList: MakeList;
  },
): Json | undefined {
  for (const branch of branchesOf(schema, schema)) {
    const [item] = objectsWith(itemsOf(branch), key);
    if (item !== undefined) return makeList(item);
    const made = pageObject(branch, sample, { key, page, makeList }, 0);
    if (made?.hasItems === true) return made.value;
  }
  return undefined;
}

interface PageOptions {
  readonly key: string;
  readonly page: Page;
  readonly makeList: MakeList;
}

const MAX_DEPTH = 3;

function pageObject(
  branch: Branch,
  sample: Json,
  options: PageOptions,
  depth: number,
): { readonly value: JsonObject; readonly hasItems: boolean } | undefined {
  const members = membersOf(branch);
  if (members.size === 0 || depth > MAX_DEPTH) return undefined;
  const value: Record<string, Json> = isJsonObject(sample) ? { ...sample } : {};
  let hasItems = false;
  for (const [name, member] of members) {
    const branches = branchesOf(branch.root, member);
    const [item] = objectsWith(branches.flatMap(itemsOf), options.key);
    if (item !== undefined && !hasItems) {
      setMember(value, name, options.makeList(item));
      hasItems = true;
      continue;
    }
    const about = firstFitting(
      wholeSchema({ root: branch.root, schema: member }),
      pageMember(plainName(name), options.page),
    );
    if (about !== undefined) {
      setMember(value, name, about);
      continue;
    }
    for (const one of branches) {
      const inner = pageObject(
        one,
        Object.hasOwn(value, name) ? value[name] ?? null : null,
        options,
        depth + 1,
      );
      if (inner === undefined) continue;
      setMember(value, name, inner.value);
      hasItems ||= inner.hasItems;
      break;
    }
  }
  return { value, hasItems };
}

/** The first of the values that fits a schema. */
export function firstFitting(schema: JsonSchema, values: readonly Json[]): Json | undefined {
  if (values.length === 0) return undefined;
  const validator = compileSchema(schema);
  return values.find((value) => validator.check(value) === undefined);
}

const NEXT = /^(?:next|nextcursor|cursor|nextpagetoken|nexttoken|endcursor|continuationtoken)$/;

/** Values for a member of a page, best first; none if its name is not about the page. */
function pageMember(name: string, page: Page): readonly Json[] {
  const { length, total, offset, limit, next } = page;
  const size = limit ?? total;
  const hasMore = next.length > 0;
  if (NEXT.test(name)) return hasMore ? next : [null, "", 0];
  switch (name) {
    case "total":
    case "totalcount":
    case "totalitems":
    case "count":
      return [total];
    case "size":
      return [length];
    case "hasmore":
    case "hasnext":
    case "hasnextpage":
    case "more":
      return [hasMore];
    case "hasprevious":
    case "hasprev":
    case "haspreviouspage":
      return [offset > 0];
    case "nextoffset":
      return hasMore ? [offset + length] : [null, total];
    case "nextpage":
      return hasMore ? [Math.floor(offset / Math.max(size, 1)) + 2] : [null];
    case "limit":
    case "pagesize":
    case "perpage":
      return limit === undefined ? [] : [limit];
    case "offset":
    case "skip":
      return [offset];
    case "pages":
    case "totalpages":
    case "pagecount":
      return [Math.ceil(total / Math.max(size, 1))];
    default:
      return [];
  }
}
