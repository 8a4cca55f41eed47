import { execFile } from "node:child_process";
import { constants } from "node:fs";
import { access, readFile, stat } from "node:fs/promises";
import { platform } from "node:os";
import { delimiter, dirname, join, resolve } from "node:path";
import { noInterpreter, oldInterpreter, pythonNotFound } from "./errors.ts";

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
    const command = await programOf(python, options.cwd ?? folder, env);
    if (command === undefined) throw pythonNotFound(python, origin);
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
  return /[/\\]/.test(python) ? undefined : await onPath(python, env);
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
  const program = await onPath(name, env);
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
    const command = await onPath(name, env);
    if (command === undefined) continue;
    // Running it is the only way to tell: a shim or a shop's stub is there without a Python behind it.
    const script = "import sys; sys.stdout.write('%d.%d.%d' % tuple(sys.version_info[:3]))";
    const version = await output(command, [...args, "-c", script], { env, limit: 5000 });
    if (version === undefined || !/^\d+\.\d+\.\d+$/.test(version)) continue;
    if (isSupported(version)) {
      return { command, args, origin: [name, ...args].join(" ") + " on PATH", manager };
    }
    old ??= { command, version };
  }
  if (old !== undefined) throw oldInterpreter(old.command, old.version, "PATH");
  throw noInterpreter();
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

async function onPath(
  name: string,
  env: FindInterpreterOptions["env"],
): Promise<string | undefined> {
  const path = env["PATH"] ?? env["Path"] ?? "";
  for (const folder of path.split(delimiter)) {
    if (folder === "") continue;
    for (const ending of IS_WINDOWS ? [".exe", ".bat", ".cmd", ""] : [""]) {
      const program = join(folder, name + ending);
      if (await isProgram(program)) return program;
    }
  }
  return undefined;
}

async function isProgram(path: string): Promise<boolean> {
  if (!await isFile(path)) return false;
  return IS_WINDOWS || await access(path, constants.X_OK).then(() => true, () => false);
}

function isFile(path: string): Promise<boolean> {
  return stat(path).then((info) => info.isFile(), () => false);
}

function isFolder(path: string): Promise<boolean> {
  return stat(path).then((info) => info.isDirectory(), () => false);
}

function output(
  command: string,
  args: readonly string[],
  { env, cwd, limit }: {
    readonly env: FindInterpreterOptions["env"];
    readonly cwd?: string;
    readonly limit: number;
  },
): Promise<string | undefined> {
  return new Promise((done) => {
    const options = {
      env: childEnvironment(env),
      timeout: limit,
      maxBuffer: 1 << 16,
      windowsHide: true,
      ...(cwd === undefined ? {} : { cwd }),
    };
    const child = execFile(command, [...args], options, (error, stdout) => {
      done(error === null ? stdout : undefined);
    });
    child.stdin?.end();
  });
}

/** The environment for a child: a Bun executable would obey these two variables, and they are not the user's. */
export function childEnvironment(
  env: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  const result: Record<string, string> = {};
  for (const [name, value] of Object.entries(env)) {
    if (value !== undefined && name !== "BUN_OPTIONS" && name !== "BUN_BE_BUN") {
      result[name] = value;
    }
  }
  return result;
}
