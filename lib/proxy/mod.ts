/** The proxy before an upstream server: validation, recording, statistics. @module */
export {
  DUMP_MANIFEST,
  type DumpManifest,
  formatDumpManifest,
  isDumped,
  parseDumpManifest,
} from "./dump_manifest.ts";
export {
  createProxyDispatcher,
  type PassedCall,
  type ProxyOptions,
  type ProxyViolation,
} from "./proxy_dispatcher.ts";
export { type Recording, recordingDigest, startRecording } from "./recording.ts";
export { type ProcedureStatistics, startStatistics, type Statistics } from "./statistics.ts";
export { compileOpenKinds, type OpenKind } from "./untyped_values.ts";
export { openUpstream, type Upstream, type UpstreamAnswer } from "./upstream.ts";
