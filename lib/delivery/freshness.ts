import { readFile, stat } from "node:fs/promises";
import { hashOf, isGeneratedFile, readGeneratedFile } from "../codegen/mod.ts";

/**
 * The state of types that were delivered:
 *
 * - `missing`: the file does not exist;
 * - `placeholder`: the empty types that `@pyrpc/types` is published with;
 * - `foreign`: pyrpc did not write the file;
 * - `conflicted`: the file contains merge conflict markers;
 * - `stale`: they are the types of another contract;
 * - `truncated`: the file ends too early;
 * - `current`: they are the types of the contract, also after a formatter or a linter.
 */
export type Freshness =
  | "missing"
  | "placeholder"
  | "foreign"
  | "conflicted"
  | "stale"
  | "truncated"
  | "current";

/** The types that a file should hold. */
export interface WantedTypes {
  /** The hash of the contract. */
  readonly hash: string;
  readonly procedures: readonly { readonly name: string }[];
  /** Names of the exported types. */
  readonly types: readonly string[];
}

// Reading a larger file back takes longer than writing it.
const MAX_READ_BACK = 8 * 2 ** 20;

const CONFLICT = /^<{7}(?: |$)/m;
// `never` in earlier placeholders; now an object type whose only member explains itself in errors of the compiler.
const PLACEHOLDER =
  /^export type Types = Record<string, (?:never|\{ readonly "[^"\n]*": never;? \})>;?$/m;
// The last statement, with its object or, in a declaration file, without.
const END =
  /\bprocedureKinds\s*:\s*ProcedureKinds\s*=\s*\{[^]*\}\s*;?\s*$|\bdeclare const procedureKinds\s*:\s*ProcedureKinds\s*;?\s*$/;

/**
 * Decides whether delivered types are current. `check`, `doctor`, `sync` and `dev` use this rule only.
 *
 * @param present the text of the file; undefined if it does not exist
 * @param wanted undefined if the contract is not known: such a file is never `stale`
 */
export function freshnessOf(
  present: string | undefined,
  wanted: WantedTypes | undefined,
): Freshness {
  if (present === undefined) return "missing";
  if (!isGeneratedFile(present)) return "foreign";
  if (CONFLICT.test(present)) return "conflicted";
  if (present.trim() === "") return "truncated";
  const hash = hashOf(present);
  if (hash === undefined && PLACEHOLDER.test(present)) return "placeholder";
  if (wanted === undefined) {
    return hash === undefined || END.test(present) ? "current" : "truncated";
  }
  if (hash !== wanted.hash) return "stale";
  if (!END.test(present)) return "truncated";
  return present.length > MAX_READ_BACK ? "current" : freshnessOfNames(present, wanted);
}

// The header alone does not show what somebody deleted or added further down.
function freshnessOfNames(present: string, { procedures, types }: WantedTypes): Freshness {
  const found = readGeneratedFile(present).declarations;
  const pairs = [
    [found.procedures, new Set(procedures.map(({ name }) => name))],
    [found.types, new Set(types)],
  ] as const;
  for (const [there, wanted] of pairs) {
    for (const name of wanted) if (!there.has(name)) return "truncated";
  }
  for (const [there, wanted] of pairs) if (there.size > wanted.size) return "stale";
  return "current";
}

/** No placeholder is larger, in bytes. */
const MAX_PLACEHOLDER = 4096;

/** Returns true if delivered types are gone, or an installation replaced them by the placeholder of `@pyrpc/types`. */
export async function isLost(path: string): Promise<boolean> {
  try {
    if ((await stat(path)).size > MAX_PLACEHOLDER) return false;
    return freshnessOf(await readFile(path, "utf8"), undefined) === "placeholder";
  } catch (error) {
    return isAbsence(error);
  }
}

/** Returns true if nothing is at a path (any more). */
export async function isMissing(path: string): Promise<boolean> {
  return await stat(path).then(
    () => false,
    isAbsence,
  );
}

function isAbsence(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === "ENOENT" || code === "ENOTDIR";
}
