/** Servers of the user's functions: from the settings on the command line to listeners, logs and registrations. @module */
export {
  buildConnectionService,
  type LoadedService,
  loadService,
  PROTOCOLS,
} from "./connection_service.ts";
export { refuseModeFor } from "./mode_listeners.ts";
export { natsConnection, type NatsSettings } from "./settings/mod.ts";
export {
  failureText,
  modeEventText,
  openRpycLog,
  openTrace,
  type RequestLines,
  requestLines,
  type RpycLog,
  type TraceSink,
} from "./log/mod.ts";
export {
  type RpycServer,
  type RpycServerEvent,
  type RpycServerOptions,
  startRpycServer,
  type StreamListenAddress,
} from "./rpyc_server.ts";
export { serveOverStdio } from "./rpyc_stdio.ts";
export type { RunningServer } from "./running_server.ts";
export type { ServeOptions, ServeOutput } from "./serve_options.ts";
export { type FunctionServer, startServer } from "./server.ts";
export type { RpycServiceConfig } from "./service_config.ts";
export { type ModeSettings, refusePoolFlags } from "./serving_mode.ts";
export {
  loadServingSettings,
  reachableWarning,
  refuseAuthenticator,
  type ServingOptions,
  type ServingSettings,
} from "./settings/mod.ts";
