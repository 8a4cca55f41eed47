/** The proxy before an upstream server: validation, recording, statistics. @module */
export { createProxyDispatcher, type PassedCall, type ProxyViolation } from "./proxy_dispatcher.ts";
export {
  type Recording,
  recordingDigest,
  type RecordingOptions,
  startRecording,
} from "./recording.ts";
export { recordingDispatcher } from "./recording_dispatcher.ts";
export { type ProcedureStatistics, startStatistics, type Statistics } from "./statistics.ts";
export { type ObservedType, ProxyFindings, type ProxySummary } from "./summary.ts";
export { compileUntypedValues } from "./untyped_values.ts";
export type { UpstreamAnswer } from "./read_answer.ts";
export { openUpstream, type Upstream, type UpstreamOptions } from "./upstream.ts";
export { jsonObject, valueDigest } from "./value_digest.ts";
