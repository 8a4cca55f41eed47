import fs from "node:fs";
import { platform } from "node:os";
import { basename, dirname, join, parse, sep } from "node:path";
import { hashOf, isDeclarationMap } from "../codegen/mod.ts";
import { ToolError } from "../errors.ts";
import { removeQuietly } from "../remove_quietly.ts";
import { renameBusySync } from "../rename_busy.ts";
import { locate, type LocatedFile } from "./locate.ts";
import { compare, type FileChange } from "./check_plan.ts";
import { codeOf, partlyWritten, readOnlyTarget, rootMissing, writeFailed } from "./errors.ts";
import type { FilePlan, PlannedFile } from "./file_plan.ts";

/**
 * Writes the files of a plan. Each changed file is written to a temporary neighbour and renamed into place, so
 * that a reader sees the old text or the new one and never a part; a file that is the same is not touched.
 * Text that pyrpc cannot write again is replaced only by a file that is flushed to the disk. A rename replaces a symbolic or hard link instead of writing through it into a shared store.
 *
 * It is synchronous on purpose: a signal handler of the process runs before or after it, never in between.
 *
 * @returns the changes, as {@link checkPlan} returns them
 * @throws {ToolError} when nothing was written (or, between two files, which were); temporary files are removed
 */
export function applyPlan(plan: FilePlan): FileChange[] {
  const changes: FileChange[] = [];
  const staged: Staged[] = [];
  // A link into the store of a package manager becomes a folder, which is made beside the link and then replaces it.
  const replacements = new Map<string, string>();
  try {
    const located = plan.files.map((file) => {
      const target = locate(plan, file.path);
      const change = compare(plan, file, target);
      changes.push(change);
      return { target, change, mode: modeOf(file, target) };
    });
    // A link with one outdated file behind it is replaced by a folder with all of them.
    const replaced = located.filter(({ change }) => change.state !== "same")
      .map(({ target }) => target.replaces);
    for (const { target, change, mode } of located) {
      const isReplaced = target.replaces !== undefined && replaced.includes(target.replaces);
      if (change.state === "same" && !isReplaced && mode === target.mode) continue;
      staged.push({
        target: besideLink(target, replacements),
        content: change.after,
        mode,
        isFlushed: change.before !== undefined && !canBeWrittenAgain(change.before),
      });
    }
    if (staged.length === 0) return changes;
    for (const entry of staged) stage(plan, entry);
    rename(staged);
    for (const [link, folder] of replacements) replaceLink(link, folder);
  } catch (error) {
    for (const { temporary } of staged) {
      if (temporary !== undefined) removeQuietly(temporary);
    }
    for (const folder of replacements.values()) removeQuietly(folder);
    throw error;
  }
  return changes;
}

/**
 * Fails as {@link applyPlan} would, and changes no file: what is to be written is written beside its target and removed again. Folders
 * that are missing are made.
 *
 * @throws {ToolError}
 */
export function assertApplicable(plan: FilePlan): void {
  for (const file of plan.files) {
    const target = locate(plan, file.path);
    compare(plan, file, target);
    const entry: Staged = {
      target,
      content: file.content,
      mode: modeOf(file, target),
      isFlushed: false,
    };
    try {
      stage(plan, entry);
    } finally {
      if (entry.temporary !== undefined) removeQuietly(entry.temporary);
    }
  }
}

interface Staged {
  readonly target: LocatedFile;
  readonly content: string;
  /** Permission bits; those of a new file if undefined. */
  readonly mode: number | undefined;
  /** Flushed before the rename, so that a power cut loses neither text. Takes longer than the generation of the types. */
  readonly isFlushed: boolean;
  temporary?: string;
}

// A file of a person may name pyrpc too: package.json does.
function canBeWrittenAgain(text: string): boolean {
  return hashOf(text) !== undefined || isDeclarationMap(text);
}

const PRIVATE = 0o600;

function modeOf({ isPrivate }: PlannedFile, { mode }: LocatedFile): number | undefined {
  // Windows has no such bits.
  return isPrivate === true && sep === "/" ? PRIVATE : mode;
}

function besideLink(target: LocatedFile, replacements: Map<string, string>): LocatedFile {
  const { replaces, folder } = target;
  if (replaces === undefined) return target;
  const beside = replacements.get(replaces) ??
    join(dirname(replaces), temporaryName(basename(replaces)));
  replacements.set(replaces, beside);
  return { ...target, folder: beside + folder.slice(replaces.length) };
}

