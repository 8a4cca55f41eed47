import { resolve } from "node:path";
import { type Direction, type Trace, traceLine } from "../../rpc/mod.ts";
import type { Console } from "../../runtime/mod.ts";
import { plainText } from "../../terminal/mod.ts";
import { openForAppending } from "./open_file.ts";

/** A traced message: for people, and as a line of JSON. */
export interface TracedMessage {
  readonly shown: string;
  readonly line: string;
}

/** Formats a traced message. `now` is milliseconds since the epoch. */
export function tracedMessage(
  direction: Direction,
  context: unknown,
  message: Uint8Array,
  now: number,
): TracedMessage {
  const line = traceLine(direction, context, message, now);
  const mark = line.encoding === undefined ? "" : "hex:";
  return {
    shown: `${direction} ${mark}${plainText(line.message)}\n`,
    line: `${plainText(JSON.stringify(line))}\n`,
  };
}

/** Receives traced messages. */
export interface TraceSink {
  readonly trace: Trace | undefined;
  /** Writes one half of a message that a worker or child formatted. */
  write(half: keyof TracedMessage, text: string): void;
  close(): Promise<void>;
}

/** Opens what `--trace` (standard error) and `--trace-file` ask for. @throws ToolError `USAGE` if the file cannot be opened */
export async function openTrace(
  { trace, traceFile }: { readonly trace: boolean; readonly traceFile?: string },
  console: Pick<Console, "cwd" | "stderr" | "now">,
): Promise<TraceSink> {
  if (!trace && traceFile === undefined) {
    return { trace: undefined, write: () => undefined, close: () => Promise.resolve() };
  }
  const file = traceFile === undefined
    ? undefined
    : await openForAppending(resolve(console.cwd, traceFile));
  const write: TraceSink["write"] = (half, text) => {
    if (half === "line") file?.write(text);
    else if (trace) console.stderr.write(text);
  };
  return {
    write,
    trace(direction, context, message) {
      const traced = tracedMessage(direction, context, message, console.now());
      write("shown", traced.shown);
      write("line", traced.line);
    },
    close: () => new Promise((done) => file === undefined ? done() : file.end(() => done())),
  };
}
