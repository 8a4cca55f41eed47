import { safeOutput } from "../../plain_text.ts";
import type { Console, OutputStream } from "../../runtime/mod.ts";

/**
 * The same console, whose streams escape the text that they write: no contract or server can send control characters to a
 * terminal, or workflow commands to GitHub's runner, through any command. Bytes are written unchanged.
 *
 * @param toMessage converts each message of stderr
 */
export function safeConsole(console: Console, toMessage: (text: string) => string): Console {
  return Object.create(console, {
    stdout: { value: safeStream(() => console.stdout, (text) => text) },
    stderr: { value: safeStream(() => console.stderr, toMessage) },
  });
}

// The stream is opened on first use.
function safeStream(
  stream: () => OutputStream,
  convert: (text: string) => string,
): OutputStream {
  return {
    write: (text) => stream().write(typeof text === "string" ? safeOutput(convert(text)) : text),
    get isTerminal() {
      return stream().isTerminal;
    },
    get columns() {
      return stream().columns;
    },
  };
}
