import { readdir, readFile, readlink, realpath, stat } from "node:fs/promises";
import { platform } from "node:os";
import { basename, dirname, join, relative, resolve } from "node:path";
import { defined } from "../defined.ts";
import { removeFolderCommand, shellWord } from "../shell_word.ts";
import { isBatchFile, isProgram, programsOnPath, runProgram } from "../process/mod.ts";
import {
  environmentBroken,
  noInterpreter,
  oldInterpreter,
  pythonDoesNotStart,
  pythonNotFound,
} from "./errors.ts";
import {
  type Interpreter,
  isSupported,
  neededPackages,
  type PackageManager,
} from "./install_command.ts";

/** Options of {@link findInterpreter}. */
export interface FindInterpreterOptions {
  /** `--python`: a program, its path, or the folder of an environment. */
  readonly python?: string | undefined;
  /** Name of `python` in messages. @default "--python" */
  readonly pythonOrigin?: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The project's folder: environments are searched from here upwards. */
  readonly folder: string;
  /** Relative paths of `python` start here, and commands of messages are typed here. @default folder */
  readonly cwd?: string;
  /** The framework of the project: a new environment needs its packages. */
  readonly framework?: string | undefined;
}

const IS_WINDOWS = platform() === "win32";

/**
 * Finds the interpreter of a project: the requested one, the active environment, the project's environment, that of its
 * package manager, then the system's. Only the last are run to read their version.
 *
 * @throws ToolError `PYTHON_NOT_FOUND` if the requested one does not exist, `PYTHON_MISSING` if no Python is installed,
 * `PYTHON_TOO_OLD` if every Python of the system is too old.
 */
export async function findInterpreter(options: FindInterpreterOptions): Promise<Interpreter> {
  const { folder, cwd = folder } = options;
  const found = await search(options);
  return {
    ...found,
    folder: relative(cwd, folder),
    ...defined({ pipless: await piplessKind(found.command) }),
  };
}

// Looks into an environment of venv or uv only: others have pip, or a package manager of their own.
async function piplessKind(command: string): Promise<Interpreter["pipless"]> {
  const environment = dirname(dirname(command));
  const config = await readFile(join(environment, "pyvenv.cfg"), "utf8").catch(() => undefined);
  if (config === undefined || /^include-system-site-packages\s*=\s*true/m.test(config)) {
    return undefined;
  }
  const versions = await readdir(join(environment, "lib")).catch((): string[] => []);
  const libraries = [
    ...versions.filter((name) => /^p/.test(name)).map((name) => join("lib", name)),
    "Lib",
  ];
  for (const library of libraries) {
    if (await isFolder(join(environment, library, "site-packages", "pip"))) return undefined;
  }
  return /^uv\s*=/m.test(config) ? "uv" : "venv";
}

async function search(options: FindInterpreterOptions): Promise<Interpreter> {
  const { env, folder } = options;
  const manager = await packageManager(folder);
  const own = await projectEnvironment(folder);
  const requested: [string, string][] = [];
  if (options.python) requested.push([options.python, options.pythonOrigin ?? "--python"]);
  if (env["PYRPC_PYTHON"]) requested.push([env["PYRPC_PYTHON"], "PYRPC_PYTHON"]);
  for (const [python, origin] of requested) {
    const program = await programOf(python, options.cwd ?? folder, env);
    if (program === undefined) throw pythonNotFound(python, origin);
    const command = await behindBatchFile(program, [], env);
    if (command === undefined) {
      throw pythonDoesNotStart(
        { command: program, origin },
        "the batch file does not start a Python",
      );
    }
    const environment = command === own?.command
      ? "project"
      : await isManagedBySystem(command)
      ? "none"
      : "other";
    return { command, args: [], origin, manager, environment };
  }
  const active = await activeEnvironment(env, manager, own?.command);
  const isOther = active?.environment === "other" && own !== undefined &&
    await isOfProject(own.origin, folder);
  // conda activates its base by default: it is not a choice for the project.
  const isBase = active?.manager !== undefined && active.origin.includes("CONDA") &&
    env["CONDA_DEFAULT_ENV"] === "base";
  if (active !== undefined && !isBase) return isOther ? { ...active, unused: own.origin } : active;
  if (own !== undefined) return { ...own, args: [], manager, environment: "project" };
  const dangling = await danglingEnvironment(folder);
  if (dangling !== undefined) {
    const packages = neededPackages(options.framework ?? "asgi");
    throw environmentBroken(dangling, await recreateCommand(dangling, manager, packages));
  }
  const other = await otherEnvironment(folder);
  if (other !== undefined) return { ...other, args: [], manager, environment: "project" };
  return await managedEnvironment(manager, folder, env) ?? active ??
    await systemInterpreter(env, manager);
}

