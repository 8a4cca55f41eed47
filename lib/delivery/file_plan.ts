import { basename, dirname, isAbsolute, normalize, resolve, sep } from "node:path";
import { outsideRoot } from "./errors.ts";
import type { NamedTarget } from "./named_target.ts";

/** One file of a plan. */
export interface PlannedFile {
  /** Relative to the plan's root, with the separators of the system. */
  readonly path: string;
  readonly content: string;
  /**
   * Returns true if present content is up to date although its bytes differ, such as types after a formatter. Only checks
   * ask it: applying a plan restores the bytes.
   */
  readonly isCurrent?: ((present: string) => boolean) | undefined;
  /** Returns false for present content that must not be overwritten. @default {() => true} */
  readonly mayReplace?: ((present: string) => boolean) | undefined;
  /** Only its owner may read the file (mode 0600). @default {false} */
  readonly isPrivate?: boolean | undefined;
}

/** Files to write: plain data, which can be checked, shown or applied. */
export interface FilePlan {
  /** Absolute; nothing is ever written outside of it. */
  readonly root: string;
  readonly files: readonly PlannedFile[];
  /** Create `root` if it does not exist; otherwise that is an error. */
  readonly createRoot: boolean;
  /**
   * Symbolic links below the root (a package in a store that other projects use) that make way for real folders.
   * Relative to the root.
   */
  readonly replaceLinks: readonly string[];
  /** The flag that named the target, for the fixes in errors. @default `--out` */
  readonly named?: NamedTarget | undefined;
}

/** Options of {@link planFile}. */
export interface PlanFileOptions
  extends Pick<PlannedFile, "isCurrent" | "mayReplace" | "isPrivate"> {
  /** The flag that named the file. See {@link FilePlan.named}. */
  readonly flag?: string | undefined;
}

/**
 * A plan for one file that the user named. The folder of the file is the root; it is made when it is missing.
 *
 * @param path absolute (resolve what the user typed against the console's working directory first)
 */
export function planFile(path: string, content: string, options: PlanFileOptions = {}): FilePlan {
  const { flag, ...file } = options;
  const absolute = resolve(path);
  return planFiles(dirname(absolute), [{ path: basename(path), content, ...file }], {
    createRoot: true,
    named: flag === undefined ? undefined : { flag, path: absolute },
  });
}

/** Options of {@link planFiles}. */
export interface PlanFilesOptions {
  /** @default {false} */
  readonly createRoot?: boolean;
  /** @default {[]} */
  readonly replaceLinks?: readonly string[];
  /** See {@link FilePlan.named}. */
  readonly named?: NamedTarget | undefined;
}

/**
 * A plan for several files below one root.
 *
 * @throws {ToolError} `TARGET_OUTSIDE_ROOT` where a path leaves the root by its own text
 */
export function planFiles(
  root: string,
  files: readonly PlannedFile[],
  { createRoot = false, replaceLinks = [], named }: PlanFilesOptions = {},
): FilePlan {
  const absolute = resolve(root);
  return {
    root: absolute,
    files: files.map((file) => ({ ...file, path: inside(absolute, file.path) })),
    createRoot,
    replaceLinks: replaceLinks.map((path) => inside(absolute, path)),
    named,
  };
}

function inside(root: string, path: string): string {
  const clean = normalize(path);
  if (isAbsolute(clean) || clean === "." || clean === ".." || clean.startsWith(`..${sep}`)) {
    throw outsideRoot(resolve(root, path), root, `"${path}" is outside of it`);
  }
  return clean;
}
