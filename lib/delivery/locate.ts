import * as fs from "node:fs";
import { platform } from "node:os";
import { dirname, join, parse, relative, sep } from "node:path";
import { ToolError } from "../errors.ts";
import { isInside } from "../is_inside.ts";
import {
  codeOf,
  notAFolder,
  notARegularFile,
  outsideRoot,
  readFailed,
  rootMissing,
  unusableName,
} from "./errors.ts";
import type { NamedTarget } from "./named_target.ts";
import { windowsNameProblem } from "./windows_names.ts";
import type { FilePlan } from "./file_plan.ts";

/** The place on disk of a planned file, and its present text. */
export interface LocatedFile {
  /** As the user would write it: root and path joined. */
  readonly path: string;
  /** The folder with every symbolic link resolved; not there yet when `folderExists` is false. */
  readonly folder: string;
  readonly folderExists: boolean;
  /** The text that is there; undefined if the file does not exist. */
  readonly present: string | undefined;
  /** Permission bits of the file that is there. */
  readonly mode: number | undefined;
  /** The link above it, every other link resolved, that makes way for a folder. */
  readonly replaces?: string;
}

/** @throws ToolError `TARGET_NAME` for a path that Windows cannot have */
export function assertNames(
  path: string,
  names: readonly string[],
  { named, system = platform() }: {
    readonly named?: NamedTarget | undefined;
    readonly system?: string;
  } = {},
): void {
  if (system !== "win32") return;
  for (const name of names) {
    const problem = windowsNameProblem(name);
    if (problem !== undefined) throw unusableName(path, problem, named);
  }
}

function namesOf(folder: string): string[] {
  return folder.slice(parse(folder).root.length).split(sep).filter((name) => name !== "");
}

/**
 * Finds the target of a planned file: follows folders from the root down, and refuses a symbolic link that leaves the root.
 * Replaces only a regular file or a link to one, never a device.
 */
export function locate(plan: FilePlan, path: string): LocatedFile {
  const full = join(plan.root, path);
  const parts = path.split(sep);
  assertNames(full, [...namesOf(plan.root), ...parts], { named: plan.named });
  const realRoot = realFolder(plan.root);
  if (realRoot === undefined) {
    if (!plan.createRoot) throw rootMissing(plan.root);
    assertFolderAbove(plan.root);
    return {
      path: full,
      folder: dirname(full),
      folderExists: false,
      present: undefined,
      mode: undefined,
    };
  }
  let folder = realRoot;
  let planned = plan.root;
  const name = parts.pop() as string;
  for (const [index, part] of parts.entries()) {
    planned = join(planned, part);
    if (plan.replaceLinks.includes(relative(plan.root, planned)) && isLink(planned)) {
      const rest = parts.slice(index).join(sep);
      return {
        path: full,
        folder: join(folder, rest),
        folderExists: false,
        // The file behind the link may be up to date; the link then stays.
        present: textThrough(join(folder, rest, name)),
        mode: undefined,
        replaces: join(folder, part),
      };
    }
    const real = realFolder(join(folder, part));
    if (real === undefined) {
      const rest = parts.slice(index).join(sep);
      return {
        path: full,
        folder: join(folder, rest),
        folderExists: false,
        present: undefined,
        mode: undefined,
      };
    }
    if (!isInside(real, realRoot)) {
      throw outsideRoot(full, plan.root, `"${planned}" is a link to "${real}"`);
    }
    folder = real;
  }
  return { path: full, folder, folderExists: true, ...readPresent(join(folder, name), full, plan) };
}

/** Returns true if a symbolic link (or, on Windows, a junction) is at a path. */
export function isLink(path: string): boolean {
  try {
    return fs.lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() ?? false;
  } catch (error) {
    // A path below a file does not exist.
    if (codeOf(error) === "ENOTDIR") return false;
    throw error;
  }
}

// The link is replaced whatever its target is, so an unreadable target is not an error.
function textThrough(path: string): string | undefined {
  try {
    return fs.readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}

function realFolder(path: string): string | undefined {
  let real: string;
  try {
    real = fs.realpathSync(path);
  } catch (error) {
    // A broken link prevents creating the folder, as a file does.
    if (codeOf(error) === "ENOENT" && !isLink(path)) return undefined;
    if (codeOf(error) === "ENOENT" || codeOf(error) === "ENOTDIR") throw notAFolder(path);
    throw readFailed(path, error);
  }
  if (!fs.statSync(real).isDirectory()) throw notAFolder(path);
  return real;
}

// Reports now what mkdir would report as ENOTDIR later.
function assertFolderAbove(path: string): void {
  for (let above = dirname(path);; above = dirname(above)) {
    const stat = fs.statSync(above, { throwIfNoEntry: false });
    if (stat?.isDirectory() || above === dirname(above)) return;
    if (stat !== undefined) throw notAFolder(above);
  }
}

function readPresent(
  real: string,
  shown: string,
  { named }: FilePlan,
): Pick<LocatedFile, "present" | "mode"> {
  try {
    // Through a link: what it leads to decides whether this is a file at all.
    const stat = fs.statSync(real, { throwIfNoEntry: false });
    if (stat === undefined) return { present: undefined, mode: undefined };
    if (stat.isDirectory()) throw notARegularFile(shown, "a folder", named);
    if (!stat.isFile()) throw notARegularFile(shown, "a device, pipe or socket", named);
    return { present: fs.readFileSync(real, "utf8"), mode: stat.mode & 0o777 };
  } catch (error) {
    if (codeOf(error) === "ENOENT") return { present: undefined, mode: undefined };
    if (error instanceof ToolError) throw error;
    throw readFailed(shown, error);
  }
}
