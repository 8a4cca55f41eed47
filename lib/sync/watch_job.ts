import { formatDocument } from "../json/mod.ts";
import { ExitCode, type ToolError } from "../errors.ts";
import type { Delivered } from "../delivery/mod.ts";
import { type LoadedSource, selectSource } from "../source/mod.ts";
import type { SyncJob } from "./jobs.ts";
import { deliverLoaded, selectionOfTarget, type SyncOptions } from "./sync_job.ts";
import { watchSource } from "./watch_source.ts";

/** An event of a job that is watched. */
export type WatchEvent =
  | {
    readonly kind: "delivered";
    readonly isFirst: boolean;
    readonly loaded: LoadedSource;
    readonly delivered: Delivered;
    /** Milliseconds since the poll began. */
    readonly milliseconds: number;
  }
  /** The contract cannot be loaded. `keeps`: types were delivered before, and stay. */
  | { readonly kind: "failed"; readonly error: ToolError; readonly keeps: boolean }
  | { readonly kind: "recovered" };

/** Options of {@link watchJob}. */
export interface WatchJobOptions extends SyncOptions {
  /** Pause between two polls of a server, in milliseconds. */
  readonly intervalMs: number;
  readonly monotonic: () => number;
  readonly onEvent: (event: WatchEvent) => void;
}

/**
 * Delivers the types of a job whenever its contract or its target has changed, until the signal.
 *
 * @throws ToolError for a first contract that is wrong; a server that cannot be reached is awaited
 */
export async function watchJob(job: SyncJob, options: WatchJobOptions): Promise<void> {
  const { load, context, mode, monotonic, onEvent } = options;
  let last: { loaded: LoadedSource; delivered: Delivered; document: string } | undefined;
  let start = monotonic();
  const deliverAgain = (loaded: LoadedSource, document: string) => {
    const isFirst = last === undefined;
    const generated = document === last?.document ? last.delivered.generated : undefined;
    const delivered = deliverLoaded(loaded, job.target, options, undefined, generated);
    last = { loaded, delivered, document };
    if (!isFirst && delivered.files.every(({ state }) => state === "same")) return;
    onEvent({ kind: "delivered", isFirst, loaded, delivered, milliseconds: monotonic() - start });
  };
  await watchSource(job.source, {
    options: load,
    context,
    intervalMs: options.intervalMs,
    onPoll: () => void (start = monotonic()),
    onContract(found) {
      const loaded = selectSource(found, selectionOfTarget(job.target, options.selection));
      const document = formatDocument(loaded.contract.document);
      if (document !== last?.document) options.onLoaded(loaded);
      deliverAgain(loaded, document);
    },
    onSame() {
      // An installation may have removed the types meanwhile, or linked another package there.
      if (last !== undefined && mode === "write") deliverAgain(last.loaded, last.document);
    },
    onFailure(error) {
      if (last === undefined && error.exitCode !== ExitCode.Server) throw error;
      onEvent({ kind: "failed", error, keeps: last !== undefined });
    },
    onRecovery: () => onEvent({ kind: "recovered" }),
  });
}
