import { proposeCompletions, type StricliProcess } from "@stricli/core";
import type { Console } from "../runtime/mod.ts";
import { buildCli, type CliApplication, loadCommands } from "./application.ts";
import type { Completion } from "./define.ts";
import { spelled } from "./suggestions.ts";

/** The completions of the last of the words that follow the program's name. */
export async function proposeWords(
  application: CliApplication,
  words: readonly string[],
  console: Console,
): Promise<Completion[]> {
  const silent = { write: () => {} };
  const process: StricliProcess = { stdout: silent, stderr: silent, env: {} };
  const partial = words.at(-1) ?? "";
  // "--format=js" is one word to shells, and two to the parser.
  const [, flag, value] = /^(--[\w-]+)=(.*)$/s.exec(partial) ?? [];
  const inputs = flag === undefined ? words : [...words.slice(0, -1), flag, value ?? ""];
  const commands = await loadCommands(application);
  const context = {
    process,
    console,
    run: () => Promise.resolve(0),
    complete: () => Promise.resolve([]),
    setUpClient: () => Promise.resolve(),
    hint: (text: string) => text,
  };
  const found = await proposeCompletions(buildCli(application, commands, console), inputs, context);
  const hidden = hiddenFlags(commands[words[0] ?? ""]?.help.flags ?? {});
  return found
    .map(({ completion, brief }) => ({
      completion: flag === undefined ? completion : `${flag}=${completion}`,
      brief,
    }))
    .filter(({ completion }) => completion.startsWith(partial) && !hidden.includes(completion));
}

// The parser proposes flags that its help hides.
function hiddenFlags(flags: Readonly<Record<string, { readonly hidden?: boolean }>>): string[] {
  return Object.entries(flags).filter(([, { hidden }]) => hidden).map(([name]) => spelled(name));
}
