import {
  isJsonObject,
  type Json,
  type JsonObject,
  type JsonSchema,
  keyword,
} from "../../contract/mod.ts";
import { completeExample } from "../examples/complete.ts";
import type { Sampler } from "../values/mod.ts";
import { setMember } from "../values/schema_nodes.ts";
import type { CollectionDefinition } from "./definition.ts";
import { type Branch, membersOf, wholeSchema } from "./item_type.ts";
import { firstFitting } from "./page.ts";

/** An item and its number in the order of addition. */
export interface Entry {
  readonly number: number;
  readonly item: JsonObject;
}

/** More items are refused, so that a mock that runs for weeks stays small. */
const MAX_ITEMS = 10_000;

/** The items of a collection. */
export class Collection {
  readonly definition: CollectionDefinition;
  readonly #sampler: Sampler;
  readonly #items = new Map<string, Entry>();
  /** Numbers of removed items by key: a cursor may name one. */
  readonly #removed = new Map<string, number>();
  #added = 0;

  constructor(definition: CollectionDefinition, sampler: Sampler) {
    this.definition = definition;
    this.#sampler = sampler;
    this.reset();
  }

  /** Restores the items of the start. */
  reset(): void {
    const { items } = this.definition;
    this.#items.clear();
    this.#removed.clear();
    this.#added = 0;
    if (typeof items === "number") {
      for (let count = 0; count < items; count++) this.add({}, {});
    } else for (const item of items) this.add(item, {});
  }

  /** In the order of addition. */
  get entries(): readonly Entry[] {
    return [...this.#items.values()];
  }

  get isFull(): boolean {
    return this.#items.size >= MAX_ITEMS;
  }

  find(key: Json): JsonObject | undefined {
    return this.#items.get(String(key))?.item;
  }

  /** The number of an item, also of a removed one. */
  numberOf(key: Json): number | undefined {
    return this.#items.get(String(key))?.number ?? this.#removed.get(String(key));
  }

  /**
   * Adds an item; generates its key if it has none, and its other missing members.
   *
   * @param sample Values for missing members
   */
  add(given: JsonObject, sample: JsonObject): JsonObject {
    const { item: { schema, members }, key, name } = this.definition;
    const number = ++this.#added;
    const own = Object.hasOwn(given, key) ? given[key] ?? null : null;
    const id = own ?? this.#newKey(number);
    const example: Record<string, Json> = {};
    for (const member of members.keys()) {
      if (Object.hasOwn(given, member)) setMember(example, member, given[member] ?? null);
    }
    setMember(example, key, id);
    const item = completeExample({
      schema,
      example,
      sample,
      sampler: this.#sampler,
      key: `${name}[${number}]`,
    }) as JsonObject;
    this.#items.set(String(id), { number, item });
    return item;
  }

  /** Changes members of an item. */
  change(key: Json, changes: JsonObject): JsonObject | undefined {
    const entry = this.#items.get(String(key));
    if (entry === undefined) return undefined;
    const item: Record<string, Json> = { ...entry.item };
    for (const [name, value] of Object.entries(changes)) setMember(item, name, value);
    this.#items.set(String(key), { ...entry, item });
    return item;
  }

  /** Removes an item and returns it. */
  remove(key: Json): JsonObject | undefined {
    const entry = this.#items.get(String(key));
    if (entry === undefined) return undefined;
    this.#items.delete(String(key));
    if (this.#removed.size < MAX_ITEMS) this.#removed.set(String(key), entry.number);
    return entry.item;
  }

  /** An item as another schema describes it: without members that the schema lacks, and with those that it adds. */
  shaped(branch: Branch, item: JsonObject): JsonObject {
    const { key, name } = this.definition;
    const members = membersOf(branch);
    const more = keyword(branch.schema, "additionalProperties");
    const keepsAll = members.size === 0 || more === true || isJsonObject(more);
    const example: Record<string, Json> = {};
    for (const [member, value] of Object.entries(item)) {
      if (keepsAll || members.has(member)) setMember(example, member, value);
    }
    return completeExample({
      schema: wholeSchema(branch),
      example,
      sample: undefined,
      sampler: this.#sampler,
      key: `${name}[${item[key]}]`,
    }) as JsonObject;
  }

  #newKey(number: number): Json {
    const { item: { branch, members }, key, name } = this.definition;
    const member = members.get(key);
    if (member === undefined) return number;
    const schema: JsonSchema = wholeSchema({ root: branch.root, schema: member });
    const isFree = (value: Json) =>
      !this.#items.has(String(value)) && !this.#removed.has(String(value));
    for (let attempt = 0; attempt < MAX_ITEMS; attempt++) {
      const counted = this.#added + attempt;
      const id = firstFitting(schema, [counted]) ??
        this.#sampler.value(schema, `${name}.${key}[${number}.${attempt}]`);
      if (id !== undefined && isFree(id)) return id;
    }
    return number;
  }
}