// A link, or the folder of another run that replaced it first: its files are as complete as ours.
function replaceLink(link: string, folder: string): void {
  const aside = join(dirname(link), temporaryName(basename(link)));
  try {
    if (isThere(link)) renameBusySync(link, aside);
    renameBusySync(folder, link);
  } catch (error) {
    if (isThere(aside)) fs.renameSync(aside, link);
    throw writeFailed(link, error);
  }
  removeQuietly(aside);
}

// A link counts itself, wherever it points.
function isThere(path: string): boolean {
  return fs.lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}

function stage(plan: FilePlan, entry: Staged): void {
  const { path, folder, mode: present } = entry.target;
  const { mode } = entry;
  // A rename would replace a read-only file. Root gets the same error as every user.
  if (present !== undefined && (present & 0o222) === 0) throw readOnlyTarget(path);
  try {
    makeFolder(plan, folder);
    if (isReadOnlyFolder(fs.statSync(folder).mode)) throw readOnlyTarget(folder);
    const temporary = join(folder, temporaryName(basename(path)));
    const handle = fs.openSync(temporary, "wx", mode ?? 0o666);
    entry.temporary = temporary;
    try {
      fs.writeFileSync(handle, entry.content);
      if (mode !== undefined) fs.fchmodSync(handle, mode);
      if (entry.isFlushed) fs.fsyncSync(handle);
    } finally {
      fs.closeSync(handle);
    }
    sweep(folder, basename(path), temporary);
  } catch (error) {
    if (error instanceof ToolError) throw error;
    if (codeOf(error) === "ENOENT" && !fs.existsSync(plan.root)) {
      throw rootMissing(plan.root, error);
    }
    throw writeFailed(path, error);
  }
}

/**
 * Reports whether the mode of a folder forbids writing. On Windows the read-only attribute of a folder does not: it marks
 * folders with an icon of their own, such as Desktop and Documents.
 */
export function isReadOnlyFolder(mode: number, system: string = platform()): boolean {
  return system !== "win32" && (mode & 0o222) === 0;
}

// Only a root that may be created is; below it folders are made one by one so that a vanished root is not made again.
function makeFolder(plan: FilePlan, folder: string): void {
  if (plan.createRoot) {
    fs.mkdirSync(folder, { recursive: true });
    return;
  }
  const root = fs.realpathSync(plan.root);
  const missing: string[] = [];
  for (let at = folder; at !== root && !fs.existsSync(at); at = dirname(at)) {
    missing.push(at);
    if (at === parse(at).root) break;
  }
  for (const at of missing.reverse()) {
    try {
      fs.mkdirSync(at);
    } catch (error) {
      if (codeOf(error) !== "EEXIST") throw error;
    }
  }
}

function rename(staged: readonly Staged[]): void {
  const written: string[] = [];
  for (const entry of staged) {
    const { path, folder } = entry.target;
    try {
      renameBusySync(entry.temporary as string, join(folder, basename(path)));
    } catch (error) {
      throw written.length === 0 ? writeFailed(path, error) : partlyWritten(path, written, error);
    }
    delete entry.temporary;
    written.push(path);
  }
}

const MARK = ".pyrpc-tmp";
const STALE_MS = 10 * 60_000;

// Cut so that the mark and the random part fit the 255 bytes of a file's name whatever the letters are.
function temporaryName(name: string): string {
  return `.${name.slice(0, 40)}.${crypto.randomUUID().slice(-12)}${MARK}`;
}

// Removes what a killed run left behind. Its age is measured by the file system's own clock: our temporary is new.
function sweep(folder: string, name: string, temporary: string): void {
  const prefix = `.${name.slice(0, 40)}.`;
  try {
    const newest = fs.statSync(temporary).mtimeMs;
    for (const neighbour of fs.readdirSync(folder)) {
      if (!neighbour.startsWith(prefix) || !neighbour.endsWith(MARK)) continue;
      removeIfStale(join(folder, neighbour), newest);
    }
  } catch {
    return;
  }
}

function removeIfStale(path: string, newest: number): void {
  try {
    if (newest - fs.lstatSync(path).mtimeMs > STALE_MS) removeQuietly(path);
  } catch {
    return;
  }
}
