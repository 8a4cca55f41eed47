import type { Contract } from "../../contract/mod.ts";
import type { CheckedRpcCall, Outcome } from "../../rpc/mod.ts";
import { compileSchema, type Violation } from "../../validate/mod.ts";
import {
  Collection,
  CollectionCalls,
  type CollectionDefinition,
  type CollectionProcedure,
  readCollections,
} from "../collections/mod.ts";
import type { Sampler } from "../values/mod.ts";
import { examplesMalformed } from "./errors.ts";
import { type ExampleFile, type ExamplesDocument, type Fail, pathTo } from "./read.ts";

/** Throws an error about a value in the file that the contract forbids. */
export type Misfit = (path: string, violation: Pick<Violation, "message" | "type">) => void;

/** Options of {@link openCollections}. */
export interface OpenCollectionsOptions {
  readonly positionOf: ExamplesDocument["positionOf"];
  readonly contract: Contract;
  readonly sampler: Sampler;
  readonly where: string;
  readonly misfit: Misfit;
}

/** The collections of a file, with their items. */
export interface OpenCollections {
  readonly procedures: readonly string[];
  answer(call: CheckedRpcCall): Outcome | undefined;
  reset(): void;
}

/** Reads the collections of a file and fills them. @throws ToolError with the position of the first error */
export function openCollections(
  { procedures: examples, collections: raw }: ExampleFile,
  { positionOf, contract, sampler, where, misfit }: OpenCollectionsOptions,
): OpenCollections {
  const fail: Fail = (path, problem, fix) => {
    throw examplesMalformed({ where, path, problem, position: positionOf(path), fix });
  };
  const definitions = raw === undefined ? [] : readCollections(raw, contract, fail);
  const collections = definitions.map((definition) => new Collection(definition, sampler));
  const procedures = new Map<string, { calls: CollectionCalls; one: CollectionProcedure }>();
  for (const collection of collections) {
    checkItems(collection, misfit, fail);
    const calls = new CollectionCalls(collection, sampler);
    for (const one of collection.definition.procedures) {
      const { name } = one.procedure;
      const always = examples.get(name)?.find(({ args, when }) =>
        args === undefined && Object.keys(when).length === 0
      );
      if (always !== undefined) {
        fail(always.path, `"${name}" answers every call here, so its collection is never used`);
      }
      procedures.set(name, { calls, one });
    }
  }
  return {
    procedures: [...procedures.keys()],
    answer(call) {
      const found = procedures.get(call.procedure.name);
      return found?.calls.answer(found.one, call);
    },
    reset() {
      for (const collection of collections) collection.reset();
    },
  };
}

function checkItems(collection: Collection, misfit: Misfit, fail: Fail): void {
  const { items, item, key, path }: CollectionDefinition = collection.definition;
  if (typeof items === "number") return;
  const seen = new Set<string>();
  for (const [index, given] of items.entries()) {
    if (!Object.hasOwn(given, key)) continue;
    const id = String(given[key]);
    if (seen.has(id)) fail(`${path}.items[${index}]`, `another item has the ${key} ${id} as well`);
    seen.add(id);
  }
  const validator = compileSchema(item.schema);
  for (const [index, entry] of collection.entries.entries()) {
    const violation = validator.check(entry.item);
    if (violation === undefined) continue;
    misfit(violation.path.reduce<string>(pathTo, `${path}.items[${index}]`), violation);
  }
}
