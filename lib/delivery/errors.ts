import { platform } from "node:os";
import { ExitCode, ToolError, usageError } from "../errors.ts";
import { isHeldOpen } from "../rename_busy.ts";
import { writableCommand } from "../shell_word.ts";
import type { NamedTarget } from "./named_target.ts";
import { freeNeighbour } from "./free_neighbour.ts";

/** A plan names a path that is not below the folder it was given. */
export function outsideRoot(path: string, root: string, because: string): ToolError {
  return new ToolError({
    code: "TARGET_OUTSIDE_ROOT",
    message: `Refusing to write outside "${root}": ${because}`,
    where: path,
    fix: "Use a target inside the folder, or replace the link by a real folder",
    exitCode: ExitCode.Config,
  });
}

/** The folder that a plan writes below does not exist (any more). */
export function rootMissing(root: string, cause?: unknown): ToolError {
  return new ToolError({
    code: "TARGET_VANISHED",
    message: `The folder "${root}" does not exist`,
    where: root,
    fix: "Create it, or use another one",
    exitCode: ExitCode.Config,
    cause,
  });
}

/** A folder, a device or a pipe is in the place of a file. */
export function notARegularFile(path: string, what: string, named?: NamedTarget): ToolError {
  return new ToolError({
    code: "TARGET_NOT_A_FILE",
    message: `Cannot write "${path}": there is ${what}`,
    where: path,
    fix: named !== undefined
      ? `Specify a file: ${named.flag} examples.json`
      : what === "a folder"
      ? 'Specify a file, such as "--out src/api.ts"'
      : 'Use a regular file, or print to standard output with "--out -"',
    exitCode: ExitCode.Config,
  });
}

/** The operating system has no files of this name. */
export function unusableName(path: string, problem: string, named?: NamedTarget): ToolError {
  return new ToolError({
    code: "TARGET_NAME",
    message: `Cannot write "${path}": ${problem}`,
    where: path,
    fix: named === undefined ? "Use another name" : `Use another name for ${named.flag}`,
    exitCode: ExitCode.Config,
  });
}

/** A file stands where a folder is needed. */
export function notAFolder(path: string): ToolError {
  return new ToolError({
    code: "TARGET_NOT_A_FOLDER",
    message: `Cannot write below "${path}": it is not a folder`,
    where: path,
    fix: "Move that file away, or use another target",
    exitCode: ExitCode.Config,
  });
}

/** A file that others wrote stands where generated text is to go. */
export function foreignFile(path: string, named?: NamedTarget): ToolError {
  return new ToolError({
    code: "TARGET_FOREIGN",
    message: named === undefined
      ? `Cannot write "${path}": it was not written by pyrpc and would be overwritten`
      : `Cannot write "${path}": it was not written by pyrpc, or was edited since, and would be overwritten`,
    where: path,
    fix: named === undefined
      ? "Use another --out, or remove the file"
      : `Use another target: ${named.flag} "${freeNeighbour(named.path)}"`,
    exitCode: ExitCode.Config,
  });
}

/** The target, or the folder it is in, may not be written. */
export function readOnlyTarget(path: string, cause?: unknown): ToolError {
  return new ToolError({
    code: "TARGET_READ_ONLY",
    message: `Cannot write "${path}": it is read-only`,
    where: path,
    fix: `Make it writable: ${writableCommand(path)}, or use another target`,
    exitCode: ExitCode.Config,
    cause,
  });
}

/** The operating system refused to write; the previous file is whole. */
export function writeFailed(
  path: string,
  cause: unknown,
  system: string = platform(),
): ToolError {
  const known = knownReason(cause, system);
  return new ToolError({
    code: known?.code ?? "TARGET_WRITE_FAILED",
    message: `Cannot write "${path}": ${known?.what ?? reasonOf(cause)}`,
    where: path,
    details: ["Nothing was changed: the previous content is still there"],
    fix: known?.fix,
    exitCode: ExitCode.Config,
    cause,
  });
}

/** Some files of a plan were replaced before the operating system refused another one. */
export function partlyWritten(path: string, written: readonly string[], cause: unknown): ToolError {
  return new ToolError({
    code: "TARGET_WRITE_FAILED",
    message: `Cannot write "${path}": ${reasonOf(cause)}`,
    where: path,
    details: [`Already written completely: ${written.join(", ")}`],
    fix: "Fix the cause and run the same command again",
    exitCode: ExitCode.Config,
    cause,
  });
}

/** The present content cannot be read. */
export function readFailed(path: string, cause: unknown): ToolError {
  return new ToolError({
    code: "TARGET_READ_FAILED",
    message: `Cannot read "${path}": ${reasonOf(cause)}`,
    where: path,
    exitCode: ExitCode.Config,
    cause,
  });
}