// pip refuses to install into the Python of a system that manages it (PEP 668).
async function isManagedBySystem(command: string): Promise<boolean> {
  if (await isEnvironment(command)) return false;
  const program = await realpath(command).catch(() => command);
  const lib = join(dirname(dirname(program)), "lib");
  const versions = (await readdir(lib).catch((): string[] => []))
    .filter((name) => /^python3/.test(name));
  // On Windows the library is beside the program.
  const libraries = [...versions.map((name) => join(lib, name)), join(dirname(program), "Lib")];
  for (const library of libraries) {
    if (await isFile(join(library, "EXTERNALLY-MANAGED"))) return true;
  }
  return false;
}

// The folder of an environment has a marker file: of venv, or of conda.
async function isEnvironment(command: string): Promise<boolean> {
  for (const folder of [dirname(dirname(command)), dirname(command)]) {
    if (await isFile(join(folder, "pyvenv.cfg"))) return true;
    if (await isFolder(join(folder, "conda-meta"))) return true;
  }
  return false;
}

// Accepts a path, the folder of an environment, or a name on PATH.
async function programOf(
  python: string,
  cwd: string,
  env: FindInterpreterOptions["env"],
): Promise<string | undefined> {
  const path = resolve(cwd, python);
  if (await isFolder(path)) return await environmentProgram(path);
  if (await isProgram(path)) return path;
  return /[/\\]/.test(python) ? undefined : await firstOnPath(python, env);
}

async function activeEnvironment(
  env: FindInterpreterOptions["env"],
  manager: PackageManager,
  own: string | undefined,
): Promise<Interpreter | undefined> {
  for (const name of ["VIRTUAL_ENV", "CONDA_PREFIX"] as const) {
    const folder = env[name];
    const command = folder ? await environmentProgram(folder) : undefined;
    if (command === undefined) continue;
    const conda = name === "CONDA_PREFIX" && manager === "pip";
    return {
      command,
      args: [],
      origin: `the active environment (${name})`,
      manager: conda ? "conda" : manager,
      environment: await isSameFile(command, own) ? "project" : "other",
    };
  }
  return undefined;
}

// Only the folder is resolved: the interpreters of all environments are links to the same program.
async function isSameFile(command: string, own: string | undefined): Promise<boolean> {
  if (own === undefined || basename(command) !== basename(own)) return false;
  const folders = [command, own].map((path) => realpath(dirname(path)).catch(() => path));
  const [mine, theirs] = await Promise.all(folders);
  return mine === theirs;
}

/** @throws ToolError for an environment whose Python is gone, as after an upgrade of the system's */
async function projectEnvironment(
  folder: string,
): Promise<Pick<Interpreter, "command" | "origin"> | undefined> {
  for (let at = resolve(folder);; at = dirname(at)) {
    for (const name of [".venv", "venv", "env"]) {
      const path = join(at, name);
      const command = await environmentProgram(path);
      // A folder of another kind may be called "env".
      if (command !== undefined && (name !== "env" || await isEnvironment(command))) {
        return { command, origin: path };
      }
    }
    if (dirname(at) === at) return undefined;
  }
}

