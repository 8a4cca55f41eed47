import { defined } from "../../defined.ts";
import { formatJsonText } from "../../json/mod.ts";
import type { CallEvent, RpcCall, RpcFault } from "../../rpc/mod.ts";
import type { Console } from "../../runtime/mod.ts";
import { framePosition, userFrames } from "../../user_frames.ts";
import { plainLine, plainText, type Style, styleFor } from "../../terminal/mod.ts";

/** Prints a line for each call. */
export interface RequestLines {
  readonly observe: ((event: CallEvent) => void) | undefined;
  /** Prints lines that a worker or child formatted. */
  write(lines: string): void;
  /** Prints what has not been printed yet. */
  flush(): void;
}

/** Makes the lines that the flags ask for: text on stderr, JSON on stdout, or none. */
export function requestLines(
  flags: { readonly quiet: boolean; readonly json: boolean },
  console: Pick<Console, "stdout" | "stderr" | "env" | "now">,
): RequestLines {
  if (flags.quiet && !flags.json) {
    return {
      observe: undefined,
      write: () => undefined,
      flush: () => undefined,
    };
  }
  const stream = flags.json ? console.stdout : console.stderr;
  const style = styleFor(stream, console.env);
  let pending = "";
  const flush = () => {
    const text = pending;
    pending = "";
    if (text !== "") stream.write(text);
  };
  const write = (lines: string) => {
    // One write for all calls of a tick: a busy server must not wait for its terminal.
    if (pending === "") setImmediate(flush);
    pending += lines;
  };
  return {
    flush,
    write,
    observe: (event) =>
      write(
        flags.json
          ? jsonCallLine(event, console.now())
          : textCallLine(event, style, stream.isTerminal ? stream.columns : undefined),
      ),
  };
}

/** Width of the parentheses and of "  ok  1234.5 ms". */
const OUTCOME_WIDTH = 18;

/** Formats a call as a line of JSON. `now` is milliseconds since the epoch. */
export function jsonCallLine(event: CallEvent, now: number): string {
  const { outcome } = event;
  const line = {
    time: new Date(now).toISOString(),
    procedure: event.method,
    params: event.params,
    ok: outcome.ok,
    ...defined({ error: outcome.ok ? undefined : faultOf(outcome.fault) }),
    ms: Math.round(event.ms * 1000) / 1000,
    protocol: event.protocol,
    transport: event.context.transport,
    remote: event.context.remote,
  };
  return `${formatJsonText(line)}\n`;
}

function faultOf(fault: RpcFault) {
  const { kind, code, message, data } = fault;
  const stack = positionsOf(fault);
  return defined({ kind, code, message, data, stack: stack.length === 0 ? undefined : stack });
}

/** Formats a call as a line of text that fits into a terminal of `columns`. */
export function textCallLine(
  event: CallEvent,
  style: Style,
  columns: number | undefined,
): string {
  const { outcome } = event;
  const name = plainLine(event.method, 60);
  // A successful call stays on one line of the terminal.
  const room = columns === undefined ? 60 : columns - name.length - OUTCOME_WIDTH;
  const call = `${name}(${
    plainText(argumentsInBrief(event.params, Math.max(12, Math.min(60, room))))
  })`;
  const result = outcome.ok
    ? style.green("ok")
    : style.red(plainLine(faultInBrief(outcome.fault), 120));
  const line = `${call}  ${result}  ${style.dim(`${event.ms.toFixed(1)} ms`)}\n`;
  const frames = outcome.ok ? [] : positionsOf(outcome.fault);
  return line + frames.map((frame) => style.dim(`    at ${plainText(frame)}\n`)).join("");
}

const MAX_FRAMES = 5;

/** Positions of an exception in the user's files. An error with a code of its own is an answer, not a mistake. */
function positionsOf({ kind, code, message, stack }: RpcFault): readonly string[] {
  if (kind !== "procedure" || code !== undefined || stack === undefined) return [];
  return userFrames({ message, stack }).slice(0, MAX_FRAMES).map((frame) =>
    frame.name === "" ? framePosition(frame) : `${frame.name} (${framePosition(frame)})`
  );
}

function faultInBrief(
  { kind, message, data }: { kind: string; message: string; data?: unknown },
): string {
  const { field, message: detail } = (typeof data === "object" && data !== null ? data : {}) as {
    field?: unknown;
    message?: unknown;
  };
  const place = typeof field === "string" ? `: ${field}: ${String(detail)}` : "";
  return `${kind}: ${message}${place}`;
}

function argumentsInBrief(
  params: RpcCall["params"],
  width: number,
): string {
  if (params === null) return "";
  const texts = Array.isArray(params)
    ? params.slice(0, 8).map((value) => formatJsonText(value))
    : Object.entries(params).slice(0, 8).map(([name, value]) =>
      `${name}: ${formatJsonText(value)}`
    );
  return plainLine(texts.join(", "), width);
}
