import { readFile, stat } from "node:fs/promises";
import { platform } from "node:os";
import { dirname, join, resolve } from "node:path";
import { isBatchFile, isProgram, programsOnPath, runProgram } from "../process/mod.ts";
import { noInterpreter, oldInterpreter, pythonDoesNotStart, pythonNotFound } from "./errors.ts";

/** Who manages the project's packages: it decides how one is installed. */
export type PackageManager = "uv" | "poetry" | "pdm" | "pipenv" | "conda" | "pip";

/** A Python to be run. */
export interface Interpreter {
  readonly command: string;
  /** Arguments before ours, such as `-3` of the Windows launcher. */
  readonly args: readonly string[];
  /** Where it was found, for people: `--python`, `PYRPC_PYTHON`, `.venv`, … */
  readonly origin: string;
  readonly manager: PackageManager;
}

/** Where to look in {@link findInterpreter}. */
export interface FindInterpreterOptions {
  /** `--python`: a program, its path, or the folder of an environment. */
  readonly python?: string | undefined;
  /** What `python` is called in messages. @default "--python" */
  readonly pythonOrigin?: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The project's folder: environments are looked for from here upwards. */
  readonly folder: string;
  /** Relative paths of `python` start here. @default folder */
  readonly cwd?: string;
}

/** The oldest Python that pyRPC supports. */
export const OLDEST_PYTHON = "3.11";

const IS_WINDOWS = platform() === "win32";

/**
 * The interpreter of a project: what was asked for, the active environment, the project's own, what its package manager
 * says, then the system's. Only the system's are run to learn their version.
 *
 * @throws ToolError `PYTHON_NOT_FOUND` for one that was asked for and is not there, `PYTHON_MISSING` for none at all,
 * `PYTHON_TOO_OLD` where the system has none that is new enough.
 */
export async function findInterpreter(options: FindInterpreterOptions): Promise<Interpreter> {
  const { env, folder } = options;
  const manager = await packageManager(folder);
  const asked: [string, string][] = [];
  if (options.python) asked.push([options.python, options.pythonOrigin ?? "--python"]);
  if (env["PYRPC_PYTHON"]) asked.push([env["PYRPC_PYTHON"], "PYRPC_PYTHON"]);
  for (const [python, origin] of asked) {
    const program = await programOf(python, options.cwd ?? folder, env);
    if (program === undefined) throw pythonNotFound(python, origin);
    const command = await behindBatchFile(program, [], env);
    if (command === undefined) {
      const interpreter = { command: program, args: [], origin, manager };
      throw pythonDoesNotStart(interpreter, "the batch file does not start a Python");
    }
    return { command, args: [], origin, manager };
  }
  return await activeEnvironment(env, manager) ?? await projectEnvironment(folder, manager) ??
    await managedEnvironment(manager, folder, env) ?? await systemInterpreter(env, manager);
}

/** The command that installs packages for an interpreter. */
export function installCommand(
  { manager, command, args }: Interpreter,
  packages: readonly string[],
): string {
  const names = packages.map((name) => name.includes("[") ? `"${name}"` : name).join(" ");
  switch (manager) {
    case "uv":
      return `uv add ${names}`;
    case "poetry":
      return `poetry add ${names}`;
    case "pdm":
      return `pdm add ${names}`;
    case "pipenv":
      return `pipenv install ${names}`;
    case "conda":
    case "pip":
      return `${[command, ...args].map(quoted).join(" ")} -m pip install ${names}`;
    default:
      return manager satisfies never;
  }
}

function quoted(part: string): string {
  return /[\s"'$&;()]/.test(part) ? JSON.stringify(part) : part;
}

// A program's path from what a person writes: a path, the folder of an environment, or a name on PATH.
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
    };
  }
  return undefined;
}

async function projectEnvironment(
  folder: string,
  manager: PackageManager,
): Promise<Interpreter | undefined> {
  for (let at = resolve(folder);; at = dirname(at)) {
    for (const name of [".venv", "venv"]) {
      const command = await environmentProgram(join(at, name));
      if (command !== undefined) {
        return { command, args: [], origin: join(at, name), manager };
      }
    }
    if (dirname(at) === at) return undefined;
  }
}

const MANAGER_QUESTIONS: Partial<Record<PackageManager, readonly string[]>> = {
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
  const question = MANAGER_QUESTIONS[manager];
  if (question === undefined) return undefined;
  const [name = "", ...args] = question;
  const program = await firstOnPath(name, env);
  if (program === undefined) return undefined;
  // Poetry needs up to two seconds for this.
  const answer = await output(program, args, { env, cwd: folder, limit: 8000 });
  const command = answer?.trim().split(/\r?\n/).at(-1)?.trim();
  return command && await isProgram(command)
    ? { command, args: [], origin: question.join(" "), manager }
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
      // Running it is the only way to tell: a shim or a shop's stub is there without a Python behind it.
      const command = await behindBatchFile(program, args, env);
      if (command === undefined) continue;
      const ours = command === program ? args : [];
      const version = await output(command, [...ours, "-c", VERSION], { env, limit: 5000 });
      if (version === undefined || !/^\d+\.\d+\.\d+$/.test(version)) continue;
      if (isSupported(version)) {
        const origin = [name, ...args].join(" ") + " on PATH";
        return { command, args: ours, origin, manager };
      }
      old ??= { command, version };
    }
  }
  if (old !== undefined) throw oldInterpreter(old.command, old.version, "PATH");
  throw noInterpreter();
}

const VERSION = "import sys; sys.stdout.write('%d.%d.%d' % tuple(sys.version_info[:3]))";
// Without `%` and quotes, which a batch file does not pass on.
const EXECUTABLE = "import sys,json;print(json.dumps(sys.executable))";

// A batch file (pyenv's shims) cannot pass on the worker's program: the Python that it starts is started instead.
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

/** Whether pyRPC runs on that version (`3.11.7`). */
export function isSupported(version: string): boolean {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  return major > 3 || (major === 3 && minor >= 11);
}

// By the lock file first: a pyproject.toml may name several tools.
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
