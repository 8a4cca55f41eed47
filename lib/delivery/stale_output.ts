import * as fs from "node:fs";
import { cp, mkdir, rm } from "node:fs/promises";
import { basename, dirname, join, relative, sep } from "node:path";
import { ToolError } from "../errors.ts";
import { removeQuietly } from "../remove_quietly.ts";
import { renameBusy } from "../rename_busy.ts";
import { removeFolderCommand, shellWord } from "../shell_word.ts";
import type { PackageLayout } from "./choose_layout.ts";
import { readText } from "./client_project.ts";
import { resolveTarget } from "./deliver.ts";
import { freshnessOf } from "./freshness.ts";
import { targetsOfProject } from "./targets.ts";

/** A package of types in a client that `pyrpc.json` no longer names. */
export interface StaleOutput {
  /** Absolute path of the package. */
  readonly folder: string;
  /** The same package of the client that is named now, if nothing is there yet. */
  readonly moveTo: string | undefined;
}

/**
 * The types that were delivered to a client's folder, after `pyrpc.json` names others.
 *
 * @param root the folder of the client before
 * @param clients the folders of the clients now
 */
export function findStaleOutput(root: string, clients: readonly string[]): StaleOutput | undefined {
  if (clients.includes(root)) return undefined;
  const old = packageOf(root);
  if (old === undefined || old.replacesLink || !isOurs(old)) return undefined;
  const packages = clients.flatMap((client) => packageOf(client) ?? []);
  // Workspaces may share the folder that packages are hoisted to.
  if (packages.some(({ folder }) => folder === old.folder)) return undefined;
  const goal = packages[0]?.folder;
  return {
    folder: old.folder,
    moveTo: goal === undefined || fs.existsSync(goal) ? undefined : goal,
  };
}

function packageOf(root: string): PackageLayout | undefined {
  const [target] = targetsOfProject({
    clients: [{ given: root, root }],
    layout: "package",
    distribution: "workspace",
  });
  if (target === undefined) return undefined;
  try {
    const chosen = resolveTarget(target);
    return chosen.layout === "package" ? chosen : undefined;
  } catch (error) {
    // A client that does not exist any more has no types either.
    if (error instanceof ToolError) return undefined;
    throw error;
  }
}

/** Selects the files of generated types that still exist and that no target names. */
export function selectStaleFiles(
  paths: Iterable<string>,
  current: readonly string[],
): string[] {
  return [...paths].filter((types) => !current.includes(types) && isOurs({ types }));
}

/** The shell command that removes a file of types, or the package in `node_modules` that has it. */
export function removeCommand(types: string, cwd: string): string {
  const isPackage = types.split(sep).includes("node_modules");
  const path = relative(cwd, isPackage ? dirname(dirname(types)) : types);
  return isPackage ? removeFolderCommand(path) : `rm ${shellWord(path)}`;
}

// A package that was installed belongs to the package manager.
function isOurs({ types }: Pick<PackageLayout, "types">): boolean {
  const state = freshnessOf(fs.existsSync(types) ? readText(types) : undefined, undefined);
  return !["missing", "placeholder", "foreign"].includes(state);
}

/** Moves a folder, also to another file system. Either the old or the new one is whole, whatever fails. */
export async function moveFolder(
  from: string,
  to: string,
  rename: (from: string, to: string) => Promise<void> = renameBusy,
): Promise<void> {
  await mkdir(dirname(to), { recursive: true });
  try {
    return await rename(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EXDEV") throw error;
  }
  const copy = join(dirname(to), `.${basename(to)}.${crypto.randomUUID().slice(-12)}.pyrpc-tmp`);
  try {
    await cp(from, copy, { recursive: true });
    await renameBusy(copy, to);
  } catch (error) {
    removeQuietly(copy);
    throw error;
  }
  removeQuietly(from);
}

/** Removes stale output. */
export async function removeOutput({ folder }: StaleOutput): Promise<void> {
  removeQuietly(folder);
  // The error names what could not be removed.
  if (fs.existsSync(folder)) await rm(folder, { recursive: true });
}
