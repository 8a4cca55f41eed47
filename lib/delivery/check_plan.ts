import { foreignFile } from "./errors.ts";
import { locate, type LocatedFile } from "./locate.ts";
import type { FilePlan, PlannedFile } from "./file_plan.ts";

/**
 * How a planned file stands to what is there:
 * `same` (nothing to do; line endings do not count), `formatted` (up to date, but not our bytes: a formatter's hand),
 * `create` (missing) or `change`.
 */
export type FileState = "same" | "formatted" | "create" | "change";

/** One planned file with what is there now. */
export interface FileChange {
  /** Absolute. */
  readonly path: string;
  readonly state: FileState;
  /** The text that is there; undefined if the file does not exist. */
  readonly before: string | undefined;
  readonly after: string;
}

/**
 * Compares a plan with the disk and writes nothing.
 *
 * @throws {ToolError} where the plan could not be applied: a missing root, a link that leaves it, a folder or device in
 * the way
 */
export function checkPlan(plan: FilePlan): FileChange[] {
  return plan.files.map((file) => compare(plan, file, locate(plan, file.path)));
}

/** Returns true if no file of a plan has to be written. */
export function isUpToDate(changes: readonly FileChange[]): boolean {
  return changes.every(({ state }) => state === "same" || state === "formatted");
}

/** A line for each file: what would happen to it, its path, and its size in bytes. */
export function describePlan(
  changes: readonly (FileChange | { readonly path: string; readonly state: "remove" })[],
): string[] {
  return changes.map((change) => {
    const { path } = change;
    if (change.state === "remove") return `${"remove".padEnd(9)} ${path}`;
    const { state, after } = change;
    return `${WORDS[state].padEnd(9)} ${path} (${new TextEncoder().encode(after).length} bytes)`;
  });
}

/** Compares a planned file with its target. */
export function compare(plan: FilePlan, file: PlannedFile, target: LocatedFile): FileChange {
  const { path, present } = target;
  const state = stateOf(file, present);
  if (state === "change" && file.mayReplace?.(present ?? "") === false) {
    throw foreignFile(path, plan.named);
  }
  return { path, state, before: present, after: file.content };
}

const WORDS: Record<FileState, string> = {
  same: "unchanged",
  formatted: "format",
  create: "create",
  change: "change",
};

function stateOf(file: PlannedFile, present: string | undefined): FileState {
  if (present === undefined) return "create";
  // A checkout with CRLF or a byte order mark holds the same text.
  if (present === file.content || unixText(present) === unixText(file.content)) return "same";
  return file.isCurrent?.(present) ? "formatted" : "change";
}

function unixText(text: string): string {
  return text.replace(/^\ufeff/, "").replaceAll("\r\n", "\n");
}
