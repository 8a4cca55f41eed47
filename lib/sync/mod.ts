/**
 * From a source to delivered types ({@link deliverSource}), and the work of `pyrpc sync`: finds servers, loads their contracts
 * and delivers their types, once or with each change.
 *
 * @module
 */
export { checkSyncFlags, type SyncFlagValues } from "./check_flags.ts";
export { findSyncJobs, type SyncJob, type SyncJobs, type SyncRequest } from "./jobs.ts";
export {
  deliverSource,
  loadContract,
  loadJob,
  type PackageVersion,
  selectionOfTarget,
  type SourceOptions,
  syncJob,
  type SyncOptions,
  type SyncResult,
} from "./sync_job.ts";
export { type NextVersion, nextVersion } from "./package_version.ts";
export type { SyncScript } from "./sync_script.ts";
export { type WatchEvent, watchJob, type WatchJobOptions } from "./watch_job.ts";
export { setWorkflowOutputs } from "./workflow_output.ts";
