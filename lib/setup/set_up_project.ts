import { dirname, join, resolve } from "node:path";
import { defined } from "../defined.ts";
import {
  detectProject,
  findBelow,
  findUpwards,
  missingAnswers,
  PROJECT_FILE,
  type ProjectConfig,
  type ProjectFile,
  type ProjectOverrides,
  type ProjectState,
  readProjectFile,
  resolveProject,
  type SetupAnswers,
  type SetupQuestion,
} from "../project/mod.ts";
import {
  answersOfFile,
  answersOfFlags,
  answersToStore,
  type GivenAnswers,
  newAnswers,
} from "./answers.ts";
import { checkAnswers } from "./check_answers.ts";
import type { SetupContext } from "./context.ts";
import { configuredBelow, conversionDeclined } from "./errors.ts";
import { askProjectQuestions } from "./project_questions.ts";
import { withPrompter } from "./prompter.ts";
import { resolveStaleOutput } from "./stale_output.ts";
import { storeAnswers } from "./store_answers.ts";
import { answerUnattended } from "./unattended_answers.ts";

/** Options of {@link setUpProject}. */
export interface ProjectSetup {
  /** The command as a user types it, for the fix of an error: `pyrpc dev`. */
  readonly command: string;
  /** Answers of the command line, which are stored in a v1 file. */
  readonly given: GivenAnswers;
  /** Further values of the command line, which are not stored. */
  readonly overrides?: ProjectOverrides;
  /** A module given as argument. Nothing is stored then if a file or the distribution is given as well. */
  readonly module?: string | undefined;
  /** True to ask all questions again. */
  readonly reconfigure: boolean;
  /** True to accept detected values and confirm everything (`--yes`). */
  readonly acceptsDetected: boolean;
  /** True to accept a client that is not a TypeScript or JavaScript project. @default false */
  readonly force?: boolean;
}

/** A backend that is set up. */
export interface ProjectSetupResult {
  readonly project: ProjectConfig;
  /** `none` if there was nothing to store, `same` if the file already had the given values. */
  readonly stored: "none" | "same" | "written";
}

/** A setup in progress. */
interface Setup {
  readonly options: ProjectSetup;
  readonly context: SetupContext;
  readonly file: ProjectFile | undefined;
  /** The file that exists or would be written. */
  readonly path: string;
}

/**
 * Loads the configuration of a backend. Asks for missing answers, and for all of them with `reconfigure`, and stores them
 * together with those of the command line. Files of later formats are only changed with `reconfigure`.
 *
 * @throws ToolError `SETUP_NEEDED` (exit code 2) without a terminal, `INTERRUPTED` if the user leaves a question
 */
export async function setUpProject(
  options: ProjectSetup,
  context: SetupContext,
): Promise<ProjectSetupResult> {
  const found = await findUpwards(context.cwd, PROJECT_FILE);
  if (found === undefined) await refuseAbove(options, context);
  const file = found === undefined ? undefined : await readProjectFile(found);
  const setup: Setup = { options, context, file, path: found ?? join(context.cwd, PROJECT_FILE) };
  const { entry, clientRoot = [] } = options.given;
  if (entry !== undefined || clientRoot.length > 0) {
    const folder = dirname(setup.path);
    await checkAnswers(options.given, {
      folder,
      cwd: context.cwd,
      detected: await detectProject(folder),
      force: options.force ?? false,
    });
  }
  if (options.reconfigure) return await store(setup, await answersForAll(setup));

  const state = await resolveWith(setup, options.given);
  if (state.kind === "incomplete") return await completeSetup(setup, state);
  const { project } = state;
  if (isRunOnly(setup) || (file === undefined ? options.module !== undefined : isLater(file))) {
    return { project, stored: "none" };
  }
  const { given } = options;
  const answers = answersToStore(project, { file, given, cwd: context.cwd });
  return answers === undefined ? { project, stored: "none" } : await store(setup, answers);
}

// A second configuration is made only with an entry of its own.
async function refuseAbove(
  { command, given, module }: ProjectSetup,
  { cwd, env }: SetupContext,
): Promise<void> {
  if ((module ?? given.entry ?? (env["PYRPC_ENTRY"] || undefined)) !== undefined) return;
  const below = await findBelow(cwd, PROJECT_FILE);
  if (below.length > 0) throw configuredBelow(below, command);
}

// A module that was given with everything else is run once: nothing is stored.
function isRunOnly({ options: { module, given }, file }: Setup): boolean {
  return module !== undefined && (file !== undefined || given.distribution !== undefined);
}

