import { readdir, stat } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { closest } from "../closest.ts";
import type { Selection } from "../contract/mod.ts";
import { defined } from "../defined.ts";
import type { SourcePosition } from "../errors.ts";
import type { ClientTarget } from "./client_target.ts";
import { clientRootNotFound } from "./errors.ts";

/** One client project of workspace distribution. */
export interface ClientRoot {
  /** The path as written. */
  readonly given: string;
  /** Absolute path. */
  readonly root: string;
  /** The target of the types; by default it depends on the client. */
  readonly target?: ClientTarget;
  /** The procedures whose types the client gets. @default all */
  readonly selection?: Selection;
}

/** The path of a client project that has not been checked yet. */
export interface GivenRoot {
  /** The path as written, or as it would be written into the file. */
  readonly written: string;
  /** Absolute path. */
  readonly root: string;
  readonly position?: SourcePosition;
  readonly target?: ClientTarget | undefined;
  readonly selection?: Selection | undefined;
}

/**
 * Returns the folder of a client project.
 *
 * @param file the configuration that names it
 * @param fallbackBase a second folder that the path may be relative to
 * @throws ToolError `CLIENT_ROOT_NOT_FOUND`
 */
export async function findClientRoot(
  { written, root, position, target, selection }: GivenRoot,
  file: string | undefined,
  fallbackBase: string | undefined,
): Promise<ClientRoot> {
  const candidates = [root];
  if (fallbackBase !== undefined) candidates.push(resolve(fallbackBase, written));
  let reason: "missing" | "file" = "missing";
  for (const candidate of candidates) {
    const info = await stat(candidate).catch(() => undefined);
    if (info?.isDirectory()) {
      return { given: written, root: candidate, ...defined({ target, selection }) };
    }
    if (info !== undefined) reason = "file";
  }
  const where = position === undefined ? undefined : file;
  const near = await similarFolder(written, root);
  throw clientRootNotFound({ given: written, resolved: root, near, reason, where, position });
}

// A folder beside the missing one, with a similar name and a manifest.
async function similarFolder(written: string, root: string): Promise<string | undefined> {
  const above = dirname(root);
  const names = await readdir(above).catch((): string[] => []);
  for (const name of closest(basename(root), names)) {
    const manifest = await stat(join(above, name, "package.json")).catch(() => undefined);
    if (manifest?.isFile()) return `${written.slice(0, -basename(root).length)}${name}`;
  }
  return undefined;
}
