import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import { defined } from "../defined.ts";
import {
  applicationsIn,
  type DetectedProject,
  type Distribution,
  entryFor,
  findModule,
  type Framework,
  isPythonFile,
  type SetupAnswers,
  type SetupQuestion,
  sharedPath,
} from "../project/mod.ts";
import { clientProblem } from "./check_answers.ts";
import { proposedEntry } from "./detected_entry.ts";
import type { Choice, Prompter } from "./prompter.ts";

const FRAMEWORK_CHOICES: readonly Choice<Framework>[] = [
  { value: "fastapi", explanation: "(default)" },
  { value: "flask", explanation: "" },
  { value: "asgi", explanation: "" },
  { value: "django", explanation: "" },
];

const DISTRIBUTION_CHOICES: readonly Choice<Distribution>[] = [
  {
    value: "workspace",
    explanation: "(default): written straight into a client project on this machine",
  },
  {
    value: "server",
    explanation: ": clients in other repositories fetch them with npx pyrpc sync",
  },
];

/** Options of {@link askProjectQuestions}. */
export interface ProjectQuestions {
  readonly folder: string;
  readonly detected: DetectedProject;
  /** Answers so far, which are the defaults of the questions. */
  readonly answers: SetupAnswers;
  /** The questions to ask. */
  readonly questions: readonly SetupQuestion[];
}

/** Asks about a backend. A client project that does not exist is asked for in any case. */
export async function askProjectQuestions(
  prompter: Prompter,
  { folder, detected, answers, questions }: ProjectQuestions,
): Promise<SetupAnswers> {
  let { framework, entry, distribution, clientRoot } = answers;
  if (questions.includes("framework")) {
    const initial = framework ?? detected.framework ?? "fastapi";
    framework = await prompter.select(
      "Which web framework are you using?",
      FRAMEWORK_CHOICES,
      initial,
    );
  }
  if (questions.includes("entry")) {
    entry = await prompter.text(
      "Python module to scan for @rpc procedures (e.g. main, app.main)",
      entry ?? proposedEntry(detected, framework) ?? "main",
      (answer) => entryProblem(folder, answer, { framework, detected }),
    );
    entry = await chooseApplication(prompter, folder, entry);
  }
  if (questions.includes("distribution")) {
    distribution = await prompter.select(
      "How are types distributed to the client?",
      DISTRIBUTION_CHOICES,
      distribution ?? "workspace",
    );
  }
  if (distribution === "workspace") {
    const isAsked = questions.includes("client_root") || !await exist(folder, clientRoot);
    if (isAsked) {
      const initial = clientRoot?.join(", ") || detected.clients[0] || "../frontend";
      clientRoot = await askClientRoots(prompter, folder, initial);
    }
  }
  return defined({ framework, entry, distribution, clientRoot });
}

async function entryProblem(
  folder: string,
  answer: string,
  { framework, detected }: {
    readonly framework: Framework | undefined;
    readonly detected: DetectedProject;
  },
): Promise<string | undefined> {
  if (framework === "django" && isPythonFile(answer)) {
    return await isFile(resolve(folder, answer)) ? undefined : `${answer} does not exist`;
  }
  const search = await findModule(folder, answer);
  if (search.found) return undefined;
  const proposed = entryFor(detected, framework);
  if (proposed === undefined) return search.reason;
  return proposed.folder === "."
    ? `${search.reason}. Is it ${proposed.entry}?`
    : `${search.reason}. The backend runs in ${proposed.folder}: run pyrpc init there`;
}

/** Asks which application of a module is served, if its source has several and none is called `app`. */
async function chooseApplication(
  prompter: Prompter,
  folder: string,
  entry: string,
): Promise<string> {
  if (entry.includes(":")) return entry;
  const search = await findModule(folder, entry);
  const names = search.found ? await applicationsIn(search.path) : [];
  const [first] = names;
  if (first === undefined) return entry;
  const choices = names.map((value) => ({ value, explanation: "" }));
  return `${entry}:${await prompter.select(
    "Which application is served?",
    choices,
    names.find((name) => name === "app") ?? first,
  )}`;
}

async function isFile(path: string): Promise<boolean> {
  return await stat(path).then((info) => info.isFile(), () => false);
}

async function askClientRoots(
  prompter: Prompter,
  folder: string,
  initial: string,
): Promise<readonly string[]> {
  const answer = await prompter.text(
    "Where is your TypeScript client project?",
    initial,
    async (text) => await rootsProblem(folder, await splitRoots(folder, text)),
  );
  return await splitRoots(folder, answer);
}

// Commas separate several projects, unless a folder has exactly that name.
async function splitRoots(folder: string, text: string): Promise<string[]> {
  if (!text.includes(",") || await folderProblem(resolve(folder, text)) === undefined) {
    return [sharedPath(text)];
  }
  const parts = text.split(",").map((part) => sharedPath(part.trim()));
  return parts.filter((part) => part !== "");
}

async function exist(folder: string, roots: readonly string[] = []): Promise<boolean> {
  return roots.length > 0 && await rootsProblem(folder, roots) === undefined;
}

async function rootsProblem(folder: string, roots: readonly string[]): Promise<string | undefined> {
  for (const root of roots) {
    const problem = await folderProblem(resolve(folder, root));
    if (problem !== undefined) return problem;
  }
  return undefined;
}

async function folderProblem(path: string): Promise<string | undefined> {
  const problem = await clientProblem(path);
  switch (problem?.kind) {
    case undefined:
      return undefined;
    case "missing":
      return `No folder ${path}. Create one with: npm create vite@latest "${path}" -- --template react-ts`;
    case "file":
      return `${path} is a file, not a folder`;
    case "foreign":
      return `${path} is not a TypeScript or JavaScript project: it has no package.json and no tsconfig.json`;
  }
}