/** The `code` of a system error, such as `ENOSPC`. */
export function codeOf(error: unknown): string | undefined {
  const code = (error as { code?: unknown } | null | undefined)?.code;
  return typeof code === "string" ? code : undefined;
}

const HELD_OPEN = {
  code: "TARGET_BUSY",
  what: "another program has it open, or you have no permission",
  fix:
    "Close it in editors and other programs, check the permissions, and run the same command again",
};

const REASONS: Record<string, { code: string; what: string; fix: string } | undefined> = {
  ENOSPC: { code: "TARGET_FULL", what: "the disk is full", fix: "Free some space and try again" },
  EDQUOT: {
    code: "TARGET_FULL",
    what: "the disk quota is used up",
    fix: "Free some space and try again",
  },
  EFBIG: { code: "TARGET_FULL", what: "the file would be too large", fix: "Raise the limit" },
  EACCES: {
    code: "TARGET_READ_ONLY",
    what: "permission denied",
    fix: "Make the folder writable, or use another target",
  },
  EPERM: {
    code: "TARGET_READ_ONLY",
    what: "operation not permitted",
    fix: "Make the folder writable, or use another target",
  },
  EROFS: {
    code: "TARGET_READ_ONLY",
    what: "the file system is read-only",
    fix: "Use a target on a writable file system",
  },
  ENOENT: {
    code: "TARGET_VANISHED",
    what: "its folder no longer exists",
    fix: "Create the folder again, or use another target",
  },
  ENAMETOOLONG: {
    code: "TARGET_WRITE_FAILED",
    what: "the name is too long",
    fix: "Use a shorter path",
  },
};

function knownReason(cause: unknown, system: string) {
  if (isHeldOpen(cause, system)) return HELD_OPEN;
  const code = codeOf(cause);
  return code === undefined ? undefined : REASONS[code];
}

function reasonOf(cause: unknown): string {
  return knownReason(cause, platform())?.what ??
    (cause instanceof Error ? cause.message : String(cause));
}

/** No client is near, and none is invented. */
export function noClientNear(start: string, python: string | undefined): ToolError {
  return new ToolError({
    code: "NO_CLIENT",
    message: python === undefined
      ? `No client project was found: no package.json in "${start}" or above it`
      : `No client project was found: "${python}" belongs to a Python project`,
    where: start,
    fix: [
      'Specify where the types go: "--out ../web/src/api.ts", or "--out -" to print them',
      "or run it in the folder of the frontend, where its package.json is",
    ],
    exitCode: ExitCode.Usage,
  });
}

/** A package is wanted where there are no `node_modules`. */
export function noModulesWithPlugAndPlay(sign: string): ToolError {
  return new ToolError({
    code: "PLUG_AND_PLAY",
    message: "The package layout needs node_modules, which Yarn's Plug'n'Play does not create",
    where: sign,
    fix: 'Use "--layout alias", or write one file: "--out src/api.ts"',
    exitCode: ExitCode.Usage,
  });
}

/** The compiler would resolve the types to another location than they are written to. */
export function aliasElsewhere(name: string, config: string, value: string): ToolError {
  return new ToolError({
    code: "ALIAS_CONFLICT",
    message: `${name} is already configured to point elsewhere in ${config}: ${value}`,
    where: config,
    fix: [
      'Remove it from "paths" there,',
      'or write the types to the file that it names, with "--out"',
    ],
    exitCode: ExitCode.Config,
  });
}

/** An own `paths` in this file would hide those of the file that it extends. */
export function aliasInherited(
  { name, config, inherited, value }: {
    name: string;
    config: string;
    inherited: string;
    value: string;
  },
): ToolError {
  return new ToolError({
    code: "ALIAS_INHERITED",
    message:
      `Cannot add ${name} to ${config}: its "paths" come from a file that it extends, and its own would override those`,
    where: inherited,
    fix: [`Add to "paths" there: "${name}": ["${value}"]`, "and run the same command again"],
    exitCode: ExitCode.Config,
  });
}

/** A `tsconfig.json` that cannot be understood. */
export function tsConfigBroken(
  { path, reason, position }: {
    path: string;
    reason: string;
    position: { line: number; column: number; text: string };
  },
): ToolError {
  return new ToolError({
    code: "TSCONFIG_BROKEN",
    message: `Cannot read the compiler's configuration: ${reason}`,
    where: path,
    position,
    fix: "Fix the file; comments and trailing commas are allowed",
    exitCode: ExitCode.Config,
  });
}

