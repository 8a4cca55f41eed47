import { ToolError } from "../lib/errors.ts";
import type { Console } from "../lib/runtime/mod.ts";
import { plainText, styleFor } from "../lib/terminal/mod.ts";

/** Words of a server that runs, on stderr. */
export interface Speaker {
  note(text: string): void;
  warn(text: string): void;
  /** Something new could not be loaded, and the old goes on. */
  failed(error: unknown): void;
}

/** A {@link Speaker} for a console. */
export function speaker(console: Console): Speaker {
  const style = styleFor(console.stderr, console.env);
  const write = (line: string) => console.stderr.write(`${line}\n`);
  return {
    note: (text) => write(plainText(text)),
    warn: (text) => write(style.yellow(plainText(text))),
    failed(error) {
      const { where, details } = error instanceof ToolError
        ? error
        : { where: undefined, details: [] };
      const message = error instanceof Error ? error.message : String(error);
      const place = where === undefined ? "" : ` (${where})`;
      write(style.yellow(plainText(`${message}${place}: going on with the old`)));
      for (const detail of details) write(`  ${plainText(detail)}`);
    },
  };
}
