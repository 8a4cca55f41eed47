/** What the servers of WebSockets have in common, in types alone: whoever compiles against them needs none of the library `ws`. */
import type { Buffer } from "node:buffer";
import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";

/** Takes upgrades of an HTTP server. */
export interface WebSocketEndpoint {
  /** @param identity who an authenticator says this is */
  upgrade(request: IncomingMessage, socket: Socket, head: Buffer, identity?: unknown): void;
  /** Ends every connection, those with running calls after them or after `graceMs`. */
  close(graceMs: number): Promise<void>;
}

/** Options of `serveWebSocketStreams`. */
export interface WebSocketStreamsOptions {
  readonly path: string;
  /**
   * What messages are in the stream. `bytes`: what they hold, one after the other, as a TCP connection would bring it. `text` and
   * `binary`: each with its length before it (framing `length`), and such a frame in the stream is sent as one message of that kind.
   */
  readonly messages: "bytes" | "text" | "binary";
  /** Bytes of one message. @default {64 MiB} */
  readonly maxMessage?: number;
  /** How often the peer is asked whether it is there; one that does not answer is closed. @default {30000} */
  readonly pingInterval?: number;
  /** Told of connections that come and go. */
  readonly onConnection?: (event: "accepted" | "closed", remote: string) => void;
}