/** The client's `package.json` cannot be understood. */
export function manifestBroken(path: string, reason: string): ToolError {
  return new ToolError({
    code: "MANIFEST_BROKEN",
    message: `Cannot add a script to package.json: ${reason}`,
    where: path,
    exitCode: ExitCode.Config,
  });
}

/** The folder of a client that `pyrpc.json` names does not exist (any more). */
export function clientGone(root: string): ToolError {
  return new ToolError({
    code: "CLIENT_GONE",
    message: "The client project does not exist",
    where: root,
    fix:
      "Types are delivered once it exists again; for another folder run pyrpc init --reconfigure",
    exitCode: ExitCode.Config,
  });
}

/** The system failed in an unexpected way. An error of another kind is a bug of ours and is thrown again. */
export function deliveryFailed(root: string, cause: unknown): ToolError {
  if (!(cause instanceof Error && "code" in cause && "syscall" in cause)) throw cause;
  return new ToolError({
    code: "DELIVERY_FAILED",
    message: `Types cannot be written: ${cause.message}`,
    where: root,
    exitCode: ExitCode.Config,
    cause,
  });
}

/** The types would replace the schema that they are generated from. */
export function overwritesSource(where: string): ToolError {
  return usageError(`The types would overwrite the schema "${where}"`, "Use another --out");
}

/** With `--strict`: the types are wider than the schema. */
export function notExact(where: string, count: number): ToolError {
  return new ToolError({
    code: "SCHEMA_NOT_EXACT",
    message: `The types cannot express the schema exactly (${count} warning${
      count === 1 ? "" : "s"
    } above); nothing was written`,
    where,
    fix: "Remove --strict to accept wider types",
    exitCode: ExitCode.No,
  });
}

/** The types at a target come from another backend. */
export function otherBackend(
  types: string,
  present: {
    readonly project?: string | undefined;
    readonly module?: string | undefined;
    readonly urls: readonly string[];
  } | undefined,
): ToolError {
  const { project, module } = present ?? {};
  const local = module === undefined ? project : `module "${module}" in ${project}`;
  const backend = local ?? present?.urls.join(", ") ?? "another one";
  return new ToolError({
    code: "TYPES_OF_OTHER_BACKEND",
    message: `The types there come from another backend: ${backend}`,
    where: types,
    fix: [
      'Use a separate target for each backend: "target": "@pyrpc/NAME-types" or "src/NAME.ts"',
      "  (in a server of pyrpc-client.json, or in a client of pyrpc.json)",
      "or replace them: --force",
    ],
    exitCode: ExitCode.Config,
  });
}

/** A framework writes the compiler's configuration itself, so that an alias has to be in its own. */
export function aliasOfFramework(
  { name, path, snippet }: {
    readonly name: string;
    readonly path: string;
    readonly snippet: string;
  },
): ToolError {
  return new ToolError({
    code: "ALIAS_OF_FRAMEWORK",
    message: `${name} generates the compiler's paths: the alias belongs in its own configuration`,
    where: path,
    fix: [`Add ${snippet} there, and run the same command again`, "or use --layout package"],
    exitCode: ExitCode.Config,
  });
}

/** `--save-script` outside of a client project. */
export function noClientProject(): ToolError {
  return usageError(
    "--save-script needs a client project",
    "Run it in the folder that has the package.json",
  );
}

/** A name that npm does not accept. */
export function invalidPackageName(name: string): ToolError {
  return usageError(
    `"${name}" cannot be the name of a package`,
    "Use lowercase letters, digits, dots and dashes, optionally with a scope: --package-name @org/api-types",
  );
}

/** A version that npm does not accept. */
export function invalidPackageVersion(version: string): ToolError {
  return usageError(
    `"${version}" is not a version of a package`,
    "Use three numbers, such as --package-version 1.2.3",
  );
}

/** `--package-version` with another layout. */
export function versionWithoutPackage(): ToolError {
  return usageError(
    "--package-version works only with the package layout",
    "Remove it, or add --layout package",
  );
}

/** `--layout alias` with `--out`. */
export function aliasWithOut(aliasFile: string): ToolError {
  return usageError(
    `--layout alias writes ${aliasFile} in the client's root and cannot be used with --out`,
    "Remove one of the two",
  );
}

/** `--layout file` without `--out`. */
export function fileWithoutOut(): ToolError {
  return usageError("--layout file needs the file's name", 'Add "--out src/api.ts"');
}

/** `--out` is the file of `--client`. */
export function outIsClient(file: string): ToolError {
  return usageError(`"${file}" is the client's file`, "Use another name for --out");
}
