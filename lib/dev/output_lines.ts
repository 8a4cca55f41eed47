import type { Clock } from "../runtime/mod.ts";

// More than a person reads; a busy server logs less.
const LINES_A_SECOND = 1000;
const MAX_LINE = 4000;
const PARTIAL_MS = 300;

/** Pieces of output as lines: see {@link outputLines}. */
export interface OutputLines {
  write(piece: string): void;
  /** The last lines, oldest first. */
  readonly last: readonly string[];
  end(): void;
}

// A progress bar writes over its line.
function lastState(line: string): string {
  return line.replace(/\r+$/, "").replace(/^.*\r/s, "");
}

/**
 * Cuts the output of a child process into lines. A line without an end (a question, a progress bar) is emitted after a
 * moment; of a flood, only the first lines of each second and a count of the rest.
 */
export function outputLines(
  { onLine, clock, keep = 8 }: {
    readonly onLine: (line: string) => void;
    readonly clock: Clock;
    /** Number of lines in `last`. */
    readonly keep?: number;
  },
): OutputLines {
  let rest = "";
  let second = -1;
  let count = 0;
  let dropped = 0;
  let cancelPartial = () => {};
  let cancelFlood: (() => void) | undefined;
  const last: string[] = [];

  const reportDropped = () => {
    cancelFlood?.();
    cancelFlood = undefined;
    if (dropped > 0) onLine(`… ${dropped} more lines`);
    dropped = 0;
  };
  const emit = (line: string) => {
    const now = Math.floor(clock.monotonic() / 1000);
    if (now !== second) {
      second = now;
      count = 0;
      reportDropped();
    }
    const text = line.length > MAX_LINE ? `${line.slice(0, MAX_LINE)}…` : line;
    last.push(text);
    if (last.length > keep) last.shift();
    if (++count <= LINES_A_SECOND) return onLine(text);
    dropped++;
    cancelFlood ??= clock.after(1000, reportDropped);
  };
  const flush = () => {
    cancelPartial();
    if (rest !== "") emit(lastState(rest));
    rest = "";
  };

  return {
    last,
    write(piece) {
      cancelPartial();
      const lines = (rest + piece).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) emit(lastState(line));
      // Output without any line end is not collected without limit.
      if (rest.length > MAX_LINE) flush();
      else if (rest !== "") cancelPartial = clock.after(PARTIAL_MS, flush);
    },
    end() {
      flush();
      reportDropped();
    },
  };
}
