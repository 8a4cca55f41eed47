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
export {
  exampleResolver,
  type ExampleSet,
  parseExamples,
  readExamplesFile,
} from "./examples/mod.ts";

export { EXAMPLE_CONTRACT } from "./example_contract.ts";
export { readSnapshot, snapshotPath, writeSnapshot } from "./snapshot.ts";
export { createSampler, type Sampler } from "./values/mod.ts";

export { withDiscovery } from "./discovery.ts";
