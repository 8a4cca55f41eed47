import { shellWord } from "../shell_word.ts";
import type { SetupAnswers, SetupQuestion } from "../project/mod.ts";
import type { GivenAnswers } from "./answers.ts";

/** The flag that answers each question. */
export const QUESTION_FLAGS: Readonly<Record<SetupQuestion, string>> = {
  framework: "--framework",
  entry: "--entry",
  distribution: "--distribution",
  client_root: "--client-root",
};

/** Options of {@link setupCommand}. */
export interface SetupCommandOptions {
  /** The command as a user types it: `pyrpc dev`. */
  readonly command: string;
  readonly module?: string | undefined;
  readonly given: GivenAnswers;
  readonly missing: readonly SetupQuestion[];
  /** Answers and detected values. */
  readonly suggested: SetupAnswers;
}

/** The shell command that gives all answers: those of the command line and suggestions or placeholders for the missing ones. */
export function setupCommand(
  { command, module, given, missing, suggested }: SetupCommandOptions,
): string {
  const { framework = "fastapi", entry = "MODULE", distribution, clientRoot = [] } = suggested;
  const words = [command];
  if (module !== undefined) words.push(shellWord(module));
  if (missing.includes("framework") || given.framework !== undefined) {
    words.push(QUESTION_FLAGS.framework, framework);
  }
  if (module === undefined && (missing.includes("entry") || given.entry !== undefined)) {
    words.push(QUESTION_FLAGS.entry, shellWord(entry));
  }
  words.push(QUESTION_FLAGS.distribution, distribution ?? "workspace|server");
  if (distribution !== "server") {
    const roots = clientRoot.length > 0 ? clientRoot : ["FOLDER"];
    words.push(...roots.flatMap((root) => [QUESTION_FLAGS.client_root, shellWord(root)]));
  }
  return words.join(" ");
}
