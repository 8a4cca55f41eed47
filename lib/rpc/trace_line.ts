import type { CallContext } from "./call.ts";
import { decodeUtf8 } from "./utf8.ts";
import type { Direction } from "./trace.ts";

/** A traced message, as a line of JSON contains it. */
export interface TraceLine {
  readonly time: string;
  readonly direction: Direction;
  readonly transport: string;
  readonly remote: string;
  readonly message: string;
  /** Present if the bytes are not UTF-8: `message` is hexadecimal then. */
  readonly encoding?: "hex";
}

/** Formats a traced message for a line of JSON. `now` is milliseconds since the epoch. */
export function traceLine(
  direction: Direction,
  context: unknown,
  message: Uint8Array,
  now: number,
): TraceLine {
  const { transport = "", remote = "" } = (context ?? {}) as Partial<CallContext>;
  const head = { time: new Date(now).toISOString(), direction, transport, remote };
  try {
    return { ...head, message: decodeUtf8(message) };
  } catch {
    return { ...head, message: hex(message), encoding: "hex" };
  }
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
