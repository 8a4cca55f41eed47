import { platform } from "node:os";

// Printed commands are for PowerShell on Windows, whose words `cmd.exe` accepts too, and for a POSIX shell elsewhere.

/**
 * Quotes a text for the user's shell, if it needs quotes.
 *
 * @param system `posix` for a command that is documented as one for a POSIX shell
 */
export function shellWord(text: string, system: string = platform()): string {
  if (system === "win32") {
    return /^[\w@+=:./\\-]+$/.test(text) ? text : `"${text.replace(/["$`]/g, "`$&")}"`;
  }
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

/** {@link shellWord} for the program of a command: PowerShell prints a quoted text instead of running it. */
export function shellProgram(path: string, system: string = platform()): string {
  const word = shellWord(path, system);
  return system === "win32" && word.startsWith('"') ? `& ${word}` : word;
}

/** A command that runs in another folder. Windows PowerShell 5.1 has no `&&`. */
export function commandIn(folder: string, command: string, system: string = platform()): string {
  return `cd ${shellWord(folder, system)}${system === "win32" ? ";" : " &&"} ${command}`;
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
