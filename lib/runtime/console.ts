/**
 * The environment that every command receives: streams, terminal, variables, clock, signals. Tests replace it. Files and
 * sockets are used directly.
 */

import type { Clock } from "./clock.ts";

/** An output stream. */
export interface OutputStream {
  /** Writes text, which commands escape for terminals and logs, or bytes, which are written unchanged. */
  write(text: string | Uint8Array): void;
  readonly isTerminal: boolean;
  /** Width in columns; 80 without a terminal. */
  readonly columns: number;
}

/** Standard input. */
export interface InputStream {
  readonly isTerminal: boolean;
  /** Reads to the end of file; rejects with a RangeError beyond `maxBytes`. */
  readAll(maxBytes: number): Promise<Uint8Array>;
  /** The underlying Node stream, for prompts and consoles. */
  readonly stream: NodeJS.ReadStream;
}

/** Signals that end a command. */
export type EndSignal = "SIGINT" | "SIGTERM" | "SIGHUP";

/** The environment of a command. */
export interface Console extends Clock {
  readonly stdin: InputStream;
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** URL of the entry module, from which workers and children start; absent if they cannot. */
  readonly program?: string;
  /** The command that a user types to run this program: `pyrpc`, `npx pyrpc` … @default "pyrpc" */
  readonly commandName?: string;
  /** This is the npm package `@pyrpc/client`, which sets up a project on its first run. */
  readonly isClientPackage?: boolean;
  /** Milliseconds since the epoch. */
  now(): number;
  /** A random number from 0 to below 1. */
  random(): number;
  /** Collects garbage and returns free memory to the system. Absent in tests. */
  freeMemory?(): void;
  /** Calls `handler` for each end signal until the returned function is called. */
  onSignal(handler: (signal: EndSignal) => void): () => void;
  /** Stops the process and its job, as Ctrl+Z does; resolves when it continues or cannot be stopped. Absent in tests and on Windows. */
  suspend?(): Promise<void>;
  /** Calls `handler` for each uncaught error, which no longer ends the process. Absent in tests. */
  onLateError?(handler: (error: unknown) => void): void;
}

/** Reports whether the user can answer questions: both streams are a terminal, and this is not CI. */
export function isInteractive(console: Pick<Console, "stdin" | "stderr" | "env">): boolean {
  return console.stdin.isTerminal && console.stderr.isTerminal && !console.env["CI"];
}
