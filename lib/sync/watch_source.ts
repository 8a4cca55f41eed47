import { stat } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import { ExitCode, ToolError } from "../errors.ts";
import {
  classifySource,
  type LoadContext,
  type LoadedSource,
  type LoadOptions,
  loadSourceIfChanged,
} from "../source/mod.ts";

/** Options of {@link watchSource}. */
export interface WatchOptions {
  readonly options: LoadOptions;
  /** Its signal ends the watch. */
  readonly context: LoadContext;
  /** Pause between two polls of a server, in milliseconds. A file is polled more often. */
  readonly intervalMs: number;
  /** Called before each poll. */
  readonly onPoll: () => void;
  /** Called with each contract that was loaded, which may be the same as before. */
  readonly onContract: (loaded: LoadedSource) => void;
  /** Called if the source has not changed. */
  readonly onSame: () => void;
  /** Called once for each outage, and again if its exit code changes. May throw to end the watch. */
  readonly onFailure: (error: ToolError) => void;
  /** Called after an outage, once a poll has succeeded. */
  readonly onRecovery: () => void;
}

const FILE_INTERVAL_MS = 300;

/**
 * Polls a source until the signal: a server by conditional requests if it sends an ETag, a file by its time and size.
 */
export async function watchSource(source: string, watch: WatchOptions): Promise<void> {
  const { signal } = watch.context;
  const state: WatchState = { etag: undefined, stamp: undefined };
  let outage: ExitCode | undefined;
  while (!signal?.aborted) {
    watch.onPoll();
    let pause = watch.intervalMs;
    try {
      const classified = classifySource(source, watch.context.cwd);
      const path = classified.kind === "file" ? classified.path : undefined;
      if (path !== undefined) pause = Math.min(pause, FILE_INTERVAL_MS);
      await poll(source, path, state, watch);
      if (signal?.aborted) return;
      if (outage !== undefined) watch.onRecovery();
      outage = undefined;
    } catch (error) {
      if (signal?.aborted) return;
      if (!(error instanceof ToolError) || error.exitCode === ExitCode.Usage) throw error;
      // An installation that is under way, or a server that restarts, shows different codes in quick succession.
      if (outage !== error.exitCode) watch.onFailure(error);
      outage = error.exitCode;
    }
    await delay(pause, undefined, { signal }).catch(() => undefined);
  }
}

interface WatchState {
  etag: string | undefined;
  stamp: string | undefined;
}

async function poll(
  source: string,
  path: string | undefined,
  state: WatchState,
  { options, context, onContract, onSame }: WatchOptions,
): Promise<void> {
  const stamp = path === undefined ? undefined : await stampOf(path);
  if (stamp !== undefined && stamp === state.stamp) return onSame();
  const loaded = await loadSourceIfChanged(source, state.etag, options, context);
  if (context.signal?.aborted) return;
  if (loaded === undefined) onSame();
  else {
    onContract(loaded);
    state.etag = loaded.etag;
  }
  state.stamp = stamp;
}

async function stampOf(path: string): Promise<string | undefined> {
  try {
    const { mtimeMs, size, ino } = await stat(path);
    return `${mtimeMs} ${size} ${ino}`;
  } catch {
    return undefined;
  }
}
