import type { CallContext } from "./call.ts";
import type { Encoded } from "./protocol.ts";

/** `-->` for requests, `<--` for replies. */
export type Direction = "-->" | "<--";

/** Receives every message: the bytes as received, the bytes as sent. */
export type Trace = (direction: Direction, context: unknown, message: Uint8Array) => void;

/** A service whose messages can be traced. */
export interface Traced {
  /** Exceptions are ignored. */
  trace?: Trace | undefined;
}

/** Traces a message that was received. */
export function traceRequest(service: Traced, context: CallContext, message: Uint8Array): void {
  trace(service, "-->", context, message);
}

/** Traces a reply that was sent. */
export function traceReply(
  service: Traced,
  context: CallContext,
  reply: Encoded | undefined,
): void {
  if (service.trace === undefined || reply === undefined) return;
  trace(
    service,
    "<--",
    context,
    typeof reply === "string" ? new TextEncoder().encode(reply) : reply,
  );
}

function trace(
  service: Traced,
  direction: Direction,
  context: CallContext,
  message: Uint8Array,
): void {
  try {
    service.trace?.(direction, context, message);
  } catch {
    // A failing trace must not fail the request.
  }
}
