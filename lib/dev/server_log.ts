import type { Clock } from "../runtime/mod.ts";
import { type OutputLines, outputLines } from "./output_lines.ts";

/** Options of {@link ServerLog}. */
export interface ServerLogOptions {
  readonly clock: Clock;
  readonly onLine: (line: string) => void;
  /** Also emits the lines of successful requests for the contract. @default false */
  readonly verbose?: boolean | undefined;
}

// `sync --watch`, the plugin for Vite and editors ask again and again, which would bury the lines of the calls.
const POLL = /"GET \/rpc HTTP\/[\d.]+" 200\b/;

/** Output of the backend as lines, without those of requests for its contract. */
export class ServerLog {
  readonly #lines: OutputLines;
  #held: string[] | undefined;
  readonly #onLine: (line: string) => void;

  constructor({ clock, onLine, verbose = false }: ServerLogOptions) {
    this.#onLine = onLine;
    this.#lines = outputLines({
      clock,
      onLine: (line) => {
        if (!verbose && POLL.test(line)) return;
        if (this.#held === undefined) onLine(line);
        else this.#held.push(line);
      },
    });
  }

  /** The last lines, oldest first. */
  get last(): readonly string[] {
    return this.#lines.last;
  }

  write(piece: string): void {
    this.#lines.write(piece);
  }

  /** Holds lines back while our own request is under way. */
  hold(): void {
    this.#held ??= [];
  }

  /** Prints the held lines except that of our own request. Of a request that failed, the traceback is dropped as well. */
  release(hasFailed: boolean): void {
    const lines = this.#held ?? [];
    this.#held = undefined;
    if (hasFailed) return;
    const own = lines.findIndex((line) => line.includes('"GET /rpc '));
    lines.filter((_, index) => index !== own).forEach(this.#onLine);
  }

  end(): void {
    this.#lines.end();
  }
}
