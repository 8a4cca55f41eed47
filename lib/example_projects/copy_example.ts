import { existsSync, readdirSync } from "node:fs";
import { join, relative, resolve, sep } from "node:path";
import { applyPlan, checkPlan, describePlan, type FileChange, planFiles } from "../delivery/mod.ts";
import { folderNotEmpty, pathWord } from "./errors.ts";
import { type ExampleName, loadFiles, RUN_COMMANDS } from "./examples.ts";

/** A copy to make. */
export interface ExampleRequest {
  readonly name: ExampleName;
  readonly cwd: string;
  /** The target as the user typed it (default: the current folder). */
  readonly folder: string | undefined;
  /** Accept a folder with files, and replace those of the same names. */
  readonly force: boolean;
  /** `dry-run` writes nothing. */
  readonly mode: "write" | "dry-run";
}

/** The result of a copy. */
export interface CopiedExample {
  /** Absolute path of the target. */
  readonly folder: string;
  readonly files: readonly FileChange[];
  /** A line for each file: what happens to it, its path and its size. */
  readonly plan: readonly string[];
  /** The commands that run the example from the current folder: a list for each terminal. */
  readonly next: readonly (readonly string[])[];
}

/** Names that do not make a folder unsuitable, such as the ones of a new repository. */
const IGNORED = [".git", ".hg", ".jj", ".DS_Store"];

/**
 * Copies an example project to a folder, which is created if it does not exist.
 *
 * @throws ToolError if the folder has files, or a file cannot be written
 */
export async function copyExample(
  { name, cwd, folder: given, force, mode }: ExampleRequest,
): Promise<CopiedExample> {
  const folder = resolve(cwd, given ?? ".");
  const texts = Object.entries(await loadFiles(name));
  const plan = planFiles(
    folder,
    texts.map(([path, content]) => ({ path: path.split("/").join(sep), content })),
    { createRoot: true },
  );
  // Compared first: a file in the place of the folder is an error of its own.
  const compared = checkPlan(plan);
  const present = force || !existsSync(folder)
    ? undefined
    : readdirSync(folder).sort().find((entry) => !IGNORED.includes(entry));
  if (present !== undefined) {
    throw folderNotEmpty(folder, present, { name, newFolder: newFolder(cwd, name), given });
  }
  const files = mode === "write" ? applyPlan(plan) : compared;
  const way = relative(cwd, folder);
  const enter = way === "" ? [] : [`cd ${pathWord(way)}`];
  return {
    folder,
    files,
    plan: describePlan(files),
    next: RUN_COMMANDS[name].map((commands) => [...enter, ...commands]),
  };
}

function newFolder(cwd: string, name: string): string {
  for (let number = 1;; number++) {
    const folder = number === 1 ? name : `${name}-${number}`;
    if (!existsSync(join(cwd, folder))) return folder;
  }
}
