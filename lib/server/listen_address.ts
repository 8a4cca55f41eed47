import type { NatsAddress } from "./transports/nats_address.ts";

/** Names of the message protocols. */
export type ProtocolName = "pyrpc" | "jsonrpc" | "jsonrpc-tinyrpc" | "msgpackrpc";

/** An address to listen on, as plain data. */
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

/**
 * Message framing in a stream. `line`: one message per line. `length`: each after its length as four bytes, big-endian.
 * `none`: MessagePack values one after the other, as MessagePack-RPC defines.
 */
export type Framing = "line" | "length" | "none";
