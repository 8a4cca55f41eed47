import { Buffer } from "node:buffer";
import process from "node:process";
import { pathToFileURL } from "node:url";
import { systemClock } from "./clock.ts";
import type { Console, EndSignal, InputStream } from "./console.ts";
import { freeMemory } from "./free_memory.ts";
import { onLateError } from "./on_late_error.ts";
import { outputStream } from "./output_stream.ts";

/** What the file of the npm package `@pyrpc/client` says before anything else. */
export const CLIENT_PACKAGE_MARK = "globalThis.pyrpcClientPackage = true;";

/**
 * The real {@link Console}, from the process that runs. Built once, in `main.ts`.
 *
 * @param program address of the entry module, from which workers and children are started
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
    ...(entry === undefined ? {} : { program: entry }),
    isClientPackage: "pyrpcClientPackage" in globalThis,
    now: () => Date.now(),
    random: () => Math.random(),
    ...systemClock,
    freeMemory,
    onLateError,
    onSignal(handler) {
      const signals: EndSignal[] = process.platform === "win32"
        ? ["SIGINT"]
        : ["SIGINT", "SIGTERM", "SIGHUP"];
      const listeners = signals.map((signal) => [signal, () => handler(signal)] as const);
      for (const [signal, listener] of listeners) process.on(signal, listener);
      return () => {
        for (const [signal, listener] of listeners) process.off(signal, listener);
      };
    },
  };
}

// Bun's executables hold their modules in a file system of their own, which the second argument names. `import.meta.url` names the
// sources on the machine that compiled them when they are compiled to bytecode.
function compiledEntry(): string | undefined {
  const path = process.argv[1] ?? "";
  return /[/\\]\$bunfs[/\\]|~BUN/.test(path) ? pathToFileURL(path).href : undefined;
}

// `process.stdin` is touched only on use: opening it costs start-up time and keeps some runtimes alive.
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
