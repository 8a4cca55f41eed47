import { setTimeout as delay } from "node:timers/promises";
import { ALL_PROCEDURES } from "../contract/mod.ts";
import { deliveryReport } from "../delivery/mod.ts";
import { ToolError } from "../errors.ts";
import { hideCredentials } from "../hide_credentials.ts";
import { changedNames } from "../report/mod.ts";
import type { LoadContext, LoadedSource, LoadOptions } from "../source/mod.ts";
import { type SyncJob, type WatchEvent, watchJob } from "../sync/mod.ts";
import { plainText } from "../terminal/mod.ts";

/** Options of {@link followContract}. */
export interface FollowOptions {
  readonly load: LoadOptions;
  /** Its signal ends the work. */
  readonly context: LoadContext & { readonly signal: AbortSignal };
  /** False if others write the types. */
  readonly writes: boolean;
  readonly intervalMs: number;
  readonly monotonic: () => number;
  /** Called with the first contract and with each that differs from the one before it. */
  readonly onContract: (loaded: LoadedSource) => void;
  readonly info: (line: string) => void;
  readonly warn: (line: string) => void;
}

/** Pause after an error that ends the watch. */
const PAUSE_MS = 2000;

/** Delivers the types of a contract whenever it changes, until the signal. Never rejects: errors are printed. */
export async function followContract(job: SyncJob, options: FollowOptions): Promise<void> {
  const { context, writes, load, intervalMs, monotonic } = options;
  const prefix = job.name === undefined ? "" : `${job.name}: `;
  let printed: string | undefined;
  while (!context.signal.aborted) {
    try {
      await watchJob(job, {
        load,
        context,
        selection: ALL_PROCEDURES,
        target: {},
        generate: {},
        mode: writes ? "write" : "check",
        withClient: false,
        saveScript: false,
        intervalMs,
        monotonic,
        onLoaded: options.onContract,
        onEvent: (event) => report(event, job, prefix, options),
      });
    } catch (error) {
      // A file that is edited or a target that cannot be written may work at the next attempt.
      const text = error instanceof ToolError ? error.message : String(error);
      if (text !== printed) options.warn(plainText(`${prefix}${text}`));
      printed = text;
      await delay(PAUSE_MS, undefined, { signal: context.signal }).catch(() => undefined);
    }
  }
}

function report(
  event: WatchEvent,
  job: SyncJob,
  prefix: string,
  { writes, info, warn }: FollowOptions,
): void {
  switch (event.kind) {
    case "delivered": {
      if (!writes || event.delivered.files.every(({ state }) => state === "same")) return;
      const { changes } = deliveryReport(event.loaded.where, event.delivered, event.milliseconds);
      const names = [...changedNames(changes.procedures), ...changedNames(changes.types)];
      const what = names.length === 0 ? "written again" : names.join("; ");
      return info(plainText(`${prefix}types updated: ${what}`));
    }
    case "failed": {
      const kept = event.keeps ? "; the existing types are kept" : "";
      return warn(plainText(`${prefix}${event.error.message}${kept}, retrying`));
    }
    case "recovered":
      return info(plainText(`${prefix}${hideCredentials(job.source)} answers again`));
  }
}
