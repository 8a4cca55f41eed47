import { isAbsolute, relative, sep } from "node:path";
import { ExitCode, ToolError } from "../errors.ts";
import type { CodePlace, Hello, ModuleFailure } from "./protocol.ts";
import {
  installCommand,
  type Interpreter,
  OLDEST_PYTHON,
  useOwnEnvironment,
} from "./install_command.ts";
import { explainMissing, type MissingModule, packageOf } from "./missing_module.ts";

/** The requested interpreter does not exist. */
export function pythonNotFound(python: string, origin: string): ToolError {
  return new ToolError({
    code: "PYTHON_NOT_FOUND",
    message: `No Python at "${python}"`,
    where: origin,
    fix: "Pass the interpreter's path, its name on PATH, or the folder of a virtual environment",
    exitCode: ExitCode.Backend,
  });
}

/** No Python is installed. @param command makes the project's environment with a new Python */
export function noInterpreter(command: string | undefined): ToolError {
  return new ToolError({
    code: "PYTHON_MISSING",
    message: "No Python was found",
    details: ["Looked for an active environment, .venv and venv upwards, python3, python and py"],
    fix: command === undefined
      ? `Install Python ${OLDEST_PYTHON} or newer, or choose one with --python`
      : `Make the project's environment: ${command}`,
    command,
    exitCode: ExitCode.Backend,
  });
}

/** The Python that an environment was made with does not exist any more. */
export function environmentBroken(path: string, command: string): ToolError {
  return new ToolError({
    code: "PYTHON_ENVIRONMENT_BROKEN",
    message: "The Python interpreter of this environment no longer exists",
    where: path,
    fix: `Recreate it: ${command}`,
    exitCode: ExitCode.Backend,
  });
}

/** The interpreter is older than pyRPC supports. */
export function oldInterpreter(command: string, version: string, origin: string): ToolError {
  return new ToolError({
    code: "PYTHON_TOO_OLD",
    message: `Python ${version} is too old: pyRPC needs ${OLDEST_PYTHON} or newer`,
    where: `${command} (${origin})`,
    fix: "Create an environment with a newer Python, or choose one with --python",
    exitCode: ExitCode.Backend,
  });
}

/** The interpreter could not be started, or sent no message. */
export function pythonDoesNotStart(
  interpreter: Pick<Interpreter, "command" | "origin">,
  reason: string,
): ToolError {
  return new ToolError({
    code: "PYTHON_DOES_NOT_START",
    message: `Python failed to start: ${reason}`,
    where: `${interpreter.command} (${interpreter.origin})`,
    fix: "Run it yourself to see the cause, or choose another one with --python",
    exitCode: ExitCode.Backend,
  });
}

/** The interpreter existed when it was found, and does not any more. */
export function pythonGone({ command, origin }: Interpreter): ToolError {
  return new ToolError({
    code: "PYTHON_GONE",
    message: "The Python interpreter no longer exists",
    where: `${command} (${origin})`,
    fix: "Recreate the environment; pyrpc dev continues when it exists",
    exitCode: ExitCode.Backend,
  });
}

/** Context of a failed question. */
export interface FailureContext {
  readonly module: string;
  readonly root: string;
  readonly interpreter: Interpreter;
  readonly hello: Hello | undefined;
  /** Adds the traceback to the error. */
  readonly verbose?: boolean;
  /** Time limit of the import (ms). */
  readonly limit: number;
}

/** The user's module could not be imported: the exception, the line of the user's code, and a fix. */
export function moduleFailed(failure: ModuleFailure, context: FailureContext): ToolError {
  const { message, fix, command } = FAILURES[failure.kind](failure, context);
  // The package is probably there: nothing is installed into an environment that is active by mistake.
  const own = command === undefined ? undefined : useOwnEnvironment(context.interpreter);
  return new ToolError({
    code: `BACKEND_${failure.kind.toUpperCase()}`,
    message,
    ...(failure.place === null ? {} : placed(failure.place, context.root)),
    ...(context.verbose ? { details: failure.traceback.trimEnd().split("\n") } : {}),
    fix: own ?? fix,
    command: own === undefined ? command : undefined,
    exitCode: ExitCode.Backend,
  });
}

