import { Buffer } from "node:buffer";
import { Writable } from "node:stream";
import { interrupted } from "../../errors.ts";
import type { Console, EndSignal } from "../../runtime/mod.ts";
import type { Prompter } from "../../setup/mod.ts";
import { plainText } from "../../terminal/mod.ts";

interface Common {
  readonly input: NodeJS.ReadStream;
  readonly output: Writable;
  readonly signal: AbortSignal;
}

/** Opens a {@link Prompter} on the console's terminal; it draws on stderr. */
export async function openPrompter(console: Console): Promise<Prompter> {
  const clack = await import("@clack/prompts");
  const input = console.stdin.stream;
  // An earlier prompter called `unref`.
  input.ref?.();
  const output = terminalOf(console);
  const keys = followKeys(console, input);

  // After Ctrl+Z the question is asked again, below the lines of the shell.
  const answer = async <T>(ask: (common: Common) => Promise<T>): Promise<Exclude<T, symbol>> => {
    const value = await ask({ input, output, signal: keys.next() });
    if (keys.isSuspended()) {
      await console.suspend?.();
      return await answer(ask);
    }
    if (clack.isCancel(value)) {
      clack.cancel("Nothing was written", { output });
      throw interrupted(keys.endSignal());
    }
    return value as Exclude<T, symbol>;
  };

  return {
    intro(title, subtitle) {
      clack.intro(title, { output });
      clack.log.message(subtitle, { output });
    },
    select(message, choices, initial) {
      const options = choices.map(({ value, explanation }) => ({
        value: value as string,
        label: explanation === ""
          ? value
          : `${value}${explanation.startsWith(":") ? "" : " "}${explanation}`,
      }));
      return answer((common) =>
        clack.select<string>({ ...common, message, options, initialValue: initial })
      ) as Promise<typeof initial>;
    },
    async text(message, initial, check) {
      const value = await answer((common) =>
        clack.text({
          ...common,
          message,
          placeholder: initial,
          defaultValue: initial,
          validate: async (value) => {
            const problem = await check((value ?? "").trim() || initial);
            return problem === undefined ? undefined : plainText(problem);
          },
        })
      );
      return value.trim() || initial;
    },
    confirm(message, initial) {
      return answer((common) => clack.confirm({ ...common, message, initialValue: initial }));
    },
    async during(message, work) {
      clack.log.step(plainText(message), { output });
      return await work;
    },
    note: (message) => clack.log.message(plainText(message), { output }),
    outro: (message) => clack.outro(message, { output }),
    close() {
      keys.close();
      input.pause();
      // Under Deno and Bun a terminal that was read keeps the process alive.
      input.unref?.();
    },
  };
}

interface Keys {
  /** Starts a question. The signal ends it: the input has ended, or Ctrl+Z was pressed. */
  next(): AbortSignal;
  isSuspended(): boolean;
  endSignal(): EndSignal;
  close(): void;
}

// Ctrl+D and Ctrl+Z reach the line editor only, which does not end a question.
function followKeys(console: Console, input: NodeJS.ReadStream): Keys {
  const ended = new AbortController();
  let suspended = new AbortController();
  let signal: EndSignal = "SIGINT";
  const stopListening = console.onSignal((name) => {
    signal = name;
    ended.abort();
  });
  // A closed terminal never answers.
  const onEnd = () => ended.abort();
  const onKey = (_: unknown, key: { readonly ctrl?: boolean; name?: string } = {}) => {
    if (key.ctrl && key.name === "d") ended.abort();
    if (key.ctrl && key.name === "z" && console.suspend !== undefined) {
      // The line editor would stop only this process, and leave the input paused afterwards.
      key.name = "suspend";
      queueMicrotask(() => suspended.abort());
    }
  };
  input.on("end", onEnd).on("close", onEnd).on("keypress", onKey);
  return {
    next() {
      suspended = new AbortController();
      return AbortSignal.any([ended.signal, suspended.signal]);
    },
    isSuspended: () => suspended.signal.aborted && !ended.signal.aborted,
    endSignal: () => signal,
    close() {
      stopListening();
      input.off("end", onEnd).off("close", onEnd).off("keypress", onKey);
    },
  };
}

/** Wraps the console's stderr as a Node stream that prompts draw on. */
export function terminalOf(console: Console): Writable {
  const stream = new Writable({
    decodeStrings: false,
    write(chunk: string | Uint8Array, _encoding, done) {
      // Bytes: prompts move the cursor.
      console.stderr.write(typeof chunk === "string" ? Buffer.from(chunk) : chunk);
      done();
    },
  });
  return Object.defineProperties(stream, {
    isTTY: { get: () => console.stderr.isTerminal },
    columns: { get: () => console.stderr.columns },
    rows: { value: 24 },
  });
}
