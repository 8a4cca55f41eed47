import type { GeneratedTypes } from "../codegen/mod.ts";
import type { ReportedChange } from "../report/mod.ts";
import type { CompilerError } from "./compile_client.ts";

/** The path of a declaration in generated types: `["Product", "in_stock"]`, `["Types", "add"]`. */
export type DeclarationPath = readonly string[];

/** The names of a contract's models in the generated types: a model can have a type for arguments and one for results. */
export type ModelNames = ReadonlyMap<string, readonly string[]>;

/** Returns the type names of each model of the given types. */
export function modelNames(...all: readonly GeneratedTypes[]): ModelNames {
  const names = new Map<string, Set<string>>();
  for (const { models } of all) {
    for (const [name, { label }] of models) {
      const known = names.get(label) ?? new Set();
      names.set(label, known.add(name));
    }
  }
  return new Map([...names].map(([label, set]) => [label, [...set]]));
}

/** Returns the declarations whose use means that a client uses what changed. */
export function touchedPaths(change: ReportedChange, names: ModelNames): DeclarationPath[] {
  const { procedure, procedures = [], rule } = change;
  const paths = changedPaths(change, names);
  // An argument may come from a type of the client's own: who calls the procedure sends it.
  return procedure === undefined && rule.startsWith("INPUT_")
    ? [...paths, ...procedures.map((name) => ["Types", name])]
    : paths;
}

/**
 * Returns the procedures and members that decide the cause of an error: {@link causeOf} ignores what the code uses after
 * one of them, or after a part of one.
 */
export function decisivePaths(
  changes: readonly ReportedChange[],
  names: ModelNames,
): DeclarationPath[] {
  const paths = changes.filter(isCause).flatMap((change) => changedPaths(change, names));
  return paths.filter(({ length }) => length > 1);
}

function changedPaths(change: ReportedChange, names: ModelNames): DeclarationPath[] {
  const { procedure, model } = change;
  if (procedure !== undefined) return [["Types", procedure]];
  if (model === undefined) return [];
  const member = firstMember(change);
  return typesOf(model, names).map((name) => member === undefined ? [name] : [name, member]);
}

function isCause({ rule }: ReportedChange): boolean {
  return rule !== "DOCUMENTATION_CHANGED";
}

/** The changes that cause an error, and the declaration to name. Empty if no change explains it. */
export interface Cause {
  readonly changes: readonly ReportedChange[];
  readonly uses: string;
}

/**
 * Finds the change that causes an error: the one of the nearest declaration that the code uses. Changes of a whole
 * model, or of a model inside it, count if the code names no changed declaration itself.
 */
export function causeOf(
  error: CompilerError,
  changes: readonly ReportedChange[],
  names: ModelNames,
): Cause {
  const possible = changes.filter(isCause);
  for (const least of [EXACT, WHOLE, REACHED]) {
    for (const path of error.uses) {
      const scored = possible.map((change) => ({
        change,
        score: scoreOf(path, change, error, names),
      }));
      const best = Math.max(0, ...scored.map(({ score }) => score));
      if (best < least) continue;
      const found = scored.filter(({ score }) => score === best).map(({ change }) => change);
      // One edit of a shared model is a change of arguments and one of results.
      const [first] = found;
      const isSame = (change: ReportedChange) =>
        change.model === first?.model && change.member === first?.member &&
        change.procedure === first?.procedure && change.parameter === first?.parameter;
      const caused = found.filter(isSame);
      return { changes: caused, uses: nameOf(path, caused[0], names) };
    }
  }
  const [nearest] = error.uses.filter((path) => path.length > 1 || path[0] !== "Types");
  return { changes: [], uses: nearest === undefined ? "" : pathText(nearest) };
}

const EXACT = 4;
const WHOLE = 2;
const REACHED = 1;

function scoreOf(
  path: DeclarationPath,
  change: ReportedChange,
  { message }: CompilerError,
  names: ModelNames,
): number {
  const [name = "", member, part] = path;
  if (name === "Types") {
    if (member === undefined) return 0;
    if (change.procedure === member) {
      return change.parameter !== undefined && change.parameter === part ? EXACT + 1 : EXACT;
    }
    return change.procedures?.includes(member) ? REACHED + quoted(change, message) : 0;
  }
  if (change.model === undefined || !typesOf(change.model, names).includes(name)) return 0;
  const changed = firstMember(change);
  if (changed === undefined) return member === undefined ? EXACT : WHOLE;
  if (changed === member) return EXACT + 1;
  return member === undefined ? WHOLE + quoted(change, message) : 0;
}

// The compiler names the member that does not fit: Property 'in_stock' is missing.
function quoted(change: ReportedChange, message: string): number {
  const member = firstMember(change);
  return member !== undefined && message.includes(`'${member}'`) ? 1 : 0;
}

function nameOf(
  path: DeclarationPath,
  change: ReportedChange | undefined,
  names: ModelNames,
): string {
  if (change?.procedure !== undefined && change.procedure === path[1]) {
    // The code does not name a parameter that it does not have yet.
    const parameter = change.rule.startsWith("PARAMETER_ADDED") ? undefined : change.parameter;
    return pathText(["Types", change.procedure, ...defined(parameter)]);
  }
  if (change?.model === undefined) return pathText(path);
  const own = typesOf(change.model, names);
  const [type = change.model] = own.filter((name) => name === path[0]).concat(own);
  const member = firstMember(change);
  return member === undefined ? type : `${type}.${member}`;
}

function defined(name: string | undefined): string[] {
  return name === undefined ? [] : [name];
}

function pathText([first = "", ...rest]: DeclarationPath): string {
  if (first !== "Types") return [first, ...rest].join(".");
  const [procedure = "", parameter] = rest;
  return parameter === undefined ? procedure : `${procedure}(${parameter})`;
}

function typesOf(model: string, names: ModelNames): readonly string[] {
  return names.get(model) ?? [model];
}

// `price.amount` and `tags[]` are parts of the members `price` and `tags`.
function firstMember({ member }: ReportedChange): string | undefined {
  const [first = ""] = (member ?? "").split(/[.[]/);
  return first === "" ? undefined : first;
}
