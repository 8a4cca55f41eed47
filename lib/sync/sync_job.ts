import { narrowSelection, type Selection } from "../contract/mod.ts";
import { ExitCode, ToolError } from "../errors.ts";
import {
  deliver,
  type Delivered,
  type DeliveryMode,
  generateChecked,
  type GenerateOptions,
  packageDocuments,
  planDelivery,
  resolveTarget,
  type Target,
  type TargetFlags,
  type TypesOrigin,
  withFlags,
} from "../delivery/mod.ts";
import {
  type LoadContext,
  type LoadedSource,
  type LoadOptions,
  loadSource,
  selectSource,
} from "../source/mod.ts";
import { fetchFailed } from "./errors.ts";
import type { SyncJob } from "./jobs.ts";
import { saveSyncScript, type SyncScript, syncScriptOf } from "./sync_script.ts";

/** A version of the types package, with the files that the version after it is decided by. */
export interface PackageVersion {
  readonly version: string;
  readonly extras: ReadonlyMap<string, string>;
}

/** Options of {@link deliverSource}. */
export interface SourceOptions {
  /** Its signal ends the work. */
  readonly context: LoadContext;
  /** Flags that name the target. */
  readonly target: TargetFlags;
  readonly generate: GenerateOptions;
  readonly mode: DeliveryMode;
  /** Write the client beside the types. */
  readonly withClient: boolean;
  /** Write a declaration map into the Python source of a module. @default {true} */
  readonly sourceMap?: boolean | undefined;
  /** Decides the version of the package. */
  readonly version?:
    | ((target: Target, loaded: LoadedSource) => Promise<PackageVersion>)
    | undefined;
}

/** Options of {@link loadContract}. */
export interface LoadContractOptions {
  readonly load: LoadOptions;
  /** The procedures that flags choose. */
  readonly selection: Selection;
  /** Its signal ends the work. */
  readonly context: LoadContext;
  /** Called with each contract before its types are generated. */
  readonly onLoaded: (loaded: LoadedSource) => void;
}

/** Options of {@link syncJob}. */
export interface SyncOptions extends SourceOptions, LoadContractOptions {
  /** The contract, if it was already loaded. */
  readonly loaded?: LoadedSource;
  /** Add a postinstall script to `package.json`. */
  readonly saveScript: boolean;
}

/** A contract and the delivery of its types. */
export interface SourceDelivery {
  readonly loaded: LoadedSource;
  readonly delivered: Delivered;
}

/** The result of one job. */
export interface SyncResult extends SourceDelivery {
  readonly script: SyncScript | undefined;
}

/** Loads a contract and delivers its types. A target that is impossible is an error before anything is loaded. @throws ToolError */
export async function deliverSource(
  load: () => Promise<LoadedSource>,
  target: Target,
  options: SourceOptions,
): Promise<SourceDelivery> {
  const { context } = options;
  resolveTarget(withFlags(target, options.target, context.cwd));
  const loaded = await load();
  const version = await options.version?.(target, loaded);
  context.signal?.throwIfAborted();
  return { loaded, delivered: deliverLoaded(loaded, target, options, version) };
}

/** Delivers the types of a contract; generates them unless they are given. @throws ToolError */
export function deliverLoaded(
  loaded: LoadedSource,
  target: Target,
  { target: flags, generate, mode, withClient, sourceMap = true, context }: SourceOptions,
  version?: PackageVersion,
  generated?: Delivered["generated"],
): Delivered {
  const packageVersion = version?.version ?? flags.packageVersion;
  const types = generated ?? generateChecked(loaded, generate);
  const origin = originOf(loaded, context);
  const flagged = withFlags(target, { ...flags, packageVersion }, context.cwd);
  const chosen = resolveTarget({ ...flagged, origin }, types);
  const isNamed = flags.out !== undefined;
  const isPublished = packageVersion !== undefined || isNamed && chosen.layout === "package";
  const planned = planDelivery(chosen, types, {
    origin: isNamed ? undefined : origin,
    recordsOrigin: !isNamed && packageVersion === undefined && mode === "write",
    force: flags.force,
    withClient,
    extras: version?.extras,
    documents: isPublished && chosen.layout === "package"
      ? packageDocuments(chosen.name, context.cwd)
      : undefined,
    sources: loaded.definitions === undefined || isPublished || !sourceMap || mode === "check"
      ? undefined
      : { definitions: loaded.definitions, folder: context.cwd },
    schemaFile: loaded.kind === "file" ? loaded.where : undefined,
  });
  return deliver(planned, mode);
}

// A schema file does not name its backend.
function originOf({ kind, where }: LoadedSource, { cwd }: LoadContext): TypesOrigin | undefined {
  if (kind === "url") return { urls: [where] };
  if (kind !== "module") return undefined;
  const [module] = where.split(":");
  return { project: cwd, module, urls: [] };
}

/** Loads a contract. @throws ToolError */
export async function loadContract(
  source: string,
  { load, context, onLoaded, selection }: LoadContractOptions,
): Promise<LoadedSource> {
  const loaded = selectSource(await loadSource(source, load, context), selection);
  context.signal?.throwIfAborted();
  onLoaded(loaded);
  return loaded;
}

/** The procedures of a target that the flags choose. */
export function selectionOfTarget({ selection }: Target, flags: Selection): Selection {
  return selection === undefined ? flags : narrowSelection(selection, flags);
}

/** Loads the contract of a job. @throws ToolError with the address in its message where the server fails */
export async function loadJob(
  { source, target }: SyncJob,
  options: LoadContractOptions,
): Promise<LoadedSource> {
  try {
    return await loadContract(source, {
      ...options,
      selection: selectionOfTarget(target, options.selection),
    });
  } catch (error) {
    if (!(error instanceof ToolError) || error.exitCode !== ExitCode.Server) throw error;
    throw fetchFailed(source, error);
  }
}

/** Loads the contract of a job and delivers its types. @throws ToolError */
export async function syncJob(job: SyncJob, options: SyncOptions): Promise<SyncResult> {
  const { target } = job;
  // A script that cannot be written is an error before anything else is written.
  const command = options.saveScript ? await syncScriptOf(job) : undefined;
  const { loaded, delivered } = await deliverSource(
    async () => options.loaded ?? await loadJob(job, options),
    target,
    options,
  );
  const script = command === undefined
    ? undefined
    : saveSyncScript(target.start, delivered.chosen, command, options.mode);
  return { loaded, delivered, script };
}
