export { asyncMode } from "./async_mode.ts";
export { childHost } from "./child_host.ts";
export { forkingMode } from "./forking_mode.ts";
export type {
  ConnectionHost,
  HostedEnd,
  HostReports,
  ModeEvent,
  ModeFactory,
  ModeOptions,
  PlainConnectionInfo,
  PoolPolicy,
  ServingMode,
  ThreadSockets,
} from "./mode.ts";
export { oneshotMode } from "./oneshot_mode.ts";
export { poolMode } from "./pool_mode.ts";
export { serveStdio, stdioConnection } from "./stdio_mode.ts";
export { syncMode } from "./sync_mode.ts";
export { threadedMode } from "./threaded_mode.ts";
export { type ParentLink, serveInChild } from "./serve_in_child.ts";
export { serveInWorker } from "./serve_in_worker.ts";
export { workerHost } from "./worker_host.ts";
