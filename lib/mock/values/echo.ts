import type { Json, JsonObject, JsonSchema, Procedure } from "../../contract/mod.ts";
import { compileSchema, type SchemaValidator } from "../../validate/mod.ts";
import { wordsOf } from "./hints.ts";
import { PAGE_LISTS } from "./plan.ts";
import {
  isJsonObject,
  isSchema,
  keyword,
  memberSchemas,
  resolveReference,
  schemaList,
  setMember,
} from "./schema_nodes.ts";

/** Puts arguments where the result has members of the same name and type. */
export type Echo = (value: Json, args: ReadonlyMap<string, unknown>) => Json;

/** Arguments that ask for a part of a list, not for what stands in it. */
const ABOUT_LISTS = new Set([
  "limit",
  "offset",
  "page",
  "per_page",
  "page_size",
  "cursor",
  "sort",
  "order",
  "order_by",
  "skip",
  "first",
  "after",
  "before",
]);

/** What the list of a page is called. */

interface Model {
  readonly title: string;
  readonly members: ReadonlyMap<string, SchemaValidator>;
}

/**
 * Makes the echo of a procedure: `get_user(id=7)` answers with `id: 7`, `save_product(product)` with the product's own
 * members, `list_orders(status="open")` with open orders.
 */
export function echoOf(procedure: Procedure): Echo {
  const root = procedure.result;
  const models = new Map<JsonSchema, Model>();
  const definitions = keyword(root, "$defs");
  const modelOf = (schema: JsonSchema): Model => {
    let model = models.get(schema);
    if (model === undefined) {
      const title = keyword(schema, "title");
      model = {
        title: wordsOf(typeof title === "string" ? title : "").join("_"),
        members: new Map(
          memberSchemas(schema, "properties").map(([name, member]) => [
            name,
            compileSchema(
              typeof member === "object" && definitions !== undefined
                ? { ...member, $defs: definitions }
                : member,
            ),
          ]),
        ),
      };
      models.set(schema, model);
    }
    return model;
  };

  const put = (
    object: Record<string, Json>,
    model: Model,
    args: ReadonlyMap<string, unknown>,
    isItem: boolean,
  ): void => {
    const set = (name: string, value: unknown) => {
      const validator = model.members.get(name);
      if (validator === undefined || validator.check(value) !== undefined) return;
      // A null filter means no filter.
      if (isItem && value === null) return;
      setMember(object, name, value as Json);
    };
    for (const [name, value] of args) {
      if (!isJsonObject(value) || model.members.has(name)) continue;
      for (const key of Object.keys(value)) set(key, value[key]);
    }
    for (const [name, value] of args) {
      if (isItem && (ABOUT_LISTS.has(name) || name === "id")) continue;
      if (model.members.has(name)) set(name, value);
      // `get_user(user_id=7)` means the user's id.
      else if (!isItem && name === `${model.title}_id`) set("id", value);
    }
  };

  const echo = (
    schema: JsonSchema,
    value: Json,
    args: ReadonlyMap<string, unknown>,
    depth: number,
    isItem: boolean,
  ): Json => {
    if (depth > 8) return value;
    const reference = keyword(schema, "$ref");
    if (typeof reference === "string") {
      const target = resolveReference(root, reference);
      return target === undefined ? value : echo(target.schema, value, args, depth + 1, isItem);
    }
    if (Array.isArray(value)) {
      const items = keyword(schema, "items");
      if (!isSchema(items)) return value;
      return (value as readonly Json[]).map((item) => echo(items, item, args, depth + 1, true));
    }
    if (!isJsonObject(value)) return value;
    const options = schemaList(keyword(schema, "anyOf") ?? keyword(schema, "oneOf"));
    if (options.length > 0) {
      const models = options.filter((option) => keyword(option, "type") !== "null");
      return models.length === 1 ? echo(models[0]!, value, args, depth + 1, isItem) : value;
    }
    const properties = keyword(schema, "properties");
    if (!isJsonObject(properties)) return isItem ? value : echoRecord(schema, value, args);
    const object = { ...value } as Record<string, Json>;
    put(object, modelOf(schema), args, isItem);
    // The items of a page are what the call asks for.
    if (!isItem) {
      for (const name of PAGE_LISTS) {
        const member = Array.isArray(object[name]) ? keyword(properties, name) : undefined;
        if (!isSchema(member)) continue;
        setMember(object, name, echo(member, object[name]!, args, depth + 1, true));
        countAtLeast(object, (object[name] as readonly Json[]).length);
      }
    }
    return object;
  };
  // A dictionary of values of several types is a record without a description.
  function echoRecord(
    schema: JsonSchema,
    value: JsonObject,
    args: ReadonlyMap<string, unknown>,
  ): Json {
    const additional = keyword(schema, "additionalProperties");
    if (!isSchema(additional) || schemaList(keyword(additional, "anyOf")).length < 2) return value;
    const validator = compileSchema({
      ...additional as JsonObject,
      ...definitions === undefined ? {} : { $defs: definitions },
    });
    const object = { ...value } as Record<string, Json>;
    for (const [name, argument] of args) {
      const isScalar = typeof argument === "string" || typeof argument === "number" ||
        typeof argument === "bigint";
      if (isScalar && !ABOUT_LISTS.has(name) && validator.check(argument) === undefined) {
        setMember(object, name, argument as Json);
      }
    }
    return object;
  }
  return (value, args) => args.size === 0 ? value : echo(root, value, args, 0, false);
}

// A page does not hold more than there is.
function countAtLeast(object: Record<string, Json>, length: number): void {
  for (const name of ["total", "total_count", "total_items", "count"]) {
    const total = object[name];
    if (typeof total === "number" && total < length) setMember(object, name, total + length);
  }
}

/** The number of items that a call asks for; nothing where it does not say. */
export function askedLength(args: ReadonlyMap<string, unknown>): number | undefined {
  for (const name of ["limit", "first", "page_size", "per_page", "count", "size"]) {
    const value = args.get(name);
    if (typeof value === "number" && Number.isInteger(value) && value >= 0) {
      return Math.min(value, MOST_ITEMS);
    }
  }
  return undefined;
}

/** More items than this are asked for but never made: a page of the mock stays readable. */
const MOST_ITEMS = 20;
