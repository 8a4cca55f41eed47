/**
 * The small piece of the outside world that every command is handed: streams, terminal, environment, clock, signals.
 * Tests replace it. Files and sockets are used directly (DESIGN.md §2).
 */

import type { Clock } from "./clock.ts";

/** A stream for words or data. */
export interface OutputStream {
  write(text: string | Uint8Array): void;
  readonly isTerminal: boolean;
  /** Width in columns; 80 where there is no terminal. */
  readonly columns: number;
}

/** Standard input. */
export interface InputStream {
  readonly isTerminal: boolean;
  /** Everything up to end of file; rejects with a RangeError past `maxBytes`. */
  readAll(maxBytes: number): Promise<Uint8Array>;
  /** The underlying Node stream, for prompts and consoles. */
  readonly stream: NodeJS.ReadStream;
}

/** Signals that end a command. */
export type EndSignal = "SIGINT" | "SIGTERM" | "SIGHUP";

/** The outside world as a command sees it. */
export interface Console extends Clock {
  readonly stdin: InputStream;
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** Address of the entry module, from which this program starts itself again; absent where it cannot be. */
  readonly program?: string;
  /** Whether this is the npm package `@pyrpc/client`, which sets a project up on its first run. */
  readonly isClientPackage?: boolean;
  /** Milliseconds since the epoch. */
  now(): number;
  /** A random number from 0 to below 1. */
  random(): number;
  /** Collects garbage and returns free memory to the system. Absent in tests. */
  freeMemory?(): void;
  /** Calls `handler` for each end signal until the returned function is called. */
  onSignal(handler: (signal: EndSignal) => void): () => void;
  /** Calls `handler` for each error that nothing catches, which does not end the process from then on. Absent in tests. */
  onLateError?(handler: (error: unknown) => void): void;
}

/** Whether questions may be asked: a terminal on both sides, and not a CI machine. */
export function isInteractive(console: Pick<Console, "stdin" | "stderr" | "env">): boolean {
  return console.stdin.isTerminal && console.stderr.isTerminal && !console.env["CI"];
}
