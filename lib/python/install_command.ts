import { platform } from "node:os";
import { join } from "node:path";
import { commandAfter, shellProgram, shellWord } from "../shell_word.ts";

/** Tool that installs the project's packages. */
export type PackageManager = "uv" | "poetry" | "pdm" | "pipenv" | "conda" | "pip";

/** A Python interpreter. */
export interface Interpreter {
  readonly command: string;
  /** Leading arguments, such as `-3` of the Windows launcher. */
  readonly args: readonly string[];
  /** Source for messages: `--python`, `PYRPC_PYTHON`, `.venv`, … */
  readonly origin: string;
  readonly manager: PackageManager;
  /**
   * The environment: that of the project, which its package manager changes; another one; or none, because the system
   * manages the interpreter's packages.
   */
  readonly environment: "project" | "other" | "none";
  /** The environment in the project's folder, if another one is active and therefore used. */
  readonly unused?: string | undefined;
  /** The project's folder, relative to the one in which commands are typed. @default "" */
  readonly folder?: string;
  /** Replaces a pip that the environment lacks: uv makes environments without it, as does `venv --without-pip`. */
  readonly pipless?: "uv" | "venv" | undefined;
}

/** The oldest Python that pyRPC supports. */
export const OLDEST_PYTHON = "3.11";

/** Tests if pyRPC supports a version such as `3.11.7`. */
export function isSupported(version: string): boolean {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  return major > 3 || (major === 3 && minor >= 11);
}

/** The packages that a project of a framework needs: pyRPC, its adapter, and uvicorn unless the framework has a server. */
export function neededPackages(framework: string): string[] {
  return [
    "pyrpc-core",
    ...adapterPackages(framework),
    ...(needsUvicorn(framework) ? ["uvicorn"] : []),
  ];
}

/** The packages of pyRPC's adapter for a framework. */
export function adapterPackages(framework: string): string[] {
  if (framework === "asgi") return [];
  return [framework === "django" ? "pyrpc-django-adapter" : `pyrpc-${framework}`];
}

/** Tests if `pyrpc dev` serves a framework with uvicorn. Flask and Django have servers of their own. */
export function needsUvicorn(framework: string): boolean {
  return framework !== "flask" && framework !== "django";
}

/** The advice to use the environment in the project's folder instead of the active one; undefined if it is not unused. */
export function useOwnEnvironment({ unused }: Interpreter): string | undefined {
  return unused === undefined
    ? undefined
    : `Use the project's own environment: deactivate the active one, or add --python ${
      shellWord(unused)
    }`;
}

/** The command that installs packages for exactly this interpreter. `-e .` stands for the project itself. */
export function installCommand(interpreter: Interpreter, packages: readonly string[]): string {
  const { manager, environment } = interpreter;
  const isProject = packages[0] === "-e";
  const names = packages.map((name) => name.includes("[") ? `"${name}"` : name).join(" ");
  if (environment === "none") {
    const environment = pathInProject(interpreter, ".venv");
    const pip = platform() === "win32" ? ["Scripts", "pip"] : ["bin", "pip"];
    return commandAfter(
      `${pythonCommand(interpreter)} -m venv ${shellWord(environment)}`,
      `${shellProgram(join(environment, ...pip))} install ${names}`,
    );
  }
  if (environment === "project") {
    if (isProject) return syncCommand(interpreter) ?? pipCommand(interpreter, names);
    if (manager === "pipenv") return `pipenv install ${names}`;
    if (manager === "uv" || manager === "poetry" || manager === "pdm") {
      return `${manager} add ${names}`;
    }
  }
  return pipCommand(interpreter, names);
}

/** The path of a file of the project, as it is typed in a shell. */
export function pathInProject({ folder = "" }: Interpreter, file: string): string {
  return join(folder, file);
}

/** The command of the project's package manager that installs everything its manifest lists; undefined for pip. */
export function syncCommand({ manager, environment }: Interpreter): string | undefined {
  if (environment !== "project") return undefined;
  if (manager === "uv") return "uv sync";
  return manager === "poetry" || manager === "pdm" || manager === "pipenv"
    ? `${manager} install`
    : undefined;
}

/** The interpreter as it is typed in a shell. */
export function pythonCommand({ command, args }: Interpreter): string {
  return [shellProgram(command), ...args.map((part) => shellWord(part))].join(" ");
}

/** The command that installs what `pip install` accepts for this interpreter. */
export function pipCommand(interpreter: Interpreter, names: string): string {
  const { manager, pipless, command } = interpreter;
  // Environments of uv have no pip.
  if (manager === "uv" || pipless === "uv") {
    return `uv pip install --python ${shellWord(command)} ${names}`;
  }
  const install = `${pythonCommand(interpreter)} -m pip install ${names}`;
  return pipless === "venv"
    ? commandAfter(`${pythonCommand(interpreter)} -m ensurepip`, install)
    : install;
}
