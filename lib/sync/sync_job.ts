import { ExitCode, ToolError } from "../errors.ts";
import {
  deliver,
  type Delivered,
  type DeliveryMode,
  generateChecked,
  type GenerateOptions,
  planDelivery,
  resolveTarget,
  type TargetFlags,
  withFlags,
} from "../delivery/mod.ts";
import { withoutSecrets } from "../rpc_url.ts";
import {
  type LoadContext,
  type LoadedSource,
  type LoadOptions,
  loadSource,
} from "../source/mod.ts";
import { fetchFailed } from "./errors.ts";
import type { SyncJob } from "./jobs.ts";
import { saveSyncScript, type SyncScript, syncScriptOf } from "./sync_script.ts";

/** A version of the types package, with the files that the version after it is decided by. */
export interface PackageVersion {
  readonly version: string;
  readonly extras: ReadonlyMap<string, string>;
}

/** Options of {@link syncJob}. */
export interface SyncOptions {
  readonly load: LoadOptions;
  /** Its signal ends the work. */
  readonly context: LoadContext;
  /** Flags that name the target. */
  readonly target: TargetFlags;
  readonly generate: GenerateOptions;
  readonly mode: DeliveryMode;
  readonly withClient: boolean;
  /** Whether a postinstall script is added to `package.json`. */
  readonly saveScript: boolean;
  /** Called with each contract before its types are generated. */
  readonly onLoaded: (loaded: LoadedSource) => void;
  /** Decides the version of the package. */
  readonly version?: ((job: SyncJob, loaded: LoadedSource) => Promise<PackageVersion>) | undefined;
}

/** The result of one job. */
export interface SyncResult {
  readonly loaded: LoadedSource;
  readonly delivered: Delivered;
  readonly script: SyncScript | undefined;
}

/** Loads the contract of a job. @throws ToolError */
export async function loadJob(
  { source }: SyncJob,
  { load, context, onLoaded }: Pick<SyncOptions, "load" | "context" | "onLoaded">,
): Promise<LoadedSource> {
  try {
    const loaded = await loadSource(source, load, context);
    context.signal?.throwIfAborted();
    onLoaded(loaded);
    return loaded;
  } catch (error) {
    if (!(error instanceof ToolError) || error.exitCode !== ExitCode.Server) throw error;
    throw fetchFailed(withoutSecrets(source), error);
  }
}

/** Loads a contract and delivers its types. @throws ToolError */
export async function syncJob(job: SyncJob, options: SyncOptions): Promise<SyncResult> {
  const { context, saveScript } = options;
  const loaded = await loadJob(job, options);
  const version = await options.version?.(job, loaded);
  context.signal?.throwIfAborted();
  // A script that cannot be written is an error before anything else is written.
  const command = saveScript ? await syncScriptOf(job) : undefined;
  const delivered = deliverJob(job, loaded, options, version);
  const script = command === undefined
    ? undefined
    : saveSyncScript(job.target.start, delivered.chosen, command, options.mode);
  return { loaded, delivered, script };
}

/** Delivers the types of a contract that was loaded; generates them unless they are given. */
export function deliverJob(
  job: SyncJob,
  loaded: LoadedSource,
  { target, generate, mode, withClient, context }: SyncOptions,
  version?: PackageVersion,
  generated?: Delivered["generated"],
): Delivered {
  const packageVersion = version?.version ?? target.packageVersion;
  const chosen = resolveTarget(withFlags(job.target, { ...target, packageVersion }, context.cwd));
  const planned = planDelivery(
    chosen,
    generated ?? generateChecked(loaded, generate),
    {
      withClient,
      extras: version?.extras,
      schemaFile: loaded.kind === "file" ? loaded.where : undefined,
    },
  );
  return deliver(planned, mode);
}
