import {
  countKeyword,
  isSchema,
  type Json,
  type JsonSchema,
  keyword,
  schemaList,
} from "../../contract/mod.ts";
import { canonicalJson } from "../../validate/mod.ts";
import { bothSchemas } from "./combine.ts";
import { itemHint, mentions } from "./hints.ts";
import { DEEPEST, isDeep, type Make, type Planner, type PlanRequest } from "./making.ts";
import { integerBetween } from "./random.ts";
import { Scene } from "./scene.ts";

const ATTEMPTS = 200;
/** Attempts at different items in lists that need not be unique. */
const UNLIKE = 10;

/** Makes the plan of a list, set or tuple. */
export function listMake({ schema, hint, isTop }: PlanRequest, planner: Planner): Make {
  const prefixSchemas = schemaList(keyword(schema, "prefixItems"));
  const prefix = prefixSchemas.map((item) => planner.plan(item, itemHint(hint)));
  const least = countKeyword(schema, "minItems") ?? 0;
  const items = keyword(schema, "items") ?? keyword(schema, "unevaluatedItems");
  // A tuple ends where its items are described, unless it must be longer.
  const isClosed = items === false ||
    items === undefined && prefix.length > 0 && least <= prefix.length;
  const itemSchema: JsonSchema = isSchema(items) ? items : {};
  const item = isClosed ? undefined : planner.plan(itemSchema, itemHint(hint));
  const isUnique = keyword(schema, "uniqueItems") === true;
  const contained = containedItems(schema, itemSchema);
  const special = contained === undefined
    ? undefined
    : planner.plan(contained.schema, itemHint(hint));
  // A pair of one type is sorted.
  const isRange = mentions(hint, "range", "interval", "bounds", "span") && prefix.length === 2;
  const most = Math.min(
    countKeyword(schema, "maxItems") ?? Infinity,
    item === undefined ? prefix.length : Infinity,
    prefixSchemas.includes(false) ? prefixSchemas.indexOf(false) : Infinity,
  );
  const needed = least + (contained === undefined ? 0 : contained.least);
  return (making) => {
    const { random } = making;
    const wanted = isTop && making.listLength !== undefined
      ? making.listLength
      : integerBetween(random, 1, 3);
    const count = isDeep(making)
      ? Math.min(most, Math.max(least, contained?.least ?? 0))
      : Math.min(most, Math.max(contained === undefined ? least : needed, wanted, prefix.length));
    // The matching items are the last ones, behind those with a schema of their own.
    const specialFrom = special === undefined ? Infinity : count - (contained?.least ?? 0);
    making.depth++;
    const list: Json[] = [];
    const seen = new Set<string>();
    for (let attempt = 0; list.length < count && attempt < count + ATTEMPTS; attempt++) {
      const make = list.length >= specialFrom ? special : prefix[list.length] ?? item;
      if (make === undefined || making.depth > DEEPEST) break;
      making.budget--;
      const scene = making.scene;
      making.scene = new Scene(random);
      const value = make(making);
      making.scene = scene;
      if (isUnique) {
        const key = canonicalJson(value);
        if (seen.has(key)) continue;
        seen.add(key);
      } else if (typeof value === "string") {
        // A repeated tag looks like a mistake, but there may be only one possible word.
        if (seen.has(value) && attempt < count + UNLIKE) continue;
        seen.add(value);
      }
      list.push(value);
    }
    making.depth--;
    if (isRange && list.every((value) => typeof value === "number")) list.sort((a, b) => a - b);
    return list;
  };
}

/** The items that `contains` requires, with their schema. */
function containedItems(
  schema: PlanRequest["schema"],
  item: JsonSchema,
): { readonly schema: JsonSchema; readonly least: number } | undefined {
  const contains = keyword(schema, "contains");
  if (!isSchema(contains)) return undefined;
  const least = countKeyword(schema, "minContains") ?? 1;
  return least === 0 ? undefined : { schema: bothSchemas(item, contains), least };
}
