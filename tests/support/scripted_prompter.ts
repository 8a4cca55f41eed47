import type { Prompter, SetupContext, SetupEvent } from "../../lib/setup/mod.ts";

/** An answer for each message that begins with the key; `{ default: true }` accepts the initial value. */
export type Script = Readonly<Record<string, string | boolean | { readonly default: true }>>;

/** The questions that were asked, with their initial values and rejected answers. */
export interface Transcript {
  readonly asked: { readonly message: string; readonly initial: string | boolean }[];
  readonly problems: string[];
  readonly events: SetupEvent[];
}

/** A setup context whose questions are answered by a script; without one there is no terminal. */
export function scriptedSetup(
  cwd: string,
  script: Script | undefined,
  env: SetupContext["env"] = {},
): SetupContext & Transcript {
  const transcript: Transcript = { asked: [], problems: [], events: [] };
  const answer = <T extends string | boolean>(message: string, initial: T): T => {
    transcript.asked.push({ message, initial });
    const key = Object.keys(script ?? {}).find((key) => message.startsWith(key));
    const value = key === undefined ? undefined : script?.[key];
    if (value === undefined) throw new Error(`Unexpected question: ${message}`);
    return typeof value === "object" ? initial : value as T;
  };
  const prompter: Prompter = {
    intro: () => {},
    select: (message, _choices, initial) => Promise.resolve(answer(message, initial)),
    async text(message, initial, check) {
      const value = answer(message, initial);
      const problem = await check(value);
      if (problem !== undefined) {
        transcript.problems.push(problem);
        throw new Error(`Rejected: ${problem}`);
      }
      return value;
    },
    confirm: (message, initial) => Promise.resolve(answer(message, initial)),
    during: (_message, work) => work,
    note: (message) => void transcript.problems.push(message),
    outro: () => {},
    close: () => {},
  };
  return {
    ...transcript,
    cwd,
    env,
    ...(script === undefined ? {} : { openPrompter: () => Promise.resolve(prompter) }),
    onEvent: (event) => void transcript.events.push(event),
  };
}
