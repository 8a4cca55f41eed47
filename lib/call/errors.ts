/** Errors of `pyrpc call` before anything is sent. */
import { platform } from "node:os";
import { ToolError, usageError } from "../errors.ts";
import { commandWithJson, shellWord } from "../shell_word.ts";

/** A SOURCE that is not a running server. */
export function notAServer(kind: "file" | "stdin" | "module"): ToolError {
  const what = { file: "a file", stdin: "standard input", module: "a Python module" }[kind];
  return usageError(
    `Only a running server can be called, and SOURCE is ${what}`,
    "Use the server's URL, such as http://localhost:8000",
  );
}

/** Some arguments with a name and some without. */
export function mixedArguments(system: string = platform()): ToolError {
  return usageError(
    "Arguments by position and by name cannot be mixed",
    system === "win32"
      ? `Pass all as key=value, or as JSON: ${pipedArguments('{"name": "a=b"}')}`
      : 'Pass all as key=value, or quote a text that contains "=": \'"a=b"\'',
  );
}

/** A command with JSON for PowerShell, whose version 5.1 removes double quotes from arguments. */
function pipedArguments(json: string): string {
  const flag = { word: "--data", stdin: "--data -" };
  return commandWithJson(json, { before: ["pyrpc call"], flag, after: ["URL PROCEDURE"] }, "win32");
}

/** The same name twice. */
export function repeatedArgument(name: string): ToolError {
  return usageError(`The argument "${name}" appears twice`);
}

/** An argument that begins like JSON and is not. */
export function malformedArgument(text: string, system: string = platform()): ToolError {
  return usageError(
    `The argument ${JSON.stringify(text.slice(0, 60))} is not JSON`,
    system === "win32"
      ? `Pass all arguments as JSON: ${pipedArguments('{"name": {"key": 1}}')}`
      : "Quote it for the shell: '{\"key\": 1}'",
  );
}

/** Arguments that are nested deeper than a server accepts. */
export function deepArguments(): ToolError {
  return usageError("The arguments are nested too deeply");
}

/** Params that are not JSON. */
export function malformedData(): ToolError {
  return usageError("--data is not JSON", "Pass a list or an object");
}

/** Params that are a number, a text or a boolean. */
export function scalarData(): ToolError {
  return usageError(
    "--data is neither a list nor an object",
    "The params of a call are a list (by position) or an object (by name)",
  );
}

/** Standard input beyond `--max-size`. */
export function largeStandardInput(): ToolError {
  return usageError("Standard input is too large for --data", "Raise the limit with --max-size");
}

/** Standard input that is not text. */
export function binaryStandardInput(): ToolError {
  return usageError("Standard input is not UTF-8");
}

/** A procedure that the contract does not have, with the way to call it anyway. */
export function callOfUnknownProcedure(
  { code, message, where, exitCode, fix }: ToolError,
): ToolError {
  const hint = '"pyrpc inspect" lists them; --no-check calls it anyway';
  return new ToolError({ code, message, where, exitCode, fix: [...fix, hint] });
}

/** A file among the arguments that cannot be read. */
export function argumentFileNotRead(
  argument: string,
  path: string,
  code: string,
  system: string = platform(),
): ToolError {
  const json = JSON.stringify(argument);
  const text = system === "win32"
    ? `pass all arguments as JSON: ${pipedArguments(`{"name": ${json}}`)}`
    : `quote it: ${shellWord(json, system)}`;
  return usageError(
    code === "ENOENT" ? `No file ${path}` : `Cannot read ${path} (${code})`,
    `"@" sends the content of a file; to send the text itself, ${text}`,
  );
}

/** A file among the arguments that is too large. */
export function largeArgumentFile(path: string): ToolError {
  return usageError(`${path} is larger than 64 MiB`);
}

/** A file that is not text, for a parameter that does not declare Base64. */
export function argumentFileNotText(argument: string, path: string): ToolError {
  return usageError(
    `${path} is not UTF-8 text, and the parameter does not declare Base64`,
    `Declare the parameter as Base64Bytes of Pydantic: pyrpc then sends ${argument} as Base64`,
  );
}
