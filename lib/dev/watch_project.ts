import { watch } from "chokidar";
import { existsSync } from "node:fs";
import { isInside } from "../is_inside.ts";
import { basename, dirname, join } from "node:path";
import { nativePath } from "../native_path.ts";
import { fileSystemWithoutEvents } from "./file_system.ts";
import { isSettingsFile } from "./settings_files.ts";

/** A project to watch, and the callbacks of {@link watchProject}. */
export interface ProjectWatch {
  /** The backend's folder: every `*.py` and every settings file below it. */
  readonly folder: string;
  /** The configuration file, if there is one. */
  readonly config: string | undefined;
  /** Compare the files instead of waiting for events. @default where the file system reports no events */
  readonly poll?: boolean | undefined;
  readonly onSource: (path: string) => void;
  readonly onConfig: () => void;
  /** Watching has failed; no further change is reported. */
  readonly onFailure: (error: Error) => void;
}

/** A running watch. */
export interface WatchedProject {
  /** Watches the folders of these files as well: sources outside the project that it imports. */
  add(files: readonly string[]): void;
  close(): Promise<void>;
}

// Folders without files that a person edits.
const SKIPPED = new Set(["node_modules", "__pycache__", "site-packages", "dist-packages"]);

const POLL_MS = 500;

/**
 * Watches the Python sources of a project until it is closed, except virtual environments, caches, hidden folders and
 * installed packages. Resolves when changes are seen.
 */
export async function watchProject(project: ProjectWatch): Promise<WatchedProject> {
  const { folder, config } = project;
  const poll = project.poll ?? await fileSystemWithoutEvents(folder) !== undefined;
  const roots = new Set([folder]);
  const ignored = (reported: string, stats?: { isFile(): boolean }) => {
    const path = nativePath(reported);
    return !roots.has(path) && path !== config && isSkipped(path, stats);
  };
  const watcher = watch(config === undefined ? [folder] : [folder, config], {
    ignored,
    ignoreInitial: true,
    ...(poll ? { usePolling: true, interval: POLL_MS } : {}),
    // Python cannot import from a folder without read permission either.
    ignorePermissionErrors: true,
  });
  watcher.on("all", (event, reported) => {
    const path = nativePath(reported);
    if (path === config) project.onConfig();
    else if (event === "unlinkDir" && path === folder) {
      project.onFailure(new Error(`${folder} no longer exists`));
    } else if (isSource(path) || event === "unlinkDir") project.onSource(path);
  });
  watcher.on("error", (error) => {
    project.onFailure(error instanceof Error ? error : new Error(String(error)));
  });
  await new Promise<void>((resolve, reject) => {
    watcher.once("ready", () => resolve());
    watcher.once("error", reject);
  });
  return {
    add(files) {
      for (const file of files) {
        if (isInside(file, folder)) continue;
        const outside = packageFolder(file);
        if (roots.has(outside) || [...roots].some((root) => isInside(outside, root))) continue;
        roots.add(outside);
        watcher.add(outside);
      }
    },
    async close() {
      await watcher.close();
    },
  };
}

function isSkipped(path: string, stats: { isFile(): boolean } | undefined): boolean {
  const name = basename(path);
  if (stats?.isFile()) return !isSource(name);
  if (stats === undefined && isSettingsFile(name)) return false;
  if (SKIPPED.has(name) || (name.startsWith(".") && name.length > 1)) return true;
  return !name.endsWith(".py") && existsSync(join(path, "pyvenv.cfg"));
}

function isSource(path: string): boolean {
  return path.endsWith(".py") || isSettingsFile(path);
}

// The topmost folder that is a package: a change in any of its modules may matter.
function packageFolder(file: string): string {
  let folder = dirname(file);
  while (existsSync(join(folder, "__init__.py")) && dirname(folder) !== folder) {
    const above = dirname(folder);
    if (!existsSync(join(above, "__init__.py"))) break;
    folder = above;
  }
  return folder;
}
