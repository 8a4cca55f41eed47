import { stat } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import { ExitCode, ToolError } from "../lib/errors.ts";
import type { LoadContext, LoadedSource, LoadOptions } from "../lib/source/mod.ts";

/** What {@link watchSource} tells. */
export interface WatchOptions {
  readonly options: LoadOptions;
  /** Its signal ends the watch. */
  readonly context: LoadContext;
  /** Pause between two looks at a server, in milliseconds. A file is looked at more often. */
  readonly intervalMs: number;
  /** Before each look. */
  readonly onLook: () => void;
  /** A contract was loaded, which may be the same as before. */
  readonly onContract: (loaded: LoadedSource) => Promise<void>;
  /** The source has not changed. */
  readonly onSame: () => Promise<void>;
  /** Once for each outage, and once more when it becomes another one. May throw to end the watch. */
  readonly onFailure: (error: ToolError) => void;
}

const FILE_INTERVAL_MS = 300;

/**
 * Looks at a source again and again until the signal: a server by conditional requests where it gives an ETag, a file by its
 * time and size. A failure is told once, and recovery not at all.
 */
export async function watchSource(source: string, watch: WatchOptions): Promise<void> {
  const { classifySource, loadSourceIfChanged } = await import("../lib/source/mod.ts");
  const { context, options } = watch;
  const { signal } = context;
  let etag: string | undefined;
  let stamp: string | undefined;
  let outage: string | undefined;
  while (!signal?.aborted) {
    watch.onLook();
    let pause = watch.intervalMs;
    try {
      const classified = classifySource(source, context.cwd);
      const newStamp = classified.kind === "file" ? await stampOf(classified.path) : undefined;
      if (classified.kind === "file") pause = Math.min(pause, FILE_INTERVAL_MS);
      if (newStamp !== undefined && newStamp === stamp) await watch.onSame();
      else {
        const loaded = await loadSourceIfChanged(source, etag, options, context);
        if (signal?.aborted) return;
        if (loaded === undefined) await watch.onSame();
        else {
          await watch.onContract(loaded);
          etag = loaded.etag;
        }
        stamp = newStamp;
      }
      outage = undefined;
    } catch (error) {
      if (signal?.aborted) return;
      if (!(error instanceof ToolError) || error.exitCode === ExitCode.Usage) throw error;
      // An installation that is under way, or a server that restarts, shows different codes in quick succession.
      const kind = String(error.exitCode);
      if (outage !== kind) watch.onFailure(error);
      outage = kind;
    }
    await delay(pause, undefined, { signal }).catch(() => undefined);
  }
}

async function stampOf(path: string): Promise<string | undefined> {
  try {
    const { mtimeMs, size, ino } = await stat(path);
    return `${mtimeMs} ${size} ${ino}`;
  } catch {
    return undefined;
  }
}
