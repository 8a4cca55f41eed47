import { isJsonObject, type Json, type JsonObject, type JsonSchema } from "../../contract/mod.ts";
import {
  type CheckedRpcCall,
  failed,
  type Outcome,
  succeeded,
  type WireValue,
} from "../../rpc/mod.ts";
import type { Sampler } from "../values/mod.ts";
import type { Collection } from "./collection.ts";
import type { CollectionProcedure } from "./definition.ts";
import { branchesOf, fieldsOf, membersOf, objectsWith } from "./item_type.ts";
import { listItems } from "./list_items.ts";
import { firstFitting, listResult } from "./page.ts";

/** Answers the calls of a collection's procedures. */
export class CollectionCalls {
  readonly #collection: Collection;
  readonly #sampler: Sampler;

  constructor(collection: Collection, sampler: Sampler) {
    this.#collection = collection;
    this.#sampler = sampler;
  }

  answer(one: CollectionProcedure, { arguments: args, procedure }: CheckedRpcCall): Outcome {
    const given = givenFields(one, args, this.#collection.definition.item.members);
    const sample = () => this.#sampler.result(procedure, args) ?? null;
    switch (one.operation) {
      case "list":
        return this.#list(one, given, sample);
      case "add":
        return this.#add(one, given, sample);
      case "save":
        return this.#isKnown(one, given)
          ? this.#update(one, given, sample)
          : this.#add(one, given, sample);
      case "get": {
        const item = this.#collection.find(keyOf(one, given));
        return item === undefined ? this.#missing(one, given) : this.#result(one, item, sample);
      }
      case "update":
        return this.#update(one, given, sample);
      case "delete": {
        const item = this.#collection.remove(keyOf(one, given));
        return item === undefined ? this.#missing(one, given) : this.#result(one, item, sample);
      }
    }
  }

  #list(one: CollectionProcedure, given: ReadonlyMap<string, Json>, sample: () => Json): Outcome {
    const { definition } = this.#collection;
    const listed = listItems(this.#collection, one, given);
    if ("error" in listed) return fault(listed.error);
    const result = listResult(one.procedure.result, {
      key: definition.key,
      page: listed.page,
      sample: sample(),
      makeList: (branch) => listed.items.map((item) => this.#collection.shaped(branch, item)),
    });
    return succeeded(result as WireValue ?? sample());
  }

  #isKnown(one: CollectionProcedure, given: ReadonlyMap<string, Json>): boolean {
    return this.#collection.find(keyOf(one, given)) !== undefined;
  }

  #add(one: CollectionProcedure, given: ReadonlyMap<string, Json>, sample: () => Json): Outcome {
    const { name, item, key } = this.#collection.definition;
    if (this.#collection.isFull) return fault(`${name}: the collection is full`);
    const members = this.#members(given);
    const own = members[key] ?? null;
    if (own !== null && this.#collection.find(own) !== undefined) {
      return fault(`${name}: an item with ${key} ${own} exists already`);
    }
    const generated = sample();
    // Members that the caller leaves out are those of a new item: an order is open, a list empty.
    const added = this.#collection.add(
      { ...item.defaults(), ...members },
      isJsonObject(generated) ? generated : {},
    );
    return this.#result(one, added, () => generated);
  }

  #update(one: CollectionProcedure, given: ReadonlyMap<string, Json>, sample: () => Json): Outcome {
    const { key } = this.#collection.definition;
    const { [key]: _, ...changes } = this.#members(given);
    const item = this.#collection.change(keyOf(one, given), changes);
    return item === undefined ? this.#missing(one, given) : this.#result(one, item, sample);
  }

  /** The arguments that are members of an item. */
  #members(given: ReadonlyMap<string, Json>): JsonObject {
    const { item } = this.#collection.definition;
    return Object.fromEntries([...given].filter(([name, value]) => item.fits(name, value)));
  }

  #missing(one: CollectionProcedure, given: ReadonlyMap<string, Json>): Outcome {
    const { name, key, notFound } = this.#collection.definition;
    if (notFound !== undefined) {
      const { code, message, data } = notFound;
      return failed({ kind: "procedure", code, message, ...(data === null ? {} : { data }) });
    }
    const { operation, procedure: { result } } = one;
    const empty = firstFitting(
      result,
      operation === "delete" ? [false] : operation === "get" ? [null] : [],
    );
    if (empty !== undefined) return succeeded(empty);
    return fault(`${name}: no item with ${key} ${JSON.stringify(keyOf(one, given))}`);
  }

  /** An item as the procedure returns it: itself, inside another object, its key, or that it worked. */
  #result(
    { procedure: { result } }: CollectionProcedure,
    item: JsonObject,
    sample: () => Json,
  ): Outcome {
    const { key } = this.#collection.definition;
    const [own] = objectsWith(branchesOf(result, result), key);
    if (own !== undefined) return succeeded(this.#collection.shaped(own, item));
    const wrapped = this.#wrapped(result, item, sample);
    if (wrapped !== undefined) return succeeded(wrapped);
    const simple = firstFitting(result, [item[key] ?? null, String(item[key]), true, null]);
    return succeeded(simple ?? sample());
  }

  #wrapped(result: JsonSchema, item: JsonObject, sample: () => Json): JsonObject | undefined {
    for (const branch of branchesOf(result, result)) {
      for (const [name, member] of membersOf(branch)) {
        const [inner] = objectsWith(
          branchesOf(branch.root, member),
          this.#collection.definition.key,
        );
        if (inner === undefined) continue;
        const around = sample();
        return {
          ...isJsonObject(around) ? around : {},
          [name]: this.#collection.shaped(inner, item),
        };
      }
    }
    return undefined;
  }
}

function fault(message: string): Outcome {
  return failed({ kind: "procedure", code: -32603, message });
}

function keyOf({ roles }: CollectionProcedure, given: ReadonlyMap<string, Json>): Json {
  return given.get(roles.key ?? "") ?? null;
}

/**
 * The arguments by name, those of models spread. A missing one has its default, except where it would change a member of
 * an item.
 */
function givenFields(
  { procedure, operation }: CollectionProcedure,
  args: ReadonlyMap<string, unknown>,
  members: ReadonlyMap<string, unknown>,
): ReadonlyMap<string, Json> {
  const given = new Map<string, Json>();
  for (const [name, field] of fieldsOf(procedure, members)) {
    const mayChange = members.has(name) && (operation === "update" || operation === "save");
    if (!mayChange && field.default !== undefined) given.set(name, field.default);
  }
  const spread = [...args].filter(([name, value]) => isJsonObject(value) && !members.has(name));
  for (const [, value] of spread) {
    for (const [key, inner] of Object.entries(value as JsonObject)) given.set(key, inner);
  }
  for (const [name, value] of args) {
    if (!spread.some(([other]) => other === name)) given.set(name, value as Json);
  }
  return given;
}
