import type { Stats } from "node:fs";
import { defined } from "../defined.ts";
import { nativePath } from "../native_path.ts";
import { serialRuns } from "./serial_runs.ts";

/** A subscription to changes. */
export interface Following {
  close(): Promise<void>;
}

/** Options of {@link followFiles}. */
export interface FollowOptions {
  /** Levels of folders below the paths. @default all */
  readonly depth?: number;
  /** Excludes a file or folder. */
  readonly ignored?: (path: string, status?: Stats) => boolean;
  /** Called at each change; returns additional files to follow. */
  readonly more?: () => Promise<readonly string[]>;
}

const SETTLE_MS = 80;

/**
 * Calls `changed` when one of the files has changed, never concurrently; passes errors that it throws to `failed`.
 *
 * Resolves when the watcher is ready.
 */
export async function followFiles(
  paths: readonly string[],
  changed: () => Promise<void>,
  failed: (error: unknown) => void,
  { more, depth, ignored }: FollowOptions = {},
): Promise<Following> {
  const { watch } = await import("chokidar");
  const watcher = watch([...paths], {
    ignoreInitial: true,
    ...defined({ depth }),
    ...(ignored === undefined ? {} : {
      // On Windows the paths have forward slashes.
      ignored: (path: string, status?: Stats) => ignored(nativePath(path), status),
    }),
  });
  const run = serialRuns(async () => {
    if (more !== undefined) watcher.add([...await more()]);
    await changed();
  }, failed);
  let timer: NodeJS.Timeout | undefined;
  watcher.on("all", (event) => {
    // An editor that replaces a file removes it first: an event for the new file follows.
    if (event === "unlink") return;
    clearTimeout(timer);
    timer = setTimeout(run, SETTLE_MS);
  });
  watcher.on("error", failed);
  await new Promise<void>((resolve) => watcher.once("ready", () => resolve()));
  return {
    async close() {
      clearTimeout(timer);
      await watcher.close();
    },
  };
}
