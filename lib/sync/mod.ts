/** The work of `pyrpc sync`: finds servers, loads their contracts and delivers their types, once or with each change. */
export {
  findSyncJobs,
  SERVER_URL_VARIABLE,
  type SyncJob,
  type SyncJobs,
  type SyncRequest,
} from "./jobs.ts";
export {
  loadJob,
  type PackageVersion,
  syncJob,
  type SyncOptions,
  type SyncResult,
} from "./sync_job.ts";
export type { SyncScript } from "./sync_script.ts";
export { type WatchEvent, watchJob, type WatchJobOptions } from "./watch_job.ts";
