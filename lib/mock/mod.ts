export {
  CONTROL_HEADER,
  createMockDispatcher,
  type MockOptions,
  samplerOf,
} from "./mock_dispatcher.ts";
export {
  type FaultRule,
  type FaultRules,
  type Latency,
  type LatencyRules,
  parseFaultRules,
  parseLatencyRules,
} from "./rules.ts";
export { exampleLayer, type ExampleSet, parseExamples, readExamplesFile } from "./examples/mod.ts";
export {
  createExplorer,
  type Explorer,
  EXPLORER_PATH,
  type ExplorerOptions,
} from "./explorer/mod.ts";
export { EXAMPLE_CONTRACT } from "./example_contract.ts";
export { readSnapshot, snapshotPath, writeSnapshot } from "./snapshot.ts";
export { createSampler, type Sampler } from "./values/mod.ts";
export { openUpstream, type Upstream, type UpstreamAnswer } from "./upstream.ts";
export {
  createProxyDispatcher,
  type PassedCall,
  type ProxyOptions,
  type ProxyViolation,
} from "./proxy_dispatcher.ts";
export { compileOpenKinds, type OpenKind } from "./open_kinds.ts";
export {
  DUMP_MANIFEST,
  type DumpManifest,
  formatDumpManifest,
  isDumped,
  parseDumpManifest,
} from "./dump_manifest.ts";
export { type Recording, recordingDigest, startRecording } from "./recording.ts";
export { type ProcedureStatistics, startStatistics, type Statistics } from "./statistics.ts";
export { withDiscovery } from "./discovery.ts";
