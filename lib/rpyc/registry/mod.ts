/** RPyC's service registry: server, client, registration and discovery. @module */
export {
  type DiscoverOptions,
  discoverUrl,
  listRegistries,
  queryRegistries,
  type RegistryQuery,
} from "./ask_registries.ts";
export { keepRegistered, type KeepRegisteredOptions } from "./auto_register.ts";
export { BROADCAST, LOOPBACK } from "./addresses.ts";
export { type Endpoint, type EntryLimits, type RegistryEntry, ServiceEntries } from "./entries.ts";
export { REGISTRY_PORT } from "./messages.ts";
export {
  registeredNames,
  type RegisteredService,
  type Registration,
  type RegistrationEvent,
  registrationOf,
  type RegistrationOptions,
  registrationWarning,
  startRegistration,
} from "./registration.ts";
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
export { openRegistry, type OpenRegistryOptions } from "./stored_registry.ts";
