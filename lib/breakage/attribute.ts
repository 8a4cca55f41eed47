import type { ReportedChange } from "../report/mod.ts";
import { type ComparedTypes, type DeclarationPath, firstMember } from "./compared_types.ts";
import type { CompilerError } from "./compile_client.ts";

/** Returns the declarations whose use means that a client uses what changed. */
export function touchedPaths(change: ReportedChange, types: ComparedTypes): DeclarationPath[] {
  const { procedure, procedures = [], model, member, rule } = change;
  const paths = changedPaths(change, types);
  if (procedure !== undefined || model === undefined) return paths;
  // An argument may come from a type of the client's own: who calls the procedure sends it.
  if (rule.startsWith("INPUT_")) {
    return [...paths, ...procedures.map((name) => ["Types", name])];
  }
  // Code that reads a value need not name its type.
  return rule.startsWith("RESULT_") && firstMember(member) === undefined
    ? [...paths, ...types.referringTo(model)]
    : paths;
}

/**
 * Returns the procedures and members that decide the cause of an error: {@link causeOf} ignores what the code uses after
 * one of them, or after a part of one.
 */
export function decisivePaths(
  changes: readonly ReportedChange[],
  types: ComparedTypes,
): DeclarationPath[] {
  return changes.filter((change) => types.isTypeChange(change))
    .flatMap((change) => changedPaths(change, types))
    .filter(({ length }) => length > 1);
}

function changedPaths(change: ReportedChange, types: ComparedTypes): DeclarationPath[] {
  const { procedure, model } = change;
  if (procedure !== undefined) return [["Types", procedure]];
  if (model === undefined) return [];
  const member = firstMember(change.member);
  return types.namesOf(model).map((name) => member === undefined ? [name] : [name, member]);
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
  types: ComparedTypes,
): Cause {
  const typeChanges = changes.filter((change) => types.isTypeChange(change));
  const others = changes.filter(({ rule }) => rule !== "DOCUMENTATION_CHANGED");
  const [only] = typeChanges;
  return nearestCause(error, typeChanges, types) ??
    (only !== undefined && typeChanges.every((change) => isSameEdit(change, only))
      ? { changes: typeChanges, uses: nameOf([], only, types) }
      : nearestCause(error, others, types)) ??
    { changes: [], uses: nearestUse(error) };
}

function nearestCause(
  error: CompilerError,
  changes: readonly ReportedChange[],
  types: ComparedTypes,
): Cause | undefined {
  for (const least of [EXACT, WHOLE, REACHED]) {
    for (const path of error.uses) {
      const scored = changes.map((change) => ({
        change,
        score: scoreOf(path, change, error, types),
      }));
      const best = Math.max(0, ...scored.map(({ score }) => score));
      if (best < least) continue;
      const found = scored.filter(({ score }) => score === best).map(({ change }) => change);
      const caused = found.filter((change) =>
        found[0] !== undefined && isSameEdit(change, found[0])
      );
      return { changes: caused, uses: nameOf(path, caused[0], types) };
    }
  }
  return undefined;
}

// One edit of a shared model is a change of arguments and one of results.
function isSameEdit(a: ReportedChange, b: ReportedChange): boolean {
  return a.model === b.model && a.member === b.member && a.procedure === b.procedure &&
    a.parameter === b.parameter;
}

function nearestUse({ uses }: CompilerError): string {
  const [nearest] = uses.filter((path) => path.length > 1 || path[0] !== "Types");
  return nearest === undefined ? "" : pathText(nearest);
}

const EXACT = 4;
const WHOLE = 2;
const REACHED = 1;

function scoreOf(
  path: DeclarationPath,
  change: ReportedChange,
  { message }: CompilerError,
  types: ComparedTypes,
): number {
  const [name = "", member, part] = path;
  if (name === "Types") {
    if (member === undefined) return 0;
    if (change.procedure === member) {
      return change.parameter !== undefined && change.parameter === part ? EXACT + 1 : EXACT;
    }
    return change.procedures?.includes(member) ? REACHED + quoted(change, message) : 0;
  }
  if (change.model === undefined) return 0;
  const changed = firstMember(change.member);
  if (types.namesOf(change.model).includes(name)) {
    if (changed === undefined) return member === undefined ? EXACT : WHOLE;
    if (changed === member) return EXACT + 1;
    if (member === undefined) return WHOLE + quoted(change, message);
  }
  return types.reaches(path, change.model) ? REACHED + quoted(change, message) : 0;
}

// The compiler names the member that does not fit: Property 'in_stock' is missing.
function quoted(change: ReportedChange, message: string): number {
  const member = firstMember(change.member);
  return member !== undefined && message.includes(`'${member}'`) ? 1 : 0;
}

function nameOf(
  path: DeclarationPath,
  change: ReportedChange | undefined,
  types: ComparedTypes,
): string {
  if (change?.procedure !== undefined && (path.length === 0 || change.procedure === path[1])) {
    // The code does not name a parameter that it does not have yet.
    const parameter = change.rule.startsWith("PARAMETER_ADDED") ? undefined : change.parameter;
    return pathText(["Types", change.procedure, ...defined(parameter)]);
  }
  if (change?.model === undefined) return pathText(path);
  const own = types.namesOf(change.model);
  const [type = change.model] = own.filter((name) => name === path[0]).concat(own);
  const member = firstMember(change.member);
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
