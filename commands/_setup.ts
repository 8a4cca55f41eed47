import { stat } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { ExitCode, ToolError } from "../lib/errors.ts";
import {
  convertProject,
  type DetectedProject,
  detectProject,
  findModule,
  findUpwards,
  formatProject,
  loadProject,
  PROJECT_FILE,
  type ProjectConfig,
  type ProjectFile,
  type ProjectOverrides,
  readProjectFile,
  resolveProject,
  saveProject,
  type SetupAnswers,
  setupNeeded,
  type SetupQuestion,
  updateProject,
  writtenPath,
} from "../lib/project/mod.ts";
import { type Console, isInteractive } from "../lib/runtime/mod.ts";
import { plainText, styleFor } from "../lib/terminal/mod.ts";
import { openPrompter, type Prompter, type SetupFlags } from "../lib/cli/mod.ts";
import { handleStaleOutput } from "./_stale_output.ts";

/** What {@link ensureProject} needs to know about its caller. */
export interface EnsureProjectOptions {
  /** As a person types it, for the command that an error proposes: `pyrpc dev`. */
  readonly command: string;
  /** The module that was given as argument. */
  readonly module?: string | undefined;
  /** Further values of the command line that are not stored (host, port, …). */
  readonly overrides?: ProjectOverrides;
  /** Whether to show what was written and what comes next. @default "brief": one line when something was written */
  readonly report?: "full" | "brief";
}

/**
 * The backend's configuration, with the wizard run where answers are missing or `--reconfigure` asks for it. Values given
 * by flags are stored in an own file; later formats and a module given as argument change nothing on disk.
 *
 * @throws ToolError `SETUP_NEEDED` (exit 2) where nobody can be asked, `INTERRUPTED` where the wizard was left.
 */
export async function ensureProject(
  console: Console,
  flags: SetupFlags,
  options: EnsureProjectOptions,
): Promise<ProjectConfig> {
  const found = await findUpwards(console.cwd, PROJECT_FILE);
  const file = found === undefined ? undefined : await readProjectFile(found);
  const overrides: ProjectOverrides = {
    ...options.overrides,
    framework: flags.framework,
    entry: flags.entry,
    clientRoot: flags.clientRoot,
    distribution: flags.distribution,
  };
  const load = { cwd: console.cwd, env: console.env, overrides };
  const path = found ?? join(console.cwd, PROJECT_FILE);
  const runOnly = options.module !== undefined &&
    (file !== undefined || flags.distribution !== undefined) && !flags.reconfigure;

  if (flags.reconfigure) {
    const answers = await reconfigure(console, flags, options, file, path);
    return await finish(console, flags, options, { file, path, answers, convert: true });
  }

  const state = await resolveProject(file, {
    ...load,
    ...(options.module === undefined ? {} : { module: options.module }),
  });
  if (state.kind === "ready") {
    if (runOnly || (file !== undefined && file.format !== "v1")) return state.project;
    if (options.module !== undefined && file === undefined) {
      // Everything was given, by flags or environment: nothing to ask and nothing to keep.
      return state.project;
    }
    const stored = storedAnswers(file, state.project, flags, console.cwd);
    if (stored === undefined) return state.project;
    return await finish(console, flags, options, { file, path, answers: stored, convert: false });
  }

  const detected = await detectProject(state.folder);
  const answers = flags.yes || !isInteractive(console)
    ? withoutAsking(flags, options, { ...state, detected, path })
    : await withPrompter(console, (prompter) =>
      askQuestions(prompter, {
        folder: state.folder,
        detected,
        answers: state.answers,
        // An older file keeps its answers: only what is missing is asked.
        ask: (question) => state.missing.includes(question),
      }));
  if (runOnly) {
    const again = await resolveProject(file, {
      ...load,
      overrides: {
        ...overrides,
        framework: answers.framework,
        distribution: answers.distribution,
        clientRoot: answers.clientRoot?.map((root) => resolve(state.folder, root)),
      },
      module: options.module,
    });
    if (again.kind === "ready") return again.project;
  }
  const stored = file === undefined ? answers : {
    ...answersOf(file),
    ...answersOfFlags(flags, state.folder, console.cwd),
    ...newAnswers(state.missing, state.answers, answers),
  };
  return await finish(console, flags, options, { file, path, answers: stored, convert: false });
}

