/** The command-line framework. @module */
export { type CliApplication, type DefaultRun, loadCommands } from "./application.ts";
export {
  type CliCommand,
  type CommandContext,
  type Completion,
  defineCommand,
  type Example,
} from "./define.ts";
export * from "./errors.ts";
export * from "./flags/builders.ts";
export { CLIENT_FLAGS, clientFolders } from "./flags/clients.ts";
export {
  checkDeliveryFlags,
  DELIVERY_FLAGS,
  type DeliveryFlags,
  generateOptions,
  modeOf,
  SOURCE_MAP_FLAGS,
} from "./flags/delivery.ts";
export { checkDiscoverFlags, DISCOVER_FLAGS, type DiscoverFlags } from "./flags/discover.ts";
export {
  EXEC_FLAG,
  LAX_FLAG,
  MOCK_FLAGS,
  type MockFlags,
  PROXY_FLAGS,
  type ProxyFlags,
} from "./flags/mock.ts";
export { NATS_FLAGS, type NatsFlags } from "./flags/nats.ts";
export {
  anyOriginWarning,
  describeOrigins,
  EXPLORE_ORIGINS,
  mockOrigins,
  parseCorsOrigin,
  reportRefusedOrigins,
  SERVE_ORIGINS,
} from "./flags/origins.ts";
export { depth } from "./flags/openrpc.ts";
export { REGISTER_FLAGS, type RegisterFlags } from "./flags/register.ts";
export { RPYC_FLAGS, type RpycFlags } from "./flags/rpyc.ts";
export { SELECTION_FLAGS, type SelectionFlags, selectionOf } from "./flags/selection.ts";
export { parsePath, SERVING_FLAGS, type ServingFlags } from "./flags/serving.ts";
export { SETUP_FLAGS, type SetupFlags } from "./flags/setup.ts";
export {
  OPTIONAL_SOURCE_ARGUMENT,
  reportFacts,
  reportSource,
  SOURCE_ARGUMENT,
  SOURCE_FLAGS,
  type SourceFlags,
  sourceOptions,
} from "./flags/source.ts";
export { type ChangedTypes, changedTypesLines } from "./output/changed_lines.ts";
export { deliveryJson, reportDelivery } from "./output/delivery_report.ts";
export { openPrompter, terminalOf } from "./output/prompts.ts";
export { consoleReporter, type Reporter } from "./output/reporter.ts";
export { setupContext } from "./output/setup_report.ts";
export {
  changesInBrief,
  countsInBrief,
  reportChanges,
  reportWarnings,
} from "./output/types_report.ts";
export { runCli } from "./run.ts";
export { spelled } from "./suggestions.ts";
