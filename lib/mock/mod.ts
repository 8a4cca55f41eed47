/** Sample values, examples and faults: a dispatcher that answers calls of a contract without its backend. @module */
export { withDiscovery } from "./discovery.ts";
export { EXAMPLE_CONTRACT } from "./example_contract.ts";
export {
  ABOUT,
  argumentsKey,
  createExampleSet,
  exampleResolver,
  type ExampleSet,
} from "./examples/mod.ts";
export {
  CONTROL_HEADER,
  createMockDispatcher,
  type MockOptions,
  samplerOf,
} from "./mock_dispatcher.ts";
export { type FaultRules, type LatencyRules, parseFaultRules, parseLatencyRules } from "./rules.ts";
export { redactArguments, redactData, redactResult } from "./secrets.ts";
export { createSampler, type Sampler } from "./values/mod.ts";