// An environment further up may be for anything, except beside the manifest of a workspace.
async function isOfProject(environment: string, folder: string): Promise<boolean> {
  const parent = dirname(environment);
  return parent === resolve(folder) || await isFile(join(parent, "pyproject.toml"));
}

/** The only environment directly in a folder, whatever its name; undefined if there are several. */
async function otherEnvironment(
  folder: string,
): Promise<Pick<Interpreter, "command" | "origin"> | undefined> {
  const found: Pick<Interpreter, "command" | "origin">[] = [];
  for (const path of await environmentsIn(folder)) {
    const command = await environmentProgram(path);
    if (command !== undefined) found.push({ command, origin: path });
  }
  return found.length === 1 ? found[0] : undefined;
}

async function environmentsIn(folder: string): Promise<string[]> {
  const found: string[] = [];
  for (const name of (await readdir(folder).catch((): string[] => [])).sort()) {
    if (await isFile(join(folder, name, "pyvenv.cfg"))) found.push(join(folder, name));
  }
  return found;
}

// An environment links to the system's Python, which an upgrade may remove.
async function danglingEnvironment(folder: string): Promise<string | undefined> {
  const usual = [];
  for (let at = resolve(folder);; at = dirname(at)) {
    usual.push(join(at, ".venv"), join(at, "venv"));
    if (dirname(at) === at) break;
  }
  for (const path of [...usual, ...await environmentsIn(folder)]) {
    const link = await readlink(join(path, "bin", "python")).catch(() => undefined);
    const isMade = await isFile(join(path, "pyvenv.cfg")) || await isFolder(join(path, "bin"));
    if (link !== undefined && isMade && await environmentProgram(path) === undefined) return path;
  }
  return undefined;
}

async function recreateCommand(
  environment: string,
  manager: PackageManager,
  packages: readonly string[],
): Promise<string> {
  if (manager === "uv") return "uv sync";
  if (manager === "poetry" || manager === "pdm" || manager === "pipenv") {
    return `${removeFolderCommand(environment)} && ${manager} install`;
  }
  const requirements = join(dirname(environment), "requirements.txt");
  const listed = await isFile(requirements) ? `-r ${shellWord(requirements)}` : packages.join(" ");
  const pip = shellWord(join(environment, "bin", "pip"));
  return `python3 -m venv --clear ${shellWord(environment)} && ${pip} install ${listed}`;
}

const MANAGER_COMMANDS: Partial<Record<PackageManager, readonly string[]>> = {
  uv: ["uv", "python", "find"],
  poetry: ["poetry", "env", "info", "--executable"],
  pipenv: ["pipenv", "--py"],
  pdm: ["pdm", "info", "--python"],
};

async function managedEnvironment(
  manager: PackageManager,
  folder: string,
  env: FindInterpreterOptions["env"],
): Promise<Interpreter | undefined> {
  const line = MANAGER_COMMANDS[manager];
  if (line === undefined) return undefined;
  const [name = "", ...args] = line;
  const program = await firstOnPath(name, env);
  if (program === undefined) return undefined;
  // Poetry needs up to two seconds for this.
  const answer = await output(program, args, { env, cwd: folder, limit: 8000 });
  const command = answer?.trim().split(/\r?\n/).at(-1)?.trim();
  return command && await isProgram(command)
    ? { command, args: [], origin: line.join(" "), manager, environment: "project" }
    : undefined;
}

