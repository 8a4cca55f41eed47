import {
  isJsonObject,
  isSchema,
  type Json,
  type JsonObject,
  type JsonSchema,
  keyword,
  memberSchemas,
  type Procedure,
  schemaList,
} from "../../contract/mod.ts";
import { compileSchema, resolveReference, type SchemaValidator } from "../../validate/mod.ts";
import { hasSeveralTypes } from "./dictionary.ts";
import { wordsOf } from "./hints.ts";
import { PAGE_LISTS } from "./page_lists.ts";
import { setMember } from "./schema_nodes.ts";

/** Copies arguments into members of the result that have the same name and type. */
export type Echo = (value: Json, args: ReadonlyMap<string, unknown>) => Json;

/** Arguments that select a part of a list, so that they do not apply to its items. */
const LIST_ARGUMENTS = new Set([
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
const MAX_DEPTH = 8;
/** Larger pages are not generated, so that a page of the mock stays readable. */
const MAX_ITEMS = 20;

/**
 * Makes the echo of a procedure: `get_user(id=7)` returns `id: 7`, `save_product(product)` the members of the product,
 * `list_orders(status="open")` open orders.
 */
export function echoOf(procedure: Procedure): Echo {
  const echoer = new Echoer(procedure.result);
  return (value, args) => args.size === 0 ? value : echoer.echo(value, args);
}

/** A class of the result, with a validator for each member. */
interface Model {
  readonly title: string;
  readonly members: ReadonlyMap<string, SchemaValidator>;
}

class Echoer {
  readonly #root: JsonSchema;
  readonly #models = new Map<JsonSchema, Model>();

  constructor(root: JsonSchema) {
    this.#root = root;
  }

  echo(value: Json, args: ReadonlyMap<string, unknown>): Json {
    return this.#echo(this.#root, value, args, 0, false);
  }

  #echo(
    schema: JsonSchema,
    value: Json,
    args: ReadonlyMap<string, unknown>,
    depth: number,
    isItem: boolean,
  ): Json {
    if (depth > MAX_DEPTH) return value;
    const reference = keyword(schema, "$ref");
    if (typeof reference === "string") {
      const target = resolveReference(this.#root, reference, schema);
      return target === undefined
        ? value
        : this.#echo(target.schema, value, args, depth + 1, isItem);
    }
    if (Array.isArray(value)) {
      const items = keyword(schema, "items");
      if (!isSchema(items)) return value;
      return (value as readonly Json[]).map((item) =>
        this.#echo(items, item, args, depth + 1, true)
      );
    }
    if (!isJsonObject(value)) return value;
    const options = schemaList(keyword(schema, "anyOf") ?? keyword(schema, "oneOf"));
    if (options.length > 0) {
      const [option, ...others] = options.filter((each) => keyword(each, "type") !== "null");
      if (option === undefined || others.length > 0) return value;
      return this.#echo(option, value, args, depth + 1, isItem);
    }
    const properties = keyword(schema, "properties");
    if (!isJsonObject(properties)) return isItem ? value : this.#echoRecord(schema, value, args);
    return this.#echoModel(schema, properties, value, args, depth, isItem);
  }

  #echoModel(
    schema: JsonSchema,
    properties: JsonObject,
    value: JsonObject,
    args: ReadonlyMap<string, unknown>,
    depth: number,
    isItem: boolean,
  ): Json {
    const object = { ...value } as Record<string, Json>;
    setArguments(object, this.#modelOf(schema), args, isItem);
    if (isItem) return object;
    // Filters apply to the items of a page.
    for (const name of PAGE_LISTS) {
      const list = object[name];
      const member = Array.isArray(list) ? keyword(properties, name) : undefined;
      if (!Array.isArray(list) || !isSchema(member)) continue;
      setMember(object, name, this.#echo(member, list as Json, args, depth + 1, true));
      raiseTotals(object, list.length);
    }
    return object;
  }

  /** Echoes into a dictionary with values of several types, which is an undescribed record. */
  #echoRecord(
    schema: JsonSchema,
    value: JsonObject,
    args: ReadonlyMap<string, unknown>,
  ): Json {
    const additional = keyword(schema, "additionalProperties");
    if (!isSchema(additional) || !hasSeveralTypes(additional)) return value;
    const validator = compileSchema(additional, { root: this.#root });
    const object = { ...value } as Record<string, Json>;
    for (const [name, argument] of args) {
      const isScalar = typeof argument === "string" || typeof argument === "number" ||
        typeof argument === "bigint";
      if (isScalar && !LIST_ARGUMENTS.has(name) && validator.check(argument) === undefined) {
        setMember(object, name, argument as Json);
      }
    }
    return object;
  }

  #modelOf(schema: JsonSchema): Model {
    let model = this.#models.get(schema);
    if (model === undefined) {
      const title = keyword(schema, "title");
      model = {
        title: wordsOf(typeof title === "string" ? title : "").join("_"),
        members: new Map(
          memberSchemas(schema, "properties").map(([name, member]) => [
            name,
            compileSchema(member, { root: this.#root }),
          ]),
        ),
      };
      this.#models.set(schema, model);
    }
    return model;
  }
}

/** Sets the members of an object that arguments, or members of object arguments, are valid for. */
function setArguments(
  object: Record<string, Json>,
  { title, members }: Model,
  args: ReadonlyMap<string, unknown>,
  isItem: boolean,
): void {
  const set = (name: string, value: unknown) => {
    const validator = members.get(name);
    if (validator === undefined || validator.check(value) !== undefined) return;
    // A filter that is null does not filter.
    if (isItem && value === null) return;
    setMember(object, name, value as Json);
  };
  for (const [name, value] of args) {
    if (!isJsonObject(value) || members.has(name)) continue;
    for (const key of Object.keys(value)) set(key, value[key]);
  }
  for (const [name, value] of args) {
    if (isItem && (LIST_ARGUMENTS.has(name) || name === "id")) continue;
    if (members.has(name)) set(name, value);
    // `get_user(user_id=7)` selects the user with this id.
    else if (!isItem && name === `${title}_id`) set("id", value);
  }
}

/** Raises totals that are below the length of the page. */
function raiseTotals(object: Record<string, Json>, length: number): void {
  for (const name of ["total", "total_count", "total_items", "count"]) {
    const total = object[name];
    if (typeof total === "number" && total < length) setMember(object, name, total + length);
  }
}

/** The number of items that a call requests; `undefined` if it does not. */
export function requestedLength(args: ReadonlyMap<string, unknown>): number | undefined {
  for (const name of ["limit", "first", "page_size", "per_page", "count", "size"]) {
    const value = args.get(name);
    if (typeof value === "number" && Number.isInteger(value) && value >= 0) {
      return Math.min(value, MAX_ITEMS);
    }
  }
  return undefined;
}
