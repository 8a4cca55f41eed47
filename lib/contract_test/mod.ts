/** Calls a backend with generated arguments and compares its answers with its contract. @module */
export { callLine, type ConnectionFlags } from "./call_line.ts";
export { httpSender, type Reply, type SendCall } from "./reply.ts";
export { TEST_RULES, type TestRule } from "./rules.ts";
export { type TestedProcedure, type TestProgress, type TestRun } from "./run_tests.ts";
export {
  DEV_URL,
  testBackend,
  type TestContext,
  type TestFinding,
  type TestReport,
  type TestRequest,
} from "./test_backend.ts";
