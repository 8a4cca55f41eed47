import type { JsonObject } from "../contract/mod.ts";
import type { NatsAddress } from "./transports/nats_address.ts";

/** Names of the protocols that can be asked for. */
export type ProtocolName = "pyrpc" | "jsonrpc" | "msgpackrpc";

/** A listener as plain data. */
export type ListenAddress =
  | {
    readonly transport: "http";
    readonly host: string;
    readonly port: number;
    readonly path: string;
  }
  | {
    readonly transport: "ws";
    readonly host: string;
    readonly port: number;
    readonly path: string;
  }
  | {
    readonly transport: "tcp";
    readonly host: string;
    readonly port: number;
    readonly framing?: Framing;
  }
  | { readonly transport: "zmq"; readonly host: string; readonly port: number }
  | { readonly transport: "unix"; readonly path: string; readonly framing?: Framing }
  | { readonly transport: "stdio"; readonly framing?: Framing }
  | { readonly transport: "nats" } & NatsAddress;

/** How messages are told apart in a stream: one a line, or each after its length as four bytes, big-endian. */
export type Framing = "line" | "length";

/**
 * Everything that what stands behind a server is built from, as plain data: a worker thread or a child process gets
 * this and builds the same one. Nothing in it is a function, a socket or a secret.
 */
export interface ServiceConfig {
  /** The contract's document as it was loaded; absent when the handlers bring their own. */
  readonly contract?: JsonObject;
  /** Where the contract came from, for messages. */
  readonly source?: string;
  /** Path of the user's handlers file. */
  readonly handlers?: string;
  /** Path of the examples file. */
  readonly examples?: string;
  /** Whether procedures without handler or example are answered with made-up values. @default {false} */
  readonly mock?: boolean;
  /** Coerce arguments as Pydantic does instead of refusing what the types forbid. @default {false} */
  readonly lax?: boolean;
  /** Changes the world of made-up values. */
  readonly seed?: string;
  /** Made-up values differ from call to call. @default {false} */
  readonly random?: boolean;
}
