import type { CallContext } from "../rpc/mod.ts";
import type { Encoded } from "../rpc/mod.ts";

/** A message and its origin. */
export interface Received {
  readonly context: CallContext;
  readonly message: Uint8Array;
}

/** Receives messages and sends replies. `context` is opaque: a reply is sent with the context of its message. */
export interface ServerTransport {
  /** Returns the next message; `undefined` when the transport is closed and has no more messages. */
  receiveMessage(): Promise<Received | undefined>;
  /**
   * Sends a reply. `undefined` means no reply (a notification), so that the transport can end an exchange whose peer
   * waits. Never throws because the peer went away.
   */
  sendReply(context: CallContext, reply: Encoded | undefined): void | Promise<void>;
  /** Receives no more messages; replies may be sent until `close`. */
  stop(): void;
  /** Closes everything. */
  close(): Promise<void>;
}

/** A server that listens at an address. */
export interface Listener {
  /** Address: `http://127.0.0.1:8000/rpc`, `tcp://127.0.0.1:4000`, `unix:///tmp/rpc.sock`, `nats://127.0.0.1:4222/subject`, `stdio:`. */
  readonly url: string;
  /** The port in use; `undefined` without a port. */
  readonly port: number | undefined;
  /**
   * Settles when the listener has ended (end of standard input) or was closed; rejects if the address is lost for good
   * (NATS). Need not be awaited.
   */
  readonly ended: Promise<void>;
  /** Accepts no new connections, waits for running calls up to `graceMs`, then closes everything. */
  close(graceMs?: number): Promise<void>;
}
