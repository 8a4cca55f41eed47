import { formatJsonText } from "../lib/json/mod.ts";
import type { CallEvent, Direction, MessageService } from "../lib/rpc/mod.ts";
import { styleOf } from "../lib/terminal/mod.ts";
import { jsonCallLine, textCallLine } from "../lib/cli/mod.ts";
import { type TracedMessage, tracedMessage } from "./_serving.ts";

/** What is shown of calls, as plain data: a worker or child makes the very lines that the event loop would. */
export interface CallLogConfig {
  readonly lines?: "text" | "json";
  readonly hasColours: boolean;
  /** Of the terminal, where there is one. */
  readonly columns?: number;
  readonly isTraced: boolean;
}

/** Where those lines, each with its end, go: `call`, `shown` and `line` (both halves of a traced message), `warning`. */
export type WatchOutput = "call" | keyof TracedMessage | "warning";

/** What watching needs beside its description. */
export interface WatchOutlet {
  write(to: WatchOutput, text: string): void;
  now(): number;
  monotonic(): number;
}

/** `observe` and `trace` of a service that is served elsewhere than in the event loop. */
export function watching(
  { lines, hasColours, columns, isTraced }: CallLogConfig,
  { write, now, monotonic }: WatchOutlet,
  traceLine: typeof import("../lib/rpc/mod.ts").traceLine,
): Pick<MessageService, "observe" | "trace" | "now"> {
  const style = styleOf(hasColours);
  return {
    now: monotonic,
    ...(lines === undefined ? {} : {
      observe: (event: CallEvent) =>
        write(
          "call",
          lines === "json"
            ? jsonCallLine(event, now(), formatJsonText)
            : textCallLine(event, style, formatJsonText, columns),
        ),
    }),
    ...(isTraced
      ? {
        trace(direction: Direction, context: unknown, message: Uint8Array) {
          const { shown, line } = tracedMessage(traceLine, direction, context, message, now());
          write("shown", shown);
          write("line", line);
        },
      }
      : {}),
  };
}
