import { resolve } from "node:path";
import { parseJson } from "../json/mod.ts";
import { compareProcedures, type ProcedureChanges } from "../compare/mod.ts";
import {
  type Contract,
  findModels,
  formatContract,
  noProcedures,
  parseContract,
  type Selection,
} from "../contract/mod.ts";
import { applyPlan, checkPlan, type FileChange, isUpToDate, planFile } from "../delivery/mod.ts";
import {
  type LoadContext,
  type LoadedSource,
  type LoadOptions,
  loadSource,
  selectSource,
} from "../source/mod.ts";

/** A snapshot to pull. */
export interface PullRequest {
  readonly source: string;
  /** The file to write; undefined returns the text only. */
  readonly out: string | undefined;
  /** Only `write` changes files. */
  readonly mode: "write" | "check" | "dry-run";
  readonly allowEmpty: boolean;
  /** The procedures of the snapshot. */
  readonly selection: Selection;
  /** Called with the loaded contract before anything is written. */
  readonly onLoaded: (loaded: LoadedSource) => void;
}

/** A pulled snapshot. */
export interface PulledSnapshot {
  /** The snapshot as it is written. */
  readonly text: string;
  /** Origin of the contract. */
  readonly source: string;
  /** The planned or written file; empty without `out`. */
  readonly files: readonly FileChange[];
  readonly upToDate: boolean;
  /** Names of all procedures, sorted. */
  readonly procedures: readonly string[];
  /** Number of models. */
  readonly types: number;
  /** Differences between the file before and the contract. */
  readonly changes: ProcedureChanges;
}

/** Loads a contract and writes it as a snapshot. @throws ToolError if the contract is empty, unless allowed */
export async function pullSnapshot(
  { source, out, mode, allowEmpty, selection, onLoaded }: PullRequest,
  options: LoadOptions,
  context: LoadContext,
): Promise<PulledSnapshot> {
  const loaded = selectSource(
    await loadSource(source, { ...options, marksFloats: true }, context),
    selection,
  );
  const { contract, written = contract, where } = loaded;
  onLoaded(loaded);
  if (contract.procedures.size === 0 && !allowEmpty) {
    throw noProcedures(where, "nothing was written");
  }
  const text = formatContract(written);
  const files = out === undefined
    ? []
    : planSnapshot(resolve(context.cwd, out), text, contract, mode);
  const before = readSnapshot(files[0]?.before ?? "{}") ??
    { procedures: new Map(), document: {} };
  return {
    text,
    source: where,
    files,
    upToDate: isUpToDate(files),
    procedures: [...contract.procedures.keys()].sort(),
    types: findModels(contract).models.length,
    changes: compareProcedures(before, contract),
  };
}

function planSnapshot(
  path: string,
  text: string,
  contract: Contract,
  mode: PullRequest["mode"],
): readonly FileChange[] {
  const plan = planFile(path, text, {
    // The order of keys and the spaces of another tool do not make a file out of date.
    isCurrent: (present) => {
      const before = readSnapshot(present);
      if (before === undefined) return false;
      const { added, changed, removed } = compareProcedures(before, contract);
      return added.length + changed.length + removed.length === 0;
    },
    mayReplace: isSnapshot,
  });
  return mode === "write" ? applyPlan(plan) : checkPlan(plan);
}

/**
 * Reports whether a file is a snapshot, possibly a damaged one, such as one with conflict markers, or empty. An OpenRPC
 * document is a contract, but not one that was written here.
 */
function isSnapshot(text: string): boolean {
  return text.trim() === "" || /"return_schema"\s*:/.test(text) ||
    (!/"openrpc"\s*:/.test(text) && readSnapshot(text) !== undefined);
}

// The present file may have any content.
function readSnapshot(text: string): Contract | undefined {
  try {
    return parseContract(parseJson(text), { where: "" });
  } catch {
    return undefined;
  }
}
