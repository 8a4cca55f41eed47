import type { Console } from "../../runtime/mod.ts";
import { plainText, renderError, styleFor } from "../../terminal/mod.ts";

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
      write(renderError(error, style));
      write(style.yellow("  going on with the old"));
    },
  };
}
