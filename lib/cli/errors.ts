/** Errors of command lines: each is a usage error (exit code 2) with the way to fix it. */
import { type ToolError, usageError } from "../errors.ts";
import { didYouMean, spelled } from "./suggestions.ts";

/** Two or more flags or arguments that cannot be combined: `--check`, `--dry-run`. */
export function mutuallyExclusive(...names: readonly string[]): ToolError {
  return usageError(`${names.join(" and ")} exclude each other`);
}

/** A flag that another flag or a mode requires: `--pool-size`, `--mode pool`. */
export function onlyFor(flag: string, context: string, fix?: string | readonly string[]) {
  return usageError(`${flag} is only for ${context}`, fix);
}

/** A flag without the flag, file or value that it depends on. */
export function flagNeeds(flag: string, what: string, fix?: string | readonly string[]) {
  return usageError(`${flag} needs ${what}`, fix);
}

/** A flag in a combination that it does not support: `--path`, `--protocol rpyc`. */
export function notSupportedWith(flag: string, other: string, fix?: string | readonly string[]) {
  return usageError(`${flag} is not supported with ${other}`, fix);
}

/** An argument or flag with an empty value. */
export function emptyValue(name: string, fix?: string): ToolError {
  return usageError(`${name} is empty`, fix);
}

/** A name that is not one of a known set. */
export function unknownName(what: string, name: string, names: readonly string[]): ToolError {
  return usageError(
    `Unknown ${what} "${name}"`,
    names.length === 0 ? undefined : `Use one of ${names.join(", ")}`,
  );
}

/** An environment variable that a flag names and that is not set. */
export function variableNotSet(flag: string, name: string): ToolError {
  return usageError(
    // A user who passed the token instead of a name must not find it in a log.
    /^[A-Z_][A-Z\d_]*$/.test(name)
      ? `The environment variable "${name}" is not set`
      : `The environment variable that ${flag} names is not set`,
    `${flag} expects the name of an environment variable, not the token itself`,
  );
}

/** A token or header value that HTTP cannot carry. `what` names it without its value. */
export function notAHeaderValue(what: string): ToolError {
  return usageError(`${what} contains characters that are not allowed in a header`);
}

/** A `--header` that is not `Name: value`; its text may be a secret. */
export function malformedHeader(): ToolError {
  return usageError("Invalid header", "--header is written as 'Name: value'");
}

/** A `--header` that the HTTP client sets itself. */
export function reservedHeader(name: string): ToolError {
  return usageError(`The header "${name}" is set by the request itself`);
}

/** An `--out` that names a folder instead of a file. */
export function outputIsFolder(out: string, name: string): ToolError {
  return usageError(`--out "${out}" is a folder`, `Specify a file in it: --out ${out}${name}`);
}

/** An `--out` whose file name is not one of TypeScript. */
export function outputHasWrongType(out: string): ToolError {
  return usageError(
    `--out "${out}" is not a TypeScript file`,
    `Use --out ${out.replace(/\.\w+$/, ".ts")}`,
  );
}

/** A flag that the command does not have. `names` are the flags that could be meant. */
export function unknownFlag(flag: string, names: readonly string[], help: string): ToolError {
  return usageError(`Unknown flag "${flag}"${didYouMean(names)}`, listsFlags(help));
}

/** A command that does not exist. `names` are the commands that could be meant. */
export function unknownCommand(input: string, names: readonly string[], help: string): ToolError {
  return usageError(
    `Unknown command "${input}"${didYouMean(names)}`,
    `${help} lists the commands`,
  );
}

/** A word such as `-p1` or `--x=` that can only be a flag, and that the command cannot read. */
export function unreadableFlag(
  { flag, word, isKnown }: { flag: string; word: string; isKnown: boolean },
  help: string,
): ToolError {
  const what = isKnown
    ? `The flag "${flag}" does not accept a value:`
    : `Unknown flag "${flag}" in`;
  return usageError(
    flag === word ? `Unknown flag "${word}"` : `${what} "${word}"`,
    listsFlags(help),
  );
}

/** A value that a flag or argument does not accept. */
export function invalidValue(
  { name, input, reason }: { name: string; input: string; reason: string },
  help: string,
): ToolError {
  return usageError(`Cannot use "${input}" for ${name}: ${reason}`, listsFlags(help));
}

/** A flag without its value; `next` is the flag that follows in its place. */
export function missingValue(name: string, next: string | undefined, help: string): ToolError {
  return usageError(
    next === undefined
      ? `The flag ${spelled(name)} needs a value`
      : `The flag ${spelled(name)} needs a value, but ${spelled(next)} follows`,
    listsFlags(help),
  );
}

/** A required argument that was left out. */
export function missingArgument(placeholder: string, help: string): ToolError {
  return usageError(`The argument ${placeholder} is missing`, listsFlags(help));
}

/** An argument more than the command accepts. */
export function unexpectedArgument(input: string, help: string): ToolError {
  return usageError(`Unexpected argument "${input}"`, listsFlags(help));
}

/** A shell that `pyrpc completions` does not support, or words behind its name. */
export function malformedShell(args: readonly string[], shells: readonly string[]): ToolError {
  return usageError(
    args.length === 0 ? "No shell was specified" : `No completions for "${args.join(" ")}"`,
    `Use one of ${shells.join(", ")}`,
  );
}

/** Any other command line that cannot be read. */
export function malformedCommandLine(message: string, help: string): ToolError {
  return usageError(message, listsFlags(help));
}

function listsFlags(help: string): string {
  return `${help} lists the flags and arguments`;
}