function isLater(file: ProjectFile): boolean {
  return file.format !== "v1";
}

async function resolveWith(
  { options: { overrides, module }, context: { cwd, env }, file }: Setup,
  given: GivenAnswers,
): Promise<ProjectState> {
  return await resolveProject(file, { cwd, env, overrides: { ...overrides, ...given }, module });
}

async function completeSetup(
  setup: Setup,
  state: ProjectState & { kind: "incomplete" },
): Promise<ProjectSetupResult> {
  const { options, context: { cwd }, file } = setup;
  const { folder, missing } = state;
  const answers = await answerQuestions(setup, { folder, missing, answers: state.answers });
  if (isRunOnly(setup)) {
    const { framework, distribution } = answers;
    const clientRoot = answers.clientRoot?.map((root) => resolve(folder, root));
    const again = await resolveWith(setup, {
      ...options.given,
      framework,
      distribution,
      clientRoot,
    });
    if (again.kind === "ready") return { project: again.project, stored: "none" };
  }
  if (file === undefined) return await store(setup, answers);
  return await store(setup, {
    ...answersOfFile(file),
    ...answersOfFlags(options.given, { folder, cwd }),
    ...newAnswers(missing, state.answers, answers),
  });
}

// `--reconfigure`: all questions, with the current values as defaults.
async function answersForAll(setup: Setup): Promise<SetupAnswers> {
  const { options, context, file, path } = setup;
  const folder = dirname(path);
  const given: SetupAnswers = {
    ...answersOfFlags(options.given, { folder, cwd: context.cwd }),
    ...defined({ entry: options.module }),
  };
  const present = { ...answersOfFile(file), ...given };
  if (openPrompterOf(setup) === undefined) {
    // Without a terminal all answers must be given, or --yes confirms the present ones.
    const answers = options.acceptsDetected ? present : given;
    const missing = missingAnswers(answers);
    return await answerQuestions(setup, { folder, missing, answers });
  }
  return await answerQuestions(setup, { folder, missing: ALL_QUESTIONS, answers: present });
}

const ALL_QUESTIONS: readonly SetupQuestion[] = [
  "framework",
  "entry",
  "distribution",
  "client_root",
];

function openPrompterOf({ options, context }: Setup): SetupContext["openPrompter"] {
  return options.acceptsDetected ? undefined : context.openPrompter;
}

async function answerQuestions(
  setup: Setup,
  { folder, missing, answers }: {
    readonly folder: string;
    readonly missing: readonly SetupQuestion[];
    readonly answers: SetupAnswers;
  },
): Promise<SetupAnswers> {
  const { options, file, path } = setup;
  const detected = await detectProject(folder, setup.context.env);
  const openPrompter = openPrompterOf(setup);
  if (openPrompter === undefined) {
    const present = file === undefined ? undefined : path;
    return answerUnattended({ ...options, missing, answers, detected, path: present });
  }
  return await withPrompter(openPrompter, async (prompter) => {
    prompter.intro("pyRPC Setup", "Let's configure pyRPC for your project.");
    if (options.reconfigure && file !== undefined && isLater(file)) {
      const era = file.format === "legacy" ? "0.10 to 0.12" : "0.13 and later";
      const isConverted = await prompter.confirm(
        `${PROJECT_FILE} has the format of pyRPC ${era}. Convert it? The old file is kept beside it`,
        true,
      );
      if (!isConverted) throw conversionDeclined(path);
    }
    const questions = { folder, detected, answers, questions: missing };
    const all = await askProjectQuestions(prompter, questions);
    prompter.outro("Done");
    return all;
  });
}

async function store(
  { options, context, file, path }: Setup,
  answers: SetupAnswers,
): Promise<ProjectSetupResult> {
  const { cwd, env, onEvent } = context;
  const { overrides, acceptsDetected } = options;
  const load = { cwd, env, ...defined({ overrides }) };
  const { project, text, backup, isWritten } = await storeAnswers(file, path, answers, load);
  if (isWritten) onEvent({ kind: "written", path, text, ...defined({ backup }) });
  else onEvent({ kind: "unchanged", path });
  await resolveStaleOutput({
    before: (file?.clients ?? []).map(({ value }) => resolve(dirname(path), value)),
    after: project.clients.map(({ root }) => root),
    isConfirmed: acceptsDetected,
  }, context);
  return { project, stored: isWritten ? "written" : "same" };
}
