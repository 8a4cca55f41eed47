/** Worker threads and child processes of this program; apart from `lib/process`, so that only servers load it. @module */
export {
  CLOCKS,
  endProcess,
  programCommand,
  startChild,
  startWorker,
  WORKER_ARGUMENT,
  type WorkerStart,
  workerStart,
} from "./start_worker.ts";
export { adoptSocket, type SocketHandover, socketHandover } from "./socket_handover.ts";