async function systemInterpreter(
  env: FindInterpreterOptions["env"],
  manager: PackageManager,
): Promise<Interpreter> {
  const candidates: [string, string[]][] = [
    ["python3", []],
    ["python", []],
    ["py", ["-3"]],
    ...["3.14", "3.13", "3.12", "3.11"].map((
      version,
    ): [string, string[]] => [`python${version}`, []]),
  ];
  let old: { command: string; version: string } | undefined;
  for (const [name, args] of candidates) {
    for await (const program of programsOnPath(name, env)) {
      // Only running it proves that it is Python: pyenv's shims and the Microsoft Store's stub exist without one.
      const command = await behindBatchFile(program, args, env);
      if (command === undefined) continue;
      const leading = command === program ? args : [];
      const version = await output(command, [...leading, "-c", VERSION], { env, limit: 5000 });
      if (version === undefined || !/^\d+\.\d+\.\d+$/.test(version)) continue;
      if (isSupported(version)) {
        const origin = [name, ...args].join(" ") + " on PATH";
        // A package manager makes the project's environment when it installs something.
        const makes = MANAGER_COMMANDS[manager] !== undefined &&
          await firstOnPath(manager, env) !== undefined;
        const environment = makes ? "project" : await isManagedBySystem(command) ? "none" : "other";
        return { command, args: leading, origin, manager, environment };
      }
      old ??= { command, version };
    }
  }
  // uv also installs Python itself.
  const hasUv = manager === "uv" && await firstOnPath("uv", env) !== undefined;
  if (old !== undefined && !hasUv) throw oldInterpreter(old.command, old.version, "PATH");
  throw noInterpreter(hasUv ? "uv sync" : undefined);
}

const VERSION = "import sys; sys.stdout.write('%d.%d.%d' % tuple(sys.version_info[:3]))";
// Without `%` and quotes, which a batch file does not forward.
const EXECUTABLE = "import sys,json;print(json.dumps(sys.executable))";

// A batch file (pyenv's shims) cannot forward the worker's program. Returns the Python that it starts.
async function behindBatchFile(
  program: string,
  args: readonly string[],
  env: FindInterpreterOptions["env"],
): Promise<string | undefined> {
  if (!isBatchFile(program)) return program;
  const answer = await output(program, [...args, "-c", EXECUTABLE], { env, limit: 8000 });
  try {
    const path: unknown = JSON.parse(answer?.trim().split(/\r?\n/).at(-1) ?? "");
    return typeof path === "string" && path !== "" ? path : undefined;
  } catch {
    return undefined;
  }
}

// Lock files first: a pyproject.toml may configure several tools.
async function packageManager(folder: string): Promise<PackageManager> {
  for (let at = resolve(folder);; at = dirname(at)) {
    const has = async (name: string) => await isFile(join(at, name));
    if (await has("uv.lock")) return "uv";
    if (await has("poetry.lock")) return "poetry";
    if (await has("pdm.lock") || await has(".pdm-python")) return "pdm";
    if (await has("Pipfile")) return "pipenv";
    const project = await readFile(join(at, "pyproject.toml"), "utf8").catch(() => undefined);
    if (project !== undefined) {
      for (const manager of ["uv", "poetry", "pdm"] as const) {
        if (new RegExp(`^\\s*\\[tool\\.${manager}[.\\]]`, "m").test(project)) return manager;
      }
      return "pip";
    }
    if (dirname(at) === at) return "pip";
  }
}

async function environmentProgram(folder: string): Promise<string | undefined> {
  const names = IS_WINDOWS
    ? [["Scripts", "python.exe"], ["python.exe"]]
    : [["bin", "python"], ["bin", "python3"]];
  for (const name of names) {
    const path = join(folder, ...name);
    if (await isProgram(path)) return path;
  }
  return undefined;
}

async function firstOnPath(
  name: string,
  env: FindInterpreterOptions["env"],
): Promise<string | undefined> {
  return (await programsOnPath(name, env).next()).value;
}

function isFile(path: string): Promise<boolean> {
  return stat(path).then((info) => info.isFile(), () => false);
}

function isFolder(path: string): Promise<boolean> {
  return stat(path).then((info) => info.isDirectory(), () => false);
}

async function output(
  command: string,
  args: readonly string[],
  { env, cwd, limit }: {
    readonly env: FindInterpreterOptions["env"];
    readonly cwd?: string;
    readonly limit: number;
  },
): Promise<string | undefined> {
  const { code, stdout } = await runProgram(command, args, { env, cwd, limitMs: limit });
  return code === 0 ? stdout : undefined;
}
