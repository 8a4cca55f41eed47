/** The command-line framework. @module */
export { prepareArguments, type PreparedArguments } from "./arguments.ts";
export { closest } from "./closest.ts";
export { type CliContext, defineCommand } from "./define.ts";
export {
  checkDeliveryFlags,
  DELIVERY_FLAGS,
  type DeliveryFlags,
  generateOptions,
  modeOf,
} from "./flags/delivery.ts";
export { MOCK_FLAGS, type MockFlags, PROXY_FLAGS, type ProxyFlags } from "./flags/mock.ts";
export { NATS_FLAGS, type NatsFlags } from "./flags/nats.ts";
export { checkDiscoverFlags, DISCOVER_FLAGS, type DiscoverFlags } from "./flags/discover.ts";
export {
  describeOrigins,
  EXPLORE_ORIGINS,
  mockOrigins,
  parseCorsOrigin,
  reportRefusedOrigins,
  SERVE_ORIGINS,
} from "./flags/origins.ts";
export { parseDepth } from "./flags/openrpc_depth.ts";
export { REGISTER_FLAGS, type RegisterFlags } from "./flags/register.ts";
export { RPYC_FLAGS, type RpycFlags } from "./flags/rpyc.ts";
export { parseNumber, parsePort, SERVING_FLAGS, type ServingFlags } from "./flags/serving.ts";
export {
  reportSource,
  SOURCE_FLAGS,
  SOURCE_PARAMETER,
  type SourceFlags,
  sourceOptions,
} from "./flags/source.ts";
export { deliveryJson, reportDelivery } from "./output/delivery_report.ts";
export { openPrompter, type Prompter, terminalOf } from "./output/prompts.ts";
export { consoleReporter, type Reporter } from "./output/reporter.ts";
export {
  changesInBrief,
  countsInBrief,
  reportChanges,
  reportWarnings,
} from "./output/types_report.ts";
export { proposing } from "./propose.ts";
