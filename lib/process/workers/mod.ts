// A door of its own: threads and processes are imported only by what starts them.
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
