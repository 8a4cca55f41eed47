import { defined } from "../../defined.ts";
import type { CallEvent, Direction, MessageService } from "../../rpc/mod.ts";
import { styleOf } from "../../terminal/mod.ts";
import { jsonCallLine, textCallLine } from "./request_log.ts";
import { type TracedMessage, tracedMessage } from "./trace_sink.ts";

/** Format of the lines about calls, as plain data: a worker or child formats the same lines as the event loop. */
export interface CallLogConfig {
  readonly lines?: "text" | "json";
  readonly hasColours: boolean;
  /** Width of the terminal, if there is one. */
  readonly columns?: number;
  readonly isTraced: boolean;
}

/** Destinations of the lines: `call`, `shown` and `line` (both halves of a traced message), `warning`, `failed` (connections). */
export type LogTarget = "call" | keyof TracedMessage | "warning" | "failed";

/** Receives the lines, each with its line break, and provides the clocks. */
export interface LogOutput {
  write(to: LogTarget, text: string): void;
  now(): number;
  monotonic(): number;
}

/** Makes `observe` and `trace` of a service that a worker or child serves. */
export function callLog(
  { lines, hasColours, columns, isTraced }: CallLogConfig,
  { write, now, monotonic }: LogOutput,
): Pick<MessageService, "observe" | "trace" | "now"> {
  const style = styleOf(hasColours);
  const observe = (event: CallEvent) =>
    write(
      "call",
      lines === "json" ? jsonCallLine(event, now()) : textCallLine(event, style, columns),
    );
  const trace = (direction: Direction, context: unknown, message: Uint8Array) => {
    const { shown, line } = tracedMessage(direction, context, message, now());
    write("shown", shown);
    write("line", line);
  };
  return {
    now: monotonic,
    ...defined({
      observe: lines === undefined ? undefined : observe,
      trace: isTraced ? trace : undefined,
    }),
  };
}
