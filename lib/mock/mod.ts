export { CONTROL_HEADER, createMockDispatcher, type MockOptions } from "./mock_dispatcher.ts";
export {
  type FaultRule,
  type FaultRules,
  type Latency,
  type LatencyRules,
  parseFaultRules,
  parseLatencyRules,
} from "./rules.ts";
export { EXAMPLE_CONTRACT } from "./example_contract.ts";
export { readSnapshot, snapshotPath, writeSnapshot } from "./snapshot.ts";
