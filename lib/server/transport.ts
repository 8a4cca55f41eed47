import type { CallContext } from "../rpc/mod.ts";
import type { Encoded } from "../rpc/mod.ts";

/** A message and where it came from. */
export interface Received {
  readonly context: CallContext;
  readonly message: Uint8Array;
}

/** Brings messages and carries replies back. `context` is opaque: what came with a message goes back with its reply. */
export interface ServerTransport {
  /** The next message; `undefined` when the transport is closed and nothing more will come. */
  receiveMessage(): Promise<Received | undefined>;
  /**
   * Carries a reply. `undefined` says that there is none (a notification), so that a transport whose peer waits for
   * something can end the exchange. Never throws because the peer went away.
   */
  sendReply(context: CallContext, reply: Encoded | undefined): void | Promise<void>;
  /** Takes no more messages; replies may still be sent until `close`. */
  stop(): void;
  /** Closes everything. */
  close(): Promise<void>;
}

/** Something that listens. */
export interface Listener {
  /** Where: `http://127.0.0.1:8000/rpc`, `tcp://127.0.0.1:4000`, `unix:///tmp/rpc.sock`, `nats://127.0.0.1:4222/subject`, `stdio:`. */
  readonly url: string;
  /** The port that was taken; `undefined` where there is none. */
  readonly port: number | undefined;
  /**
   * Settles when the listener has ended by itself (end of standard input) or was closed; rejects where what it listened
   * at is lost for good (NATS). Need not be waited for.
   */
  readonly ended: Promise<void>;
  /** Takes no new connections, waits for running calls up to `graceMs`, then closes everything. */
  close(graceMs?: number): Promise<void>;
}
