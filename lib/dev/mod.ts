export { originOf } from "./ask_http.ts";
export { compareContracts, compareServer, type ServerComparison } from "./compare_server.ts";
export type { DevEvent, ServerRole } from "./dev_event.ts";
export { DevSession, type DevSessionOptions } from "./dev_session.ts";
export { portTaken } from "./errors.ts";
export {
  type FollowedModule,
  type FollowModuleOptions,
  followPythonModule,
} from "./follow_module.ts";
export { anyFreePort, nextFreePort, type PortState, portState } from "./port_state.ts";
