import { isAbsolute } from "node:path";
import {
  askModule,
  defaultMessage,
  factMessage,
  findInterpreter,
  importLimit,
  type ModuleAnswer,
  shortPath,
} from "../../python/mod.ts";
import type { Contract } from "../../contract/mod.ts";
import { defined } from "../../defined.ts";
import type { LoadContext, LoadedSource, LoadOptions, SourcePlace } from "../types.ts";

/** A Python module given as SOURCE. */
export interface ModuleSource {
  /** Dotted, as in Python's `import`. */
  readonly module: string;
  /** The attribute behind the colon. */
  readonly app?: string;
}

/**
 * Loads the contract of a Python module in the working directory.
 *
 * @throws ToolError exit code 4 if no Python interpreter is found or the module cannot be imported
 */
export async function loadModule(
  { module, app }: ModuleSource,
  { python, framework, verbose = false, onOutput = () => {}, marksFloats = false }: LoadOptions,
  { cwd, env, signal }: LoadContext,
): Promise<LoadedSource> {
  const interpreter = await findInterpreter({ python, env, folder: cwd });
  const entry = app === undefined ? module : `${module}:${app}`;
  const { contract, written, answer } = await askModule({
    interpreter,
    root: cwd,
    env,
    entry,
    signal,
    framework,
    verbose,
    onOutput,
    marksFloats,
    ...defined({ limit: importLimit(env) }),
  });
  return { ...loadedModule(contract, answer, entry, cwd), ...defined({ written }) };
}

/** A module's contract with its warnings; `root` is the project's folder, which paths are shown relative to. */
export function loadedModule(
  contract: Contract,
  answer: ModuleAnswer,
  entry: string,
  root: string,
): LoadedSource {
  const warnings = answer.duplicates.map(({ name, first, second }) =>
    `two procedures are called "${name}": ${at(first, root)} is replaced by ${at(second, root)}`
  );
  const problems = answer.problems.map(({ name, part, reason, place }) =>
    `procedure "${name}" has no schema and is skipped: ${partOf(part)}${reason} (${
      at(place, root)
    })`
  );
  const facts = answer.facts.map((fact) => ({
    code: fact.code,
    subject: fact.subject,
    message: factMessage(fact),
  }));
  return {
    kind: "module",
    contract,
    where: entry,
    warnings,
    problems,
    facts,
    places: placesOf(answer, root),
    undeclaredKinds: answer.facts.flatMap(({ code, members }) =>
      code === "KIND_UNDECLARED" ? members : []
    ),
    defaults: answer.defaults.map((unservable) => ({
      procedure: unservable.name,
      adapters: unservable.adapters,
      message: `${defaultMessage(unservable)} (${at(unservable.place, root)})`,
    })),
    ...defined({
      adapter: answer.app?.kind ?? undefined,
      definitions: answer.definitions ?? undefined,
    }),
  };
}

// Code outside the project, such as an installed package, has no location: its path has no meaning on other machines.
function placesOf(
  { places = {}, definitions }: ModuleAnswer,
  root: string,
): ReadonlyMap<string, SourcePlace> {
  const ranges = new Map(Object.entries(definitions?.procedures ?? {}));
  return new Map(
    Object.entries(places).flatMap(([name, start]) => {
      // A function starts with its decorators; its name is below them.
      const [index = -1, line] = ranges.get(name) ?? [];
      const path = definitions?.files[index];
      const place = path === undefined || line === undefined ? start : { file: path, line };
      const file = place === null ? "" : shortPath(place.file, root);
      return place === null || isAbsolute(file) || /site-packages/.test(file)
        ? []
        : [[name, { file: file.replaceAll("\\", "/"), line: place.line }] as const];
    }),
  );
}

function partOf(part: string | null): string {
  if (part === null) return "";
  return part === "return" ? "its result: " : `parameter "${part}": `;
}

function at(place: { readonly file: string; readonly line: number } | null, root: string): string {
  return place === null ? "an unknown location" : `${shortPath(place.file, root)}:${place.line}`;
}
