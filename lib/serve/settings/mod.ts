/** Settings of every server, as they are given on the command line. @module */
export { natsConnection, type NatsSettings } from "./nats_connection.ts";
export {
  loadServingSettings,
  reachableWarning,
  refuseAuthenticator,
  type ServingOptions,
  type ServingSettings,
} from "./serving_settings.ts";
