import {
  canonicalSchema,
  type Contract,
  findModels,
  isJsonObject,
  type Model,
  ownMember,
  type Procedure,
} from "../contract/mod.ts";
import { type ContractChange, makeChange } from "./change.ts";
import { guessRenames } from "./likeness.ts";
import { isSame } from "./same_value.ts";

/** A longer shape identifies a model whatever its name. */
const MIN_DISTINCTIVE = 60;

/** Lists added, removed and renamed models. Only changed procedures can add or remove a model. */
export function diffModels(
  before: Contract,
  after: Contract,
  unchanged: ReadonlySet<string>,
  changes: ContractChange[],
): void {
  const kept = new Set<string>();
  const differing = ({ procedures, document }: Contract): Contract => ({
    procedures: new Map([...procedures].filter(([name]) => !unchanged.has(name))),
    document,
  });
  for (const [name, procedure] of before.procedures) {
    if (unchanged.has(name)) namesIn(procedure, kept);
  }
  const [mine, theirs] = [differing(before), differing(after)];
  // Finding models is slow: skip it if no name was added or removed.
  if (isSame(namesOf(mine), namesOf(theirs))) return;
  const old = modelsByName(mine);
  const next = modelsByName(theirs);
  const candidates = (from: ReadonlyMap<string, Model>, other: ReadonlyMap<string, Model>) =>
    [...from].filter(([name]) => !other.has(name) && !kept.has(name)).map(([name, { schema }]) => {
      const shape = canonicalSchema(schema, (ref) => ref.slice(ref.lastIndexOf("/") + 1));
      return { name, shape, isDistinctive: shape.length > MIN_DISTINCTIVE };
    });
  const removed = candidates(old, next);
  const added = candidates(next, old);
  const renames = guessRenames(removed, added);
  const renamedTo = new Set(renames.values());
  for (const { name } of removed) {
    const newName = renames.get(name);
    if (newName === undefined) {
      changes.push(makeChange("MODEL_REMOVED", `the model "${name}" was removed`, {
        model: name,
        reason: "name",
      }));
      continue;
    }
    changes.push(
      makeChange("MODEL_RENAMED", `the model "${name}" was probably renamed to "${newName}"`, {
        model: name,
        isGuess: true,
        reason: "name",
        places: [{ path: "name", before: name, after: newName }],
      }),
    );
  }
  for (const { name } of added) {
    if (renamedTo.has(name)) continue;
    changes.push(makeChange("MODEL_ADDED", `the model "${name}" was added`, { model: name }));
  }
}

function namesOf({ procedures }: Contract): string[] {
  const names = new Set<string>();
  for (const procedure of procedures.values()) namesIn(procedure, names);
  return [...names].sort();
}

// Adds every name that a model of a procedure may have.
function namesIn({ parameters, result }: Procedure, names: Set<string>): void {
  for (const schema of [result, ...parameters.map(({ schema }) => schema)]) {
    if (typeof schema === "boolean") continue;
    const definitions = ownMember(schema, "$defs");
    for (const [key, definition] of Object.entries(isJsonObject(definitions) ? definitions : {})) {
      names.add(key);
      const title = isJsonObject(definition) ? ownMember(definition, "title") : undefined;
      if (typeof title === "string") names.add(title);
    }
    const title = ownMember(schema, "title");
    if (typeof title === "string") names.add(title);
  }
}

function modelsByName(contract: Contract): Map<string, Model> {
  const models = new Map<string, Model>();
  for (const model of findModels(contract).models) {
    if (!models.has(model.label)) models.set(model.label, model);
  }
  return models;
}
