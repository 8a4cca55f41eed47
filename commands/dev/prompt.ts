import { Buffer } from "node:buffer";
import { createInterface } from "node:readline";
import type { Console } from "../../lib/runtime/mod.ts";
import { terminalOf } from "../../lib/cli/mod.ts";

/** A line editor below which log lines may appear at any time. */
export interface DevPrompt {
  /** Writes text above the prompt; it ends with a line end. */
  write(text: string | Uint8Array): void;
  /** Shows the prompt: a command may be typed. */
  ready(): void;
  close(): void;
}

/** Options of {@link openDevPrompt}. */
export interface DevPromptOptions {
  readonly prompt: string;
  /** The candidates for the word that ends the line. */
  readonly complete: (line: string) => readonly string[];
  readonly onLine: (line: string) => void;
  /** Ctrl+C. */
  readonly onInterrupt: () => void;
  /** Ctrl+D, or the terminal is gone. */
  readonly onEnd: () => void;
}

/** Opens the console of `pyrpc dev` on a terminal: with history and completion. */
export function openDevPrompt(console: Console, options: DevPromptOptions): DevPrompt {
  const input = console.stdin.stream;
  let isReady = false;
  let isClosed = false;
  const lines = createInterface({
    input,
    output: terminalOf(console),
    terminal: true,
    prompt: options.prompt,
    historySize: 500,
    removeHistoryDuplicates: true,
    completer: (line: string) => {
      const word = /\S*$/.exec(line)?.[0] ?? "";
      const found = options.complete(line).filter((candidate) => candidate.startsWith(word));
      return [found.map((candidate) => `${candidate} `), word];
    },
  });
  lines.on("line", (line) => {
    isReady = false;
    options.onLine(line);
  });
  // The engines' own handling of Ctrl+Z leaves a terminal without input after `fg`.
  lines.on("SIGTSTP", () => {
    const { suspend } = console;
    if (suspend === undefined) return;
    input.setRawMode?.(false);
    suspend().then(() => {
      if (isClosed) return;
      input.setRawMode?.(false);
      input.setRawMode?.(true);
      lines.pause();
      lines.resume();
      lines.prompt(true);
    });
  });
  lines.on("SIGINT", options.onInterrupt);
  lines.on("close", () => {
    if (!isClosed) options.onEnd();
  });
  return {
    write(text) {
      if (!isReady || isClosed) return console.stderr.write(text);
      // Erases the line that is being typed and prints it again below.
      console.stderr.write(Buffer.from("\r\x1b[J"));
      console.stderr.write(text);
      lines.prompt(true);
    },
    ready() {
      if (isClosed) return;
      isReady = true;
      lines.prompt();
    },
    close() {
      isClosed = true;
      if (isReady) console.stderr.write("\n");
      lines.close();
      input.pause();
      // Under Deno and Bun a terminal that was read once keeps the process alive.
      input.unref?.();
    },
  };
}

/** The same console, with messages above the line that is being typed. */
export function consoleAbove(console: Console, prompt: () => DevPrompt | undefined): Console {
  const above = (stream: Console["stderr"]) => ({
    write: (text: string | Uint8Array) => (prompt() ?? stream).write(text),
    get isTerminal() {
      return stream.isTerminal;
    },
    get columns() {
      return stream.columns;
    },
  });
  return Object.create(console, { stderr: { value: above(console.stderr) } });
}

/** Asks a question before the session starts. */
export async function confirm(console: Console, question: string): Promise<boolean> {
  const { openPrompter } = await import("../../lib/cli/mod.ts");
  const prompter = await openPrompter(console);
  try {
    return await prompter.confirm(question, true);
  } finally {
    prompter.close();
  }
}
