import { Writable } from "node:stream";
import { interrupted } from "../../errors.ts";
import type { Console, EndSignal } from "../../runtime/mod.ts";
import { plainText } from "../../terminal/mod.ts";

/** One choice of {@link Prompter.select}. */
export interface Choice<T extends string> {
  readonly value: T;
  /** Shown behind the value, also while another choice is the active one. */
  readonly explanation: string;
}

/** Questions on a terminal. Every one throws `INTERRUPTED` on Esc, Ctrl+C, a signal or a closed input. */
export interface Prompter {
  intro(title: string, subtitle: string): void;
  select<const T extends string>(
    message: string,
    choices: readonly Choice<T>[],
    initial: T,
  ): Promise<T>;
  /** `check` returns what is wrong with an answer, or undefined; it may look at files. */
  text(
    message: string,
    initial: string,
    check: (answer: string) => Promise<string | undefined>,
  ): Promise<string>;
  confirm(message: string, initial: boolean): Promise<boolean>;
  /** Shows that something takes a moment. */
  during<T>(message: string, work: Promise<T>): Promise<T>;
  say(message: string): void;
  outro(message: string): void;
  /** Gives the terminal back. */
  close(): void;
}

/** A {@link Prompter} on the console's terminal; words go to standard error. */
export async function openPrompter(console: Console): Promise<Prompter> {
  const clack = await import("@clack/prompts");
  const input = console.stdin.stream;
  // An earlier prompter let go of it.
  input.ref?.();
  const output = terminalOf(console);
  const ended = new AbortController();
  let signal: EndSignal = "SIGINT";
  const stopListening = console.onSignal((name) => {
    signal = name;
    ended.abort();
  });
  // A terminal that went away answers nothing any more: waiting for it would never end.
  const onEnd = () => ended.abort();
  input.on("end", onEnd).on("close", onEnd);
  const common = { input, output, signal: ended.signal };

  const answer = async <T>(asked: Promise<T>): Promise<Exclude<T, symbol>> => {
    const value = await asked;
    if (clack.isCancel(value)) {
      clack.cancel("Nothing was written", { output });
      throw interrupted(signal);
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
      return answer(
        clack.select<string>({ ...common, message, options, initialValue: initial }),
      ) as Promise<typeof initial>;
    },
    async text(message, initial, check) {
      const value = await answer(clack.text({
        ...common,
        message,
        placeholder: initial,
        defaultValue: initial,
        validate: async (value) => {
          const problem = await check((value ?? "").trim() || initial);
          return problem === undefined ? undefined : plainText(problem);
        },
      }));
      return value.trim() || initial;
    },
    confirm(message, initial) {
      return answer(clack.confirm({ ...common, message, initialValue: initial }));
    },
    async during(message, work) {
      clack.log.step(message, { output });
      return await work;
    },
    say: (message) => clack.log.message(plainText(message), { output }),
    outro: (message) => clack.outro(message, { output }),
    close() {
      stopListening();
      input.off("end", onEnd).off("close", onEnd);
      input.pause();
      // Under Deno and Bun a terminal that was read once keeps the process alive.
      input.unref?.();
    },
  };
}

/** A Node stream to draw on that is the console's standard error, so that tests see what was drawn. */
export function terminalOf(console: Console): Writable {
  const stream = new Writable({
    decodeStrings: false,
    write(chunk: string | Uint8Array, _encoding, done) {
      console.stderr.write(chunk);
      done();
    },
  });
  return Object.defineProperties(stream, {
    isTTY: { get: () => console.stderr.isTerminal },
    columns: { get: () => console.stderr.columns },
    rows: { value: 24 },
  });
}
