import { platform } from "node:os";
import * as syntax from "./shell_syntax.ts";

export { escapedPart } from "./shell_syntax.ts";

/** Quotes a text for the user's shell, if it needs quotes. */
export function shellWord(text: string, system: string = platform()): string {
  return syntax.shellWord(text, system);
}

/** The value of an environment variable, as a part of a word between double quotes. */
export function shellVariable(name: string, system: string = platform()): string {
  return syntax.shellVariable(name, system);
}

/** {@link syntax.commandWithJson} for the user's shell. */
export function commandWithJson(
  json: string,
  parts: syntax.CommandParts,
  system: string = platform(),
): string {
  return syntax.commandWithJson(json, parts, system);
}

/** {@link shellWord} for the program of a command: PowerShell prints a quoted text instead of running it. */
export function shellProgram(path: string, system: string = platform()): string {
  const word = shellWord(path, system);
  return system === "win32" && word.startsWith('"') ? `& ${word}` : word;
}

/** A command that runs after another one. Windows PowerShell 5.1 has no `&&`. */
export function commandAfter(first: string, next: string, system: string = platform()): string {
  return `${first}${system === "win32" ? ";" : " &&"} ${next}`;
}

/** A command that runs in another folder. */
export function commandIn(folder: string, command: string, system: string = platform()): string {
  return commandAfter(`cd ${shellWord(folder, system)}`, command, system);
}

/** The command that makes a file or folder writable. */
export function writableCommand(path: string, system: string = platform()): string {
  const command = system === "win32" ? "attrib -r" : "chmod u+w";
  return `${command} ${shellWord(path, system)}`;
}

/** The command that makes a folder, and what joins it to the next command. */
export function makeFolderCommand(folder: string, system: string = platform()): string {
  const word = shellWord(folder, system);
  return system === "win32" ? `mkdir ${word};` : `mkdir -p ${word} &&`;
}

/** The command that removes a folder. */
export function removeFolderCommand(folder: string, system: string = platform()): string {
  const command = system === "win32" ? "Remove-Item -Recurse -Force" : "rm -r";
  return `${command} ${shellWord(folder, system)}`;
}
