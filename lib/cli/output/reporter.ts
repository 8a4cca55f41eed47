import type { Console } from "../../runtime/mod.ts";
import { plainText, renderError, styleFor } from "../../terminal/mod.ts";

/** Prints messages of a running server on stderr. */
export interface Reporter {
  note(text: string): void;
  warn(text: string): void;
  /** A new version could not be loaded, and the previous one stays. */
  failed(error: unknown): void;
}

/** Makes the {@link Reporter} of a console. */
export function consoleReporter(console: Console): Reporter {
  const style = styleFor(console.stderr, console.env);
  const write = (line: string) => console.stderr.write(`${line}\n`);
  return {
    note: (text) => write(plainText(text)),
    warn: (text) => write(style.yellow(plainText(text))),
    failed(error) {
      write(renderError(error, style));
      write(style.yellow("  keeping the previous version"));
    },
  };
}
