import { ExitCode, ToolError, usageError } from "../errors.ts";
import { commandIn, shellWord } from "../shell_word.ts";

/** Answers are missing and cannot be requested; the fix is the command that gives them. */
export function setupNeeded(
  { missing, reason, command, where, canDefault }: {
    /** Flags of the missing answers. */
    missing: readonly string[];
    /** The reason why nothing could be detected. */
    reason?: string | undefined;
    command: string;
    where?: string | undefined;
    /** True if `--yes` would answer everything. */
    canDefault: boolean;
  },
): ToolError {
  return new ToolError({
    code: "SETUP_NEEDED",
    message: `pyRPC is not set up here, and this is not an interactive terminal. Missing: ${
      missing.join(", ")
    }${reason === undefined ? "" : ` (${reason})`}`,
    where,
    fix: [
      `Pass the answers:  ${command}`,
      canDefault
        ? "or accept what was detected with --yes"
        : "--yes accepts detected values, but does not choose the distribution",
    ],
    exitCode: ExitCode.Usage,
  });
}

/** Folders directly below are set up already. */
export function configuredBelow(folders: readonly string[], command: string): ToolError {
  return new ToolError({
    code: "SETUP_CONFIGURED_BELOW",
    message: `pyrpc.json was found in a subfolder only: ${folders.join(", ")}`,
    fix: [
      ...folders.map((folder) => commandIn(folder, command)),
      "or set up this folder as well: pyrpc init --entry MODULE",
    ],
    exitCode: ExitCode.Usage,
  });
}

/** The modules of the detected entry are imported from another folder. */
export function entryInFolder(folder: string, entry: string): ToolError {
  return new ToolError({
    code: "SETUP_ENTRY_IN_FOLDER",
    message: `The backend runs in ${folder}: its modules are imported from there (${entry})`,
    fix: `Set it up there:  ${commandIn(folder, "pyrpc init")}`,
    exitCode: ExitCode.Usage,
  });
}

/** Several folders have a backend. */
export function severalEntries(
  entries: readonly { readonly entry: string; readonly folder: string }[],
  commandFor: (entry: string) => string,
): ToolError {
  return new ToolError({
    code: "SETUP_SEVERAL_ENTRIES",
    message: `Several backends were found: ${
      entries.map(({ entry, folder }) => folder === "." ? entry : `${entry} in ${folder}`)
        .join(", ")
    }`,
    fix: entries.map(({ entry, folder }) =>
      folder === "."
        ? commandFor(entry)
        : commandIn(folder, `pyrpc init --entry ${shellWord(entry)}`)
    ),
    exitCode: ExitCode.Usage,
  });
}

/** The detected module has several applications, and none has the usual name. */
export function severalApplications(
  module: string,
  names: readonly string[],
  commandFor: (entry: string) => string,
): ToolError {
  return new ToolError({
    code: "SETUP_SEVERAL_APPLICATIONS",
    message: `"${module}" has several applications: ${names.join(", ")}`,
    fix: names.map((name) => commandFor(`${module}:${name}`)),
    exitCode: ExitCode.Usage,
  });
}

/** The answers of a client are missing and cannot be asked for. */
export function clientSetupNeeded(): ToolError {
  return new ToolError({
    code: "SETUP_NEEDED",
    message:
      "The client is not set up here, and this is not an interactive terminal. Missing: --distribution",
    fix: [
      "Pass the answers:  pyrpc init --client --distribution server --server-url http://localhost:8000",
      "or, where the backend writes the types:  pyrpc init --client --distribution workspace",
    ],
    exitCode: ExitCode.Usage,
  });
}

/** The user declined to convert a file of a later format. */
export function conversionDeclined(path: string): ToolError {
  return new ToolError({
    code: "CONVERSION_DECLINED",
    message: "The file was not converted; nothing was written",
    where: path,
    fix: "Without --reconfigure the file is used as it is",
    exitCode: ExitCode.No,
  });
}

/** `--server-url` for types that the backend writes. */
export function serverUrlWithWorkspace(): ToolError {
  return usageError(
    "--server-url has no effect with --distribution workspace",
    "The backend writes the types in that case; remove one of the two flags",
  );
}

/** A `--server-url` that is not an HTTP URL. */
export function invalidServerUrl(problem: string): ToolError {
  return usageError(`--server-url: ${problem}`);
}

/** `--entry` names a module that does not exist. */
export function entryNotFound(
  entry: string,
  reason: string,
  near: string | undefined,
): ToolError {
  return usageError(
    `--entry ${entry}: ${reason}`,
    near === undefined ? undefined : `Did you mean --entry ${shellWord(near)}?`,
  );
}

/** `--client-root` names no folder. @param folder the absolute path of the folder to create */
export function clientNotFound(
  root: string,
  folder: string,
  near: string | undefined,
): ToolError {
  const isHome = root.startsWith("~");
  return new ToolError({
    code: "CLIENT_ROOT_NOT_FOUND",
    message: `The client project "${root}" does not exist: no folder ${folder}`,
    fix: [
      ...(isHome ? ["Write the path without ~ and quotes"] : []),
      ...(near === undefined ? [] : [`Did you mean --client-root ${shellWord(near)}?`]),
      ...(isHome
        ? []
        : [`Create one:  npm create vite@latest ${shellWord(folder)} -- --template react-ts`]),
      "or, when it lives in another repository:  --distribution server",
    ],
    exitCode: ExitCode.Config,
  });
}

/** `--client-root` names a file. */
export function clientIsFile(root: string, folder: string | undefined): ToolError {
  return new ToolError({
    code: "CLIENT_ROOT_NOT_FOUND",
    message: `The client project "${root}" is a file, not a folder`,
    fix: folder === undefined
      ? "Use the folder with your frontend's package.json"
      : `Did you mean --client-root ${shellWord(folder)}?`,
    exitCode: ExitCode.Config,
  });
}

/** `--client-root` names a folder without a TypeScript or JavaScript project. */
export function notAClient(root: string, near: string | undefined): ToolError {
  return new ToolError({
    code: "CLIENT_NOT_TYPESCRIPT",
    message: `--client-root ${
      root === "" ? '""' : root
    } is not a TypeScript or JavaScript project: it has no package.json and no tsconfig.json`,
    fix: [
      ...(near === undefined ? [] : [`Did you mean --client-root ${shellWord(near)}?`]),
      "Use the folder with your frontend's package.json, or accept this one with --force",
    ],
    exitCode: ExitCode.Config,
  });
}
