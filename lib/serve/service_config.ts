import type { JsonObject } from "../contract/mod.ts";
import type { MessageLimits } from "../rpc/mod.ts";
import type { RpycLimits, ServiceNames } from "../rpyc/mod.ts";
import type { Framing, ProtocolName, ServeMessagesOptions } from "../server/mod.ts";
import type { CallLogConfig } from "./log/mod.ts";

/** A service as plain data, from which the event loop, a worker thread and a child process build the same one. */
export type ConnectionServiceConfig = RpycServiceConfig | MessageServiceConfig;

/** Contract and handlers of a service. */
export interface ServiceConfig {
  /** The contract's document as it was loaded; absent if the handlers declare their own. */
  readonly contract?: JsonObject;
  /** Absolute path of the handlers file. */
  readonly handlers?: string;
  /** Coerce arguments as Pydantic does instead of refusing what the types forbid. */
  readonly lax: boolean;
}

/** Framed messages of one of the message protocols. */
export interface MessageServiceConfig {
  readonly protocol: ProtocolName;
  readonly service: ServiceConfig;
  readonly framing?: Framing;
  readonly limits: MessageLimits;
  /** Bytes of one message, and times in milliseconds. */
  readonly bounds: Pick<
    ServeMessagesOptions,
    "maxMessage" | "maxInFlight" | "handshakeTimeout" | "messageTimeout" | "idleTimeout"
  >;
  readonly log: CallLogConfig;
}

/** RPyC objects. */
export interface RpycServiceConfig {
  readonly protocol: "rpyc";
  readonly service: ServiceConfig;
  readonly names: ServiceNames;
  readonly allowPublicAttrs: boolean;
  readonly allowPickle: boolean;
  readonly limits: Partial<RpycLimits>;
}
