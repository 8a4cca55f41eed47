export { originOf } from "./ask_http.ts";
export { compareContracts, type ServerComparison } from "./compare_server.ts";
export type { EndpointFault } from "../python/mod.ts";
export type { DevEvent, ServerRole } from "./dev_event.ts";
export { DevSession, type DevSessionOptions } from "./dev_session.ts";
export type { ExecCommand } from "./exec_server.ts";
export { brokenLinesWithoutClients, registrationWithoutServer } from "./errors.ts";
export {
  type FollowedModule,
  type FollowModuleOptions,
  followPythonModule,
} from "./follow_module.ts";
export { type PlacedServer, placeServer, type PlaceServerOptions } from "./place_server.ts";
export { anyFreePort, isListening, nextFreePort } from "./port_state.ts";
export { reloadProject, type ReloadProjectOptions } from "./reload_project.ts";
export { fileSystemWithoutEvents } from "./file_system.ts";
