import {
  askModule,
  findInterpreter,
  importLimit,
  type ModuleAnswer,
  shortPath,
} from "../../python/mod.ts";
import type { Contract } from "../../contract/mod.ts";
import type { LoadContext, LoadedSource, LoadOptions } from "../load_source.ts";

/** A Python module as SOURCE. */
export interface ModuleSource {
  /** Dotted, as in Python's `import`. */
  readonly module: string;
  /** The attribute behind the colon. */
  readonly app?: string;
}

/**
 * Asks Python for the contract of a module of the working directory.
 *
 * @throws ToolError exit code 4 when there is no Python for it or the module cannot be imported.
 */
export async function loadModule(
  { module, app }: ModuleSource,
  { python, verbose = false, onOutput = () => {} }: LoadOptions,
  { cwd, env, signal }: LoadContext,
): Promise<LoadedSource> {
  const interpreter = await findInterpreter({ python, env, folder: cwd });
  const entry = app === undefined ? module : `${module}:${app}`;
  const limit = importLimit(env);
  const { contract, answer } = await askModule({
    interpreter,
    root: cwd,
    env,
    entry,
    signal,
    verbose,
    onOutput,
    ...(limit === undefined ? {} : { limit }),
  });
  return loadedModule(contract, answer, entry, cwd);
}

/** What a module answered, with what is odd about it in words; `root` is the project's folder. */
export function loadedModule(
  contract: Contract,
  answer: ModuleAnswer,
  entry: string,
  root: string,
): LoadedSource {
  const notices = answer.duplicates.map(({ name, first, second }) =>
    `two procedures are called "${name}": ${at(first, root)} is replaced by ${at(second, root)}`
  );
  const problems = answer.problems.map(({ name, part, reason, place }) =>
    `procedure "${name}" is left out: ${partOf(part)}${reason} (${at(place, root)})`
  );
  return { kind: "module", contract, where: entry, notices, problems };
}

function partOf(part: string | null): string {
  if (part === null) return "";
  return part === "return" ? "its result: " : `parameter "${part}": `;
}

function at(place: { readonly file: string; readonly line: number } | null, root: string): string {
  return place === null ? "an unknown place" : `${shortPath(place.file, root)}:${place.line}`;
}
