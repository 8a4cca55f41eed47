/** Types of the WebSocket servers, apart from their code: type checks against them do not load the library `ws`. */
import type { Buffer } from "node:buffer";
import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import type { OnConnection } from "./stream_connections.ts";

/** Handles the upgrades of an HTTP server. */
export interface WebSocketEndpoint {
  /** @param identity what the authenticator returned */
  upgrade(request: IncomingMessage, socket: Socket, head: Buffer, identity?: unknown): void;
  /** Closes every connection, after its running calls or after `graceMs`. */
  close(graceMs: number): Promise<void>;
}

/** Options of `serveWebSocketStreams`. */
export interface WebSocketStreamsOptions {
  readonly path: string;
  /**
   * Messages in the stream. `bytes`: their contents one after the other, as over TCP. `text` and `binary`: each after its
   * length (framing `length`), and each frame of the stream is sent as one message of that kind.
   */
  readonly messages: "bytes" | "text" | "binary";
  /** Notifications get an empty message. @default {false} */
  readonly answersNotifications?: boolean;
  /** Bytes of one message. @default {64 MiB} */
  readonly maxMessage?: number;
  /** Interval of pings; a peer that does not answer is closed. @default {30000} */
  readonly pingInterval?: number;
  /** Receives an event for each connection. */
  readonly onConnection?: OnConnection;
}
