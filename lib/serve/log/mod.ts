/** Calls, messages and connections as lines of text or JSON. @module */
export {
  connectionWarnings,
  failureText,
  formatFailure,
  modeEventText,
  reportFailures,
} from "./connection_failure.ts";
export { callLog, type CallLogConfig, type LogOutput, type LogTarget } from "./call_log.ts";
export { type RequestLines, requestLines } from "./request_log.ts";
export { openRpycLog, type RpycLog } from "./rpyc_log.ts";
export { openTrace, type TraceSink } from "./trace_sink.ts";
