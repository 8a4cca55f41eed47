import { Buffer } from "node:buffer";
import process from "node:process";
import { pathToFileURL } from "node:url";
import { defined } from "../defined.ts";
import { systemClock } from "./clock.ts";
import { commandNameOf } from "./command_name.ts";
import type { Console, EndSignal, InputStream } from "./console.ts";
import { freeMemory } from "./free_memory.ts";
import { onLateError } from "./on_late_error.ts";
import { outputStream } from "./output_stream.ts";

/** First statement in the file of the npm package `@pyrpc/client`. */
export const CLIENT_PACKAGE_MARK = "globalThis.pyrpcClientPackage = true;";

/**
 * Makes the {@link Console} of this process. Called once, in `main.ts`.
 *
 * @param program URL of the entry module, from which workers and children start
 */
export function createProcessConsole(program?: string): Console {
  const entry = compiledEntry() ?? program;
  return {
    get stdin() {
      return inputStream();
    },
    stdout: outputStream(1, () => process.stdout),
    stderr: outputStream(2, () => process.stderr),
    env: process.env,
    cwd: process.cwd(),
    ...defined({ program: entry }),
    commandName: commandNameOf({
      execPath: process.execPath,
      argv0: process.argv0,
      script: entry === program ? process.argv[1] : undefined,
    }),
    isClientPackage: "pyrpcClientPackage" in globalThis,
    now: () => Date.now(),
    random: () => Math.random(),
    ...systemClock,
    freeMemory,
    onLateError,
    ...(process.platform === "win32" ? {} : { suspend }),
    onSignal(handler) {
      const listeners = endSignals(process.platform)
        .map(([signal, reported]) => [signal, () => handler(reported)] as const);
      for (const [signal, listener] of listeners) process.on(signal, listener);
      return () => {
        for (const [signal, listener] of listeners) process.off(signal, listener);
      };
    },
  };
}

/** Signals that end a command, with the name under which commands receive each. */
export function endSignals(system: string): readonly (readonly [NodeJS.Signals, EndSignal])[] {
  return system === "win32"
    // Ctrl+C, Ctrl+Break, and a closed window or the end of the user's session: Windows waits some seconds.
    ? [["SIGINT", "SIGINT"], ["SIGBREAK", "SIGINT"], ["SIGHUP", "SIGHUP"]]
    : [["SIGINT", "SIGINT"], ["SIGTERM", "SIGTERM"], ["SIGHUP", "SIGHUP"]];
}

function suspend(): Promise<void> {
  return new Promise((resolve) => {
    const onContinue = () => {
      clearTimeout(timer);
      process.off("SIGCONT", onContinue);
      resolve();
    };
    process.on("SIGCONT", onContinue);
    // The system ignores the signal if no shell could continue the job. A timer of a stopped process waits.
    const timer = setTimeout(onContinue, 200);
    // The whole job: a launcher such as npx waits for this process.
    process.kill(0, "SIGTSTP");
  });
}

// The second argument of a Bun executable is its entry module in the embedded file system. Compiled to bytecode,
// `import.meta.url` is the source on the machine that compiled it.
function compiledEntry(): string | undefined {
  const path = process.argv[1] ?? "";
  return /[/\\]\$bunfs[/\\]|~BUN/.test(path) ? pathToFileURL(path).href : undefined;
}

// `process.stdin` is opened on first use: it costs start-up time and keeps some engines alive.
function inputStream(): InputStream {
  return {
    get isTerminal() {
      return process.stdin.isTTY === true;
    },
    async readAll(maxBytes) {
      const chunks: Uint8Array[] = [];
      let size = 0;
      for await (const chunk of process.stdin as AsyncIterable<Uint8Array>) {
        size += chunk.byteLength;
        if (size > maxBytes) {
          throw new RangeError(`Standard input is larger than ${maxBytes} bytes`);
        }
        chunks.push(chunk);
      }
      return Buffer.concat(chunks);
    },
    get stream() {
      return process.stdin;
    },
  };
}
