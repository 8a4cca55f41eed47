import { readdir, stat } from "node:fs/promises";
import { basename, dirname, resolve } from "node:path";
import { closest } from "../closest.ts";
import {
  applicationsIn,
  type DetectedProject,
  findModule,
  isPythonFile,
  mayDefine,
  splitEntrypoint,
  writtenPath,
} from "../project/mod.ts";
import { shellWord } from "../shell_word.ts";
import type { GivenAnswers } from "./answers.ts";
import {
  clientIsFile,
  clientNotFound,
  entryNotFound,
  notAClient,
  severalApplications,
} from "./errors.ts";

/** Options of {@link checkAnswers}. */
export interface CheckAnswersOptions {
  /** The folder of the configuration. */
  readonly folder: string;
  readonly cwd: string;
  readonly detected: DetectedProject;
  /** Accept a client that is not a TypeScript or JavaScript project. */
  readonly force: boolean;
}

/** Checks the entry and the clients of a command line. @throws ToolError with the nearest match */
export async function checkAnswers(
  { framework, entry, clientRoot = [] }: GivenAnswers,
  { folder, cwd, detected, force }: CheckAnswersOptions,
): Promise<void> {
  // Django's configurations name manage.py.
  const isFile = (framework ?? detected.framework) === "django" && entry !== undefined &&
    isPythonFile(entry) && await isThere(resolve(folder, entry));
  if (entry !== undefined && !isFile) {
    const search = await findModule(folder, entry);
    const reason = search.found ? await missingApplication(entry, search.path) : search.reason;
    if (!search.found || reason !== undefined) {
      const entries = detected.entries.filter((each) => each.folder === ".")
        .map((each) => each.entry);
      throw entryNotFound(entry, reason ?? "", closest(entry, entries)[0] ?? entries[0]);
    }
    const names = entry.includes(":") ? [] : await applicationsIn(search.path);
    if (names.length > 0 && !names.includes("app")) {
      throw severalApplications(entry, names, (each) => `pyrpc init --entry ${shellWord(each)}`);
    }
  }
  for (const root of clientRoot) {
    const problem = await clientProblem(resolve(cwd, root));
    if (problem === undefined || (problem.kind === "foreign" && force)) continue;
    const names = detected.clients.map((path) => writtenPath(cwd, resolve(folder, path)));
    const isBeside = problem.kind === "file" && await clientProblem(problem.folder) === undefined;
    // "web/package.json" instead of "web".
    const client = MANIFEST.test(basename(root)) ? dirname(root) : root;
    const near = isBeside
      ? writtenPath(cwd, problem.folder)
      : closest(basename(client), names)[0] ?? names[0];
    throw problem.kind === "foreign"
      ? notAClient(root, near)
      : problem.kind === "file"
      ? clientIsFile(root, near)
      : clientNotFound(root, resolve(cwd, client), near);
  }
}

/** The reason why a path is not a client project. */
export type ClientProblem =
  | { readonly kind: "missing" }
  /** A file; `folder` is its folder. */
  | { readonly kind: "file"; readonly folder: string }
  /** A folder of something else. */
  | { readonly kind: "foreign" };

const MANIFEST = /^(package\.json|tsconfig(\..+)?\.json|jsconfig\.json|deno\.jsonc?)$/;
const SOURCE = /\.([cm]?[jt]sx?|vue|svelte|astro)$/;

/** Decides whether a folder is a TypeScript or JavaScript project; undefined if it is. */
export async function clientProblem(path: string): Promise<ClientProblem | undefined> {
  const info = await stat(path).catch(() => undefined);
  if (info === undefined) return { kind: "missing" };
  if (!info.isDirectory()) return { kind: "file", folder: dirname(path) };
  for (const folder of [path, resolve(path, "src")]) {
    const names = await readdir(folder).catch(() => [] as string[]);
    if (names.some((name) => MANIFEST.test(name) || SOURCE.test(name))) return undefined;
  }
  return { kind: "foreign" };
}

async function missingApplication(entry: string, path: string): Promise<string | undefined> {
  const { module, application } = splitEntrypoint(entry);
  const [name] = /^[^.(]+/.exec(application ?? "") ?? [];
  return name === undefined || await mayDefine(path, name)
    ? undefined
    : `${module} has no application "${name}"`;
}

function isThere(path: string): Promise<boolean> {
  return stat(path).then(() => true, () => false);
}