// What was asked for just now: what came from the environment is not stored.
function newAnswers(
  missing: readonly SetupQuestion[],
  before: SetupAnswers,
  { framework, entry, distribution, clientRoot }: SetupAnswers,
): SetupAnswers {
  const isAsked = (question: SetupQuestion) => missing.includes(question);
  const isNewRoot = isAsked("client_root") || clientRoot !== before.clientRoot;
  return {
    ...(isAsked("framework") && framework !== undefined ? { framework } : {}),
    ...(isAsked("entry") && entry !== undefined ? { entry } : {}),
    ...(isAsked("distribution") && distribution !== undefined ? { distribution } : {}),
    ...(isNewRoot && clientRoot !== undefined ? { clientRoot } : {}),
  };
}

interface Finish {
  readonly file: ProjectFile | undefined;
  readonly path: string;
  readonly answers: SetupAnswers;
  readonly convert: boolean;
}

// Stores the answers, says so, and resolves what is now on disk.
async function finish(
  console: Console,
  flags: SetupFlags,
  options: EnsureProjectOptions,
  { file, path, answers, convert }: Finish,
): Promise<ProjectConfig> {
  const folder = file === undefined ? console.cwd : resolve(path, "..");
  // Checked before anything is written: a file that the next run would refuse helps nobody.
  const text = file === undefined || (convert && file.format !== "v1")
    ? formatProject(answers)
    : updateProject(file, answers);
  const { interpretProjectFile, parseJsonFile } = await import("../lib/project/mod.ts");
  const load = {
    cwd: console.cwd,
    env: console.env,
    overrides: { ...options.overrides },
  };
  const state = await resolveProject(interpretProjectFile(parseJsonFile(path, text)), load);
  if (state.kind !== "ready") throw stillMissing(state.missing, path);

  let copy: string | undefined;
  let written = true;
  if (file !== undefined && file.format !== "v1") copy = await convertProject(file, answers);
  else written = await saveProject(path, file, answers);
  report(console, options, { path, text, copy, written });
  await handleStaleOutput(console, flags, {
    before: (file?.clients ?? []).map(({ value }) => resolve(folder, value)),
    after: state.project.clients.map(({ root }) => root),
  });
  if (written && options.report === "full") {
    const { bold } = styleFor(console.stderr, console.env);
    console.stderr.write(`\nNext: ${bold("pyrpc dev")}\n`);
  }
  // The copy was interpreted from memory; positions and path are those of the file on disk.
  const final = await loadProject({ ...load, path });
  return final.kind === "ready" ? final.project : state.project;
}

function report(
  console: Console,
  { report = "brief" }: EnsureProjectOptions,
  { path, text, copy, written }: {
    path: string;
    text: string;
    copy: string | undefined;
    written: boolean;
  },
): void {
  const style = styleFor(console.stderr, console.env);
  const say = (line: string) => console.stderr.write(`${line}\n`);
  if (!written) {
    if (report === "full") say(`${plainText(path)} says so already; nothing was changed`);
    return;
  }
  say(`${style.green("✓")} Wrote ${plainText(path)}`);
  if (copy !== undefined) say(`  The old file is kept as ${plainText(basename(copy))}`);
  if (report !== "full") return;
  for (const line of text.trimEnd().split("\n")) say(`  ${style.dim(plainText(line))}`);
}

// What flags change in the file, or undefined. The environment is never stored.
function storedAnswers(
  file: ProjectFile | undefined,
  project: ProjectConfig,
  flags: SetupFlags,
  cwd: string,
): SetupAnswers | undefined {
  const given = flags.framework !== undefined || flags.entry !== undefined ||
    flags.distribution !== undefined || (flags.clientRoot?.length ?? 0) > 0;
  if (!given) return undefined;
  if (file === undefined) {
    return {
      framework: project.framework,
      entry: project.entrypoint,
      distribution: project.distribution,
      clientRoot: project.clients.map(({ given }) => given),
    };
  }
  return { ...answersOf(file), ...answersOfFlags(flags, project.folder, cwd) };
}

function answersOf(file: ProjectFile | undefined): SetupAnswers {
  if (file === undefined) return {};
  const later = file.format !== "v1";
  return {
    ...(file.framework === undefined ? {} : { framework: file.framework.value }),
    ...(file.entrypoint === undefined ? {} : { entry: file.entrypoint.value }),
    ...(file.distribution === undefined
      ? later ? { distribution: "workspace" } : {}
      : { distribution: file.distribution.value }),
    ...(file.clients === undefined ? {} : { clientRoot: file.clients.map(({ value }) => value) }),
  };
}

