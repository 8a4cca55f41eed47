import type { ProxyViolation } from "../proxy/mod.ts";

/** Callbacks of a running session. */
export interface SessionEvents {
  note(text: string): void;
  warn(text: string): void;
  /** A new version of a file or contract could not be loaded, and the previous one stays. */
  failed(error: unknown): void;
  /** The upstream server violated the contract in a new way. */
  violation(violation: ProxyViolation): void;
}
