import { PassThrough } from "node:stream";
import { PYRPC } from "../../commands/mod.ts";
import { runCli as runApplication } from "../../lib/cli/mod.ts";
import { type Console, type EndSignal, systemClock } from "../../lib/runtime/mod.ts";

/** Keys to type when a text has appeared on the terminal. */
export interface Typed {
  /** A text of the newest prompt. */
  readonly when: string;
  /** Keys as a terminal sends them: `\r` is Enter, `\x1b[B` is the arrow down, `\x03` is Ctrl+C. */
  readonly keys: string;
}

/** Key codes by name. */
export const KEY = {
  enter: "\r",
  down: "\x1b[B",
  escape: "\x1b",
  interrupt: "\x03",
  erase: "\x7f",
};

/** The result of a run on a fake terminal. */
export interface TypedResult {
  readonly code: number;
  readonly stdout: string;
  /** Everything that was drawn, control sequences removed. */
  readonly screen: string;
  /** The number of keys that were typed. */
  readonly typed: number;
}

/**
 * Runs the application on a fake terminal: each `keys` is typed once its `when` has been drawn after the keys before it.
 * Ends the input (a closed terminal) after the last one only with `hangUp`.
 */
export async function typeKeys(
  args: readonly string[],
  { cwd, typed, env = {}, hangUp = false, signal, isClientPackage = false }: {
    cwd: string;
    typed: readonly Typed[];
    env?: Readonly<Record<string, string>>;
    hangUp?: boolean;
    isClientPackage?: boolean;
    /** Sent instead of keys once everything was typed and this text appeared. */
    signal?: { readonly when: string; readonly name: EndSignal };
  },
): Promise<TypedResult> {
  const input = Object.assign(new PassThrough(), { isTTY: true, setRawMode: () => input });
  const listeners = new Set<(signal: EndSignal) => void>();
  let drawn = "";
  let stdout = "";
  let next = 0;
  const plain = (text: string) => text.replace(/\x1b\[[\d;?]*[A-Za-z]/g, "");
  const look = () => {
    const wanted = typed[next];
    if (wanted === undefined) {
      if (signal !== undefined && plain(drawn).includes(signal.when)) {
        drawn = "";
        setImmediate(() => listeners.forEach((listener) => listener(signal.name)));
      }
      return;
    }
    if (!plain(drawn).includes(wanted.when)) return;
    drawn = "";
    next++;
    // After this drawing is done: the prompt listens only then. A lone Esc is told from a sequence by the pause after it.
    setTimeout(() => {
      for (const key of wanted.keys.match(/\x1b\[.|[\s\S]/gu) ?? []) input.write(key);
      if (hangUp && next === typed.length) input.end();
    }, 5);
  };
  let screen = "";
  const console: Console = {
    stdin: {
      isTerminal: true,
      readAll: () => Promise.reject(new Error("A terminal is not read whole")),
      stream: input as unknown as NodeJS.ReadStream,
    },
    stdout: {
      write: (text) => void (stdout += typeof text === "string" ? text : decode(text)),
      isTerminal: true,
      columns: 100,
    },
    stderr: {
      write(text) {
        const words = typeof text === "string" ? text : decode(text);
        drawn += words;
        screen += words;
        look();
      },
      isTerminal: true,
      columns: 100,
    },
    env: { NO_COLOR: "1", ...env },
    cwd,
    isClientPackage,
    now: () => Date.now(),
    random: () => Math.random(),
    ...systemClock,
    onSignal(handler) {
      listeners.add(handler);
      return () => void listeners.delete(handler);
    },
  };
  const code = await runApplication(PYRPC, args, console);
  return { code, stdout, screen: plain(screen), typed: next };
}

function decode(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