function answersOfFlags(
  flags: SetupFlags,
  folder: string,
  cwd: string,
): SetupAnswers {
  return {
    ...(flags.framework === undefined ? {} : { framework: flags.framework }),
    ...(flags.entry === undefined ? {} : { entry: flags.entry }),
    ...(flags.distribution === undefined ? {} : { distribution: flags.distribution }),
    ...(flags.clientRoot === undefined || flags.clientRoot.length === 0 ? {} : {
      clientRoot: flags.clientRoot.map((root) => writtenPath(folder, resolve(cwd, root))),
    }),
  };
}

async function reconfigure(
  console: Console,
  flags: SetupFlags,
  options: EnsureProjectOptions,
  file: ProjectFile | undefined,
  path: string,
): Promise<SetupAnswers> {
  const folder = resolve(path, "..");
  const given: SetupAnswers = {
    ...answersOfFlags(flags, folder, console.cwd),
    ...(options.module === undefined ? {} : { entry: options.module }),
  };
  const present: SetupAnswers = { ...answersOf(file), ...given };
  const detected = await detectProject(folder);
  if (flags.yes || !isInteractive(console)) {
    // "--reconfigure" without a terminal only makes sense with answers: all of them, or --yes for the present ones.
    const known = flags.yes ? present : given;
    const missing = openQuestions(known);
    return withoutAsking(flags, options, {
      folder,
      file,
      missing,
      answers: flags.yes ? present : known,
      detected,
      path,
    });
  }
  return await withPrompter(console, async (prompter) => {
    if (file !== undefined && file.format !== "v1") {
      const era = file.format === "legacy" ? "0.10 to 0.12" : "0.13 and later";
      const yes = await prompter.confirm(
        `${PROJECT_FILE} has the format of pyRPC ${era}. Convert it? The old file is kept beside it`,
        true,
      );
      if (!yes) throw conversionDeclined(path);
    }
    return await askQuestions(prompter, { folder, detected, answers: present, ask: () => true });
  });
}

function openQuestions(answers: SetupAnswers): SetupQuestion[] {
  const open: SetupQuestion[] = [];
  if (answers.framework === undefined) open.push("framework");
  if (answers.entry === undefined) open.push("entry");
  if (answers.distribution === undefined) open.push("distribution");
  if (answers.distribution === "workspace" && !answers.clientRoot?.length) open.push("client_root");
  return open;
}

interface Unanswered {
  readonly folder: string;
  readonly file: ProjectFile | undefined;
  readonly missing: readonly SetupQuestion[];
  readonly answers: SetupAnswers;
  readonly detected: DetectedProject;
  readonly path: string;
}

// Nobody is asked: --yes takes what was detected, but never decides the distribution.
function withoutAsking(
  flags: SetupFlags,
  { command, module }: EnsureProjectOptions,
  { missing, answers, detected, file, path }: Unanswered,
): SetupAnswers {
  if (missing.length === 0) return answers;
  const entry = answers.entry ?? detected.entries[0];
  const clientRoot = answers.clientRoot ?? detected.clients.slice(0, 1);
  const framework = answers.framework ?? detected.framework ?? "fastapi";
  const filled: SetupAnswers = {
    framework,
    entry: entry ?? "main",
    ...(answers.distribution === undefined ? {} : { distribution: answers.distribution }),
    ...(answers.distribution !== "server" && clientRoot.length > 0 ? { clientRoot } : {}),
  };
  const open = openQuestions({ ...filled, ...(entry === undefined ? {} : { entry }) });
  if (flags.yes && open.length === 0 && entry !== undefined) return filled;

  const distribution = answers.distribution ?? "workspace";
  const roots = distribution === "workspace"
    ? (clientRoot.length > 0 ? clientRoot : ["../frontend"])
    : [];
  const words = [
    command,
    ...(module === undefined ? [] : [quote(module)]),
    ...(missing.includes("framework") || flags.framework ? ["--framework", framework] : []),
    ...(module === undefined && (missing.includes("entry") || flags.entry)
      ? ["--entry", quote(entry ?? "main")]
      : []),
    "--distribution",
    answers.distribution ?? "workspace|server",
    ...roots.flatMap((root) => ["--client-root", quote(root)]),
  ];
  throw setupNeeded({
    missing: (flags.yes || missing.length === 0 ? open : missing).map((question) =>
      QUESTION_WORDS[question]
    ),
    command: words.join(" "),
    where: file === undefined ? undefined : path,
    canDefault: answers.distribution !== undefined && entry !== undefined && !flags.yes &&
      (answers.distribution === "server" || clientRoot.length > 0),
  });
}

