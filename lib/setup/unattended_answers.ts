import { defined } from "../defined.ts";
import {
  type DetectedProject,
  missingAnswers,
  type SetupAnswers,
  type SetupQuestion,
} from "../project/mod.ts";
import type { GivenAnswers } from "./answers.ts";
import { onlyEntry } from "./detected_entry.ts";
import { setupNeeded } from "./errors.ts";
import { QUESTION_FLAGS, setupCommand } from "./setup_command.ts";

/** Options of {@link answerUnattended}. */
export interface UnattendedOptions {
  /** The command as a user types it, for the fix of the error. */
  readonly command: string;
  readonly module?: string | undefined;
  readonly given: GivenAnswers;
  /** True for `--yes`. */
  readonly acceptsDetected: boolean;
  readonly missing: readonly SetupQuestion[];
  readonly answers: SetupAnswers;
  readonly detected: DetectedProject;
  /** The configuration file, if there is one. */
  readonly path: string | undefined;
}

/** Answers without questions: `--yes` accepts detected values. @throws ToolError if one is missing */
export function answerUnattended(options: UnattendedOptions): SetupAnswers {
  const { command, module, given, acceptsDetected, missing, answers, detected, path } = options;
  if (missing.length === 0) return answers;
  const commandFor = (entry: string) =>
    setupCommand({
      command,
      module,
      given,
      missing,
      suggested: { ...fillOthers(answers, detected), entry },
    });
  const isEntryMissing = missing.includes("entry") && answers.entry === undefined;
  const entry = isEntryMissing
    ? onlyEntry(detected, answers.framework ?? detected.framework, commandFor)
    : answers.entry;
  const filled = { ...fillOthers(answers, detected), ...defined({ entry }) };
  const open = missingAnswers(filled);
  if (acceptsDetected && open.length === 0) return filled;
  throw setupNeeded({
    missing: (acceptsDetected ? open : missing).map((question) => QUESTION_FLAGS[question]),
    reason: isEntryMissing && entry === undefined
      ? "no Python module with procedures was found here"
      : undefined,
    command: setupCommand({ command, module, given, missing, suggested: filled }),
    where: path,
    canDefault: !acceptsDetected && open.length === 0,
  });
}

/** Fills missing answers but the entry with detected values. Never decides the distribution. */
function fillOthers(answers: SetupAnswers, detected: DetectedProject): SetupAnswers {
  const framework = answers.framework ?? detected.framework ?? "fastapi" as const;
  const clientRoot = answers.clientRoot ?? detected.clients.slice(0, 1);
  const hasClient = answers.distribution !== "server" && clientRoot.length > 0;
  return defined({
    framework,
    distribution: answers.distribution,
    clientRoot: hasClient ? clientRoot : undefined,
  });
}
