import * as fs from "node:fs";
import { basename, dirname, join, relative, sep } from "node:path";
import { declarationMap, type GeneratedTypes } from "../codegen/mod.ts";
import type { SourceDefinitions } from "../contract/mod.ts";
import { isInside } from "../is_inside.ts";

/** The Python source of a backend on this machine. */
export interface BackendSources {
  readonly definitions: SourceDefinitions;
  /** Absolute path of the backend's folder. */
  readonly folder: string;
}

/** Returns true for a file that can have a declaration map: language servers read them only for declaration files. */
export function isDeclarationFile(path: string): boolean {
  return /\.d\.[cm]?ts$/.test(path);
}

/**
 * Returns the declaration map of types; undefined if no definition is in the same repository.
 *
 * @param path absolute path of the declaration file
 */
export function sourceMapOf(
  path: string,
  text: string,
  generated: GeneratedTypes,
  { definitions, folder }: BackendSources,
): string | undefined {
  const repository = repositoryOf(realPath(folder));
  const from = realPath(dirname(path));
  if (!isInside(from, repository)) return undefined;
  const sources = definitions.files.map((file) => {
    const real = realPath(file);
    const isOwn = isInside(real, repository) && !/[\\/]site-packages[\\/]/.test(real);
    return isOwn ? relative(from, real).split(sep).join("/") : undefined;
  });
  return declarationMap(text, generated, { file: basename(path), definitions, sources });
}

const MARKS = [".git", ".hg", ".jj"];

// A folder outside a repository is one of its own.
function repositoryOf(folder: string): string {
  for (let at = folder;; at = dirname(at)) {
    if (MARKS.some((mark) => fs.existsSync(join(at, mark)))) return at;
    if (at === dirname(at)) return folder;
  }
}

// Folders that do not exist yet are below one that does.
function realPath(path: string): string {
  try {
    return fs.realpathSync(path);
  } catch {
    return path === dirname(path) ? path : join(realPath(dirname(path)), basename(path));
  }
}