const QUESTION_WORDS: Readonly<Record<SetupQuestion, string>> = {
  framework: "--framework",
  entry: "--entry",
  distribution: "--distribution",
  client_root: "--client-root",
};

function quote(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

async function withPrompter<T>(
  console: Console,
  ask: (prompter: Prompter) => Promise<T>,
): Promise<T> {
  const prompter = await openPrompter(console);
  try {
    prompter.intro("pyRPC Setup", "Let's configure pyRPC for your project.");
    const answers = await ask(prompter);
    prompter.outro("That is all");
    return answers;
  } finally {
    prompter.close();
  }
}

interface Questions {
  readonly folder: string;
  readonly detected: DetectedProject;
  /** What is known already; defaults of what is asked. */
  readonly answers: SetupAnswers;
  readonly ask: (question: SetupQuestion) => boolean;
}

/** The wizard's questions, in their order. */
async function askQuestions(
  prompter: Prompter,
  { folder, detected, answers, ask }: Questions,
): Promise<SetupAnswers> {
  const framework = ask("framework")
    ? await prompter.select("Which web framework are you using?", [
      { value: "fastapi", explanation: "(default)" },
      { value: "flask", explanation: "" },
      { value: "asgi", explanation: "" },
    ], answers.framework ?? detected.framework ?? "fastapi")
    : answers.framework;
  const entry = ask("entry")
    ? await prompter.text(
      "Python module to scan for @rpc procedures (e.g. main, app.main)",
      answers.entry ?? detected.entries[0] ?? "main",
      async (answer) => {
        const search = await findModule(folder, answer);
        if (search.found) return undefined;
        const [likely] = detected.entries;
        return likely === undefined ? search.reason : `${search.reason}. Is it ${likely}?`;
      },
    )
    : answers.entry;
  const distribution = ask("distribution")
    ? await prompter.select("How are types distributed to the client?", [
      {
        value: "workspace",
        explanation: "(default): written straight into a client project on this machine",
      },
      {
        value: "server",
        explanation: ": clients in other repositories fetch them with npx pyrpc sync",
      },
    ], answers.distribution ?? "workspace")
    : answers.distribution;
  let { clientRoot } = answers;
  if (distribution === "workspace") {
    const known = clientRoot !== undefined && clientRoot.length > 0 &&
      await rootsProblem(folder, clientRoot) === undefined;
    if (ask("client_root") || !known) {
      const initial = clientRoot?.join(", ") || detected.clients[0] || "../frontend";
      const answer = await prompter.text(
        "Where is your TypeScript client project?",
        initial,
        async (text) => await rootsProblem(folder, await splitRoots(folder, text)),
      );
      clientRoot = await splitRoots(folder, answer);
    }
  }
  return {
    ...(framework === undefined ? {} : { framework }),
    ...(entry === undefined ? {} : { entry }),
    ...(distribution === undefined ? {} : { distribution }),
    ...(clientRoot === undefined ? {} : { clientRoot }),
  };
}

// Several projects are separated by commas, unless a folder has that very name.
async function splitRoots(folder: string, text: string): Promise<string[]> {
  if (!text.includes(",") || await isFolder(resolve(folder, text))) return [text];
  return text.split(",").map((part) => part.trim()).filter((part) => part !== "");
}

async function rootsProblem(folder: string, roots: readonly string[]): Promise<string | undefined> {
  for (const root of roots) {
    const path = resolve(folder, root);
    const info = await stat(path).catch(() => undefined);
    if (info === undefined) {
      return `No folder ${path}. Create one with: npm create vite@latest "${path}" -- --template react-ts`;
    }
    if (!info.isDirectory()) return `${path} is a file, not a folder`;
  }
  return undefined;
}

async function isFolder(path: string): Promise<boolean> {
  return await stat(path).then((info) => info.isDirectory(), () => false);
}

function conversionDeclined(path: string): ToolError {
  return new ToolError({
    code: "CONVERSION_DECLINED",
    message: "The file was not converted; nothing was written",
    where: path,
    fix: "Without --reconfigure the file is used as it is",
    exitCode: ExitCode.No,
  });
}

function stillMissing(missing: readonly SetupQuestion[], path: string): ToolError {
  return setupNeeded({
    missing: missing.map((question) => QUESTION_WORDS[question]),
    command: `pyrpc init ${missing.map((question) => `${QUESTION_WORDS[question]} …`).join(" ")}`,
    where: path,
    canDefault: false,
  });
}