const UNKNOWN: MissingModule = { cause: "unknown", lists: [] };

type Explain = (
  failure: ModuleFailure,
  context: FailureContext,
) => {
  readonly message: string;
  readonly fix: string | readonly string[];
  readonly command?: string | undefined;
};

const FAILURES: Record<ModuleFailure["kind"], Explain> = {
  syntax: ({ type, message }) => ({
    message: `${type}: ${message}`,
    fix: "Fix the syntax of this line, or of the one before it",
  }),
  exception: ({ type, message }, { module, verbose }) => ({
    message: message === ""
      ? `${type} while importing "${module}"`
      : `${type} while importing "${module}": ${message}`,
    fix: verbose ? "Fix this line" : "Fix this line; --verbose prints the full traceback",
  }),
  hidden: ({ name = "", others: [file = ""] = [] }) => ({
    message: `"${file}" of the project hides the package "${name}"`,
    fix: `Rename ${file}`,
  }),
  service: ({ type, message }, { module, verbose }) => ({
    message: `"${module}" cannot reach a service while it is imported: ${type}${
      message === "" ? "" : `: ${message}`
    }`,
    fix: [
      "Start that service, or connect in the application's start (lifespan) and not during the import",
      ...(verbose ? [] : ["--verbose prints the full traceback"]),
    ],
  }),
  module: ({ name = "", missing }, { interpreter }) => {
    const explained = explainMissing(name, missing ?? UNKNOWN, interpreter);
    return { ...explained, message: explained.message ?? `No module named "${name}"` };
  },
  entry: ({ name = "", others = [], ...failure }, { module, root, interpreter }) => {
    const missing = failure.missing ?? UNKNOWN;
    const isInProject = missing.cause === "src" || missing.cause === "folder" && name !== module ||
      missing.cause === "submodule" && !missing.installed;
    const explained = isInProject ? explainMissing(name, missing, interpreter) : undefined;
    const close = missing.cause === "misspelled" ? missing.names : [];
    return {
      command: explained?.command,
      message: name === module
        ? `No module "${module}" in ${root}`
        : `No module "${module}" in ${root}: ${explained?.message ?? `"${name}" is missing`}`,
      fix: explained?.fix ??
        (close.length > 0
          ? `Did you mean ${close.map((each) => module.replace(/^[^.]+/, each)).join(" or ")}?`
          : others.length > 0
          ? `Modules that look like an entry: ${others.join(", ")}`
          : "Use the module's name as Python imports it from that folder, such as main or app.main"),
    };
  },
  core: (_, { interpreter }) => ({
    message: `pyrpc_core is not installed for ${interpreter.command} (${interpreter.origin})`,
    fix: `Install it (${
      installCommand(interpreter, ["pyrpc-core"])
    }), or choose another Python with --python`,
    command: installCommand(interpreter, ["pyrpc-core"]),
  }),
  adapter: ({ name = "" }, { interpreter }) => ({
    message:
      `The adapter "${name}" is not installed for ${interpreter.command} (${interpreter.origin})`,
    fix: `Install it: ${installCommand(interpreter, [packageOf(name)])}`,
    command: installCommand(interpreter, [packageOf(name)]),
  }),
  relative: ({ name = "", missing }, { module, root, interpreter }) => ({
    message: `A relative import leaves the package of "${module}", which Python imports in ${root}`,
    fix: missing == null ? "Import the module by its full name, without the leading dot" : [
      ...[explainMissing(name, missing, interpreter).fix].flat(),
      "or import the module by its full name, without the leading dot",
    ],
  }),
  circular: ({ message, chain = [] }) => ({
    message: `Circular import: ${message}`,
    fix: chain.length > 1
      ? `${
        chain.join(" → ")
      }: move what they share into a module of its own, or import inside a function`
      : "Move what both modules need into a third one, or import inside a function",
  }),
  no_app: ({ name = "", others = [] }, { module }) => ({
    message: `"${module}" has no application "${name}"`,
    fix: others.length > 0
      ? `It has: ${others.map((other) => `${module}:${other}`).join(", ")}`
      : "Set the entry to module:name, the name of the application object",
  }),
  several_apps: ({ others = [] }, { module }) => ({
    message: `"${module}" has several applications: ${others.join(", ")}`,
    fix: `Choose the one to serve, ${
      others.map((other) => `${module}:${other}`).join(" or ")
    }: pyrpc init --entry ${module}:${others[0]}`,
  }),
  settings: (_, { root }) => ({
    message: `No Django settings were found in ${root}`,
    fix:
      "Run it in the folder of manage.py, or set DJANGO_SETTINGS_MODULE to the settings, such as mysite.settings",
  }),
  exit: ({ message }, { module }) => ({
    message: `"${module}" exited Python while it was imported: sys.exit(${message})`,
    fix: 'Move code that runs the file under if __name__ == "__main__":',
  }),
  variables: explainVariables,
  encoding: (_, { module }) => ({
    message: `A source of "${module}" is not UTF-8 text`,
    fix: "Save the file as UTF-8",
  }),
  server: ({ name = "" }, { module }) => ({
    message: `"${module}" starts a server while it is imported: ${name}`,
    fix: 'Put that under if __name__ == "__main__":',
  }),
  timeout: (_, { module, limit }) => ({
    message: `"${module}" was still importing after ${Math.round(limit / 1000)} s`,
    fix:
      "Move slow work into a function or the application's start, or set PYRPC_IMPORT_TIMEOUT (seconds)",
  }),
};

