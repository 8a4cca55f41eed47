export { keepRegistered, type KeepRegisteredOptions } from "./auto_register.ts";
export { type Endpoint, type EntryLimits, type RegistryEntry, ServiceEntries } from "./entries.ts";
export { REGISTRY_PORT } from "./messages.ts";
export {
  discoverService,
  listServices,
  registerService,
  type RegistryAddress,
  unregisterService,
} from "./registry_client.ts";
export {
  type RegistryLog,
  type RegistryServer,
  type RegistryServerOptions,
  serveRegistry,
} from "./registry_server.ts";
export { readState, writeState } from "./state_file.ts";
