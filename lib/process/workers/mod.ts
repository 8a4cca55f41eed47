// A door of its own: threads and processes are imported only by what starts them.
export {
  CLOCKS,
  endProcess,
  programCommand,
  startChild,
  STARTED_AGAIN,
  type StartedAs,
  startedAs,
  startWorker,
} from "./start_again.ts";
export { adoptSocket, type SocketHandover, socketHandover } from "./socket_handover.ts";