function explainVariables(
  { type, name, fields = [], others = [], invalid = [], envFile }: ModuleFailure,
  { module }: FailureContext,
) {
  if (name === undefined || name === null) {
    return {
      message: `The environment variable ${others.join(", ")} is not set`,
      fix: "Set it in the environment, or give it a default in the code",
    };
  }
  const where = envFile == null
    ? `in the environment (${name} reads no .env file)`
    : `in the environment or in ${envFile}`;
  const lacks = others.length > 0 ? [`${name} lacks ${fields.join(", ")}`] : [];
  return {
    message: `${type} while importing "${module}": ${[...lacks, ...invalid].join("; ")}`,
    fix: others.length > 0
      ? `Set ${others.length === 1 ? "it" : "them"} (${others.join(", ")}) ${where}`
      : `Correct the value ${where}`,
  };
}

/** The import exceeded the time limit, and Python could not interrupt it. */
export function moduleHangs(context: FailureContext): ToolError {
  const failure: ModuleFailure = {
    ok: false,
    kind: "timeout",
    type: "",
    message: "",
    place: null,
    traceback: "",
    files: [],
    deepestIsProject: false,
  };
  return moduleFailed(failure, context);
}

/** Python exited without an answer. */
export function pythonEnded(
  { code, signal }: { readonly code: number | null; readonly signal: string | null },
  { module }: FailureContext,
): ToolError {
  return new ToolError({
    code: "BACKEND_ENDED",
    message: `Python exited (${signal ?? `code ${code}`}) while importing "${module}"`,
    fix: signal === null
      ? "The module calls os._exit, or closes file descriptors that it did not open"
      : `Import it yourself to see where: python -X faulthandler -c "import ${module}"`,
    exitCode: ExitCode.Backend,
  });
}

/** The module was imported, but registers no procedure. */
export function noProcedures(module: string, root: string): ToolError {
  return new ToolError({
    code: "BACKEND_NO_PROCEDURES",
    message: "No procedures found — did you remove all @rpc decorators?",
    where: `${module} in ${root}`,
    fix: [
      "Decorate a function: from pyrpc_core import rpc, then @rpc",
      "or use the module that imports them as the entry",
    ],
    exitCode: ExitCode.Backend,
  });
}

function placed(place: CodePlace, root: string) {
  return {
    where: place.column === undefined || place.text === undefined
      ? `${shortPath(place.file, root)}:${place.line}`
      : shortPath(place.file, root),
    ...(place.column === undefined || place.text === undefined || place.text.trim() === "" ? {} : {
      position: { line: place.line, column: Math.max(1, place.column), text: place.text },
    }),
  };
}

/** Path relative to `root`; unchanged for a path outside of it. */
export function shortPath(path: string, root: string): string {
  const short = relative(root, path);
  return short === "" || isAbsolute(short) || short === ".." || short.startsWith(`..${sep}`)
    ? path
    : short;
}
