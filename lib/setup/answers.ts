import { dirname, resolve } from "node:path";
import { defined } from "../defined.ts";
import {
  type Distribution,
  type Framework,
  type ProjectConfig,
  type ProjectFile,
  type SetupAnswers,
  type SetupQuestion,
  writtenPath,
} from "../project/mod.ts";

/** The answers on a command line. */
export interface GivenAnswers {
  readonly framework?: Framework | undefined;
  readonly entry?: string | undefined;
  readonly distribution?: Distribution | undefined;
  /** Relative to the working directory. */
  readonly clientRoot?: readonly string[] | undefined;
}

/** True if the command line has an answer. */
export function hasAnswer(
  { framework, entry, distribution, clientRoot = [] }: GivenAnswers,
): boolean {
  return (framework ?? entry ?? distribution) !== undefined || clientRoot.length > 0;
}

/** The answers of a file. Later formats have workspace distribution. */
export function answersOfFile(file: ProjectFile | undefined): SetupAnswers {
  if (file === undefined) return {};
  return defined({
    framework: file.framework?.value,
    entry: file.entrypoint?.value,
    distribution: file.distribution?.value ??
      (file.format === "v1" ? undefined : "workspace" as const),
    clientRoot: file.clients?.map(({ value }) => value),
  });
}

/** The answers of a command line, with paths as they are written into a file in `folder`. */
export function answersOfFlags(
  { framework, entry, distribution, clientRoot = [] }: GivenAnswers,
  { folder, cwd }: { readonly folder: string; readonly cwd: string },
): SetupAnswers {
  const roots = clientRoot.map((root) => writtenPath(folder, resolve(cwd, root)));
  return defined({
    framework,
    entry,
    distribution,
    clientRoot: roots.length > 0 ? roots : undefined,
  });
}

/**
 * The answers to store after a complete configuration was loaded; undefined if the command line has none. Values of the
 * environment are stored only in a new file, which would be incomplete without them.
 */
export function answersToStore(
  project: ProjectConfig,
  { file, given, cwd }: {
    readonly file: ProjectFile | undefined;
    readonly given: GivenAnswers;
    readonly cwd: string;
  },
): SetupAnswers | undefined {
  if (!hasAnswer(given)) return undefined;
  if (file === undefined) {
    return {
      framework: project.framework,
      entry: project.entrypoint,
      distribution: project.distribution,
      clientRoot: project.clients.map(({ given }) => given),
    };
  }
  const folder = dirname(file.file.path);
  return { ...answersOfFile(file), ...answersOfFlags(given, { folder, cwd }) };
}

/** The answers to the questions that were asked, without those that came from the environment. */
export function newAnswers(
  asked: readonly SetupQuestion[],
  before: SetupAnswers,
  { framework, entry, distribution, clientRoot }: SetupAnswers,
): SetupAnswers {
  const ifAsked = <T>(question: SetupQuestion, value: T) =>
    asked.includes(question) ? value : undefined;
  return defined({
    framework: ifAsked("framework", framework),
    entry: ifAsked("entry", entry),
    distribution: ifAsked("distribution", distribution),
    // A client that does not exist is asked for as well.
    clientRoot: clientRoot === before.clientRoot ? ifAsked("client_root", clientRoot) : clientRoot,
  });
}
