// More than anybody reads; what a busy server logs under load stays below.
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

/**
 * Cuts what a child prints into lines. A line without an end (a question, a progress bar) is given after a moment; of a
 * flood only the first lines of each second, with a count of the rest.
 */
export function outputLines(
  { onLine, monotonic, keep = 8 }: {
    readonly onLine: (line: string) => void;
    readonly monotonic: () => number;
    /** How many lines to remember. */
    readonly keep?: number;
  },
): OutputLines {
  let rest = "";
  let second = -1;
  let count = 0;
  let dropped = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let flood: ReturnType<typeof setTimeout> | undefined;
  const last: string[] = [];

  const tellDropped = () => {
    clearTimeout(flood);
    flood = undefined;
    if (dropped > 0) onLine(`… ${dropped} more lines`);
    dropped = 0;
  };
  const tell = (line: string) => {
    const now = Math.floor(monotonic() / 1000);
    if (now !== second) {
      second = now;
      count = 0;
      tellDropped();
    }
    const text = line.length > MAX_LINE ? `${line.slice(0, MAX_LINE)}…` : line;
    last.push(text);
    if (last.length > keep) last.shift();
    if (++count <= LINES_A_SECOND) return onLine(text);
    dropped++;
    flood ??= setTimeout(tellDropped, 1000);
  };
  const flush = () => {
    clearTimeout(timer);
    timer = undefined;
    if (rest !== "") tell(rest);
    rest = "";
  };

  return {
    last,
    write(piece) {
      clearTimeout(timer);
      timer = undefined;
      const lines = (rest + piece).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) tell(line.endsWith("\r") ? line.slice(0, -1) : line);
      // What is printed without any line end is not collected for ever.
      if (rest.length > MAX_LINE) flush();
      else if (rest !== "") timer = setTimeout(flush, PARTIAL_MS);
    },
    end() {
      flush();
      tellDropped();
    },
  };
}
