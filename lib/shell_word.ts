import { platform } from "node:os";

// Printed commands are for PowerShell on Windows, whose words `cmd.exe` accepts too, and for a POSIX shell elsewhere.

/** Quotes a text for the user's shell, if it needs quotes. */
export function shellWord(text: string, system: string = platform()): string {
  if (system === "win32") {
    return /^[\w@+=:./\\-]+$/.test(text) ? text : `"${escapedPart(text)}"`;
  }
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

/** A part of a PowerShell word between double quotes. */
export function escapedPart(text: string): string {
  // PowerShell takes typographic double quotes for quotes, too.
  return text.replace(/["$`\u201c-\u201e]/g, "`$&");
}

/** {@link shellWord} for the program of a command: PowerShell prints a quoted text instead of running it. */
export function shellProgram(path: string, system: string = platform()): string {
  const word = shellWord(path, system);
  return system === "win32" && word.startsWith('"') ? `& ${word}` : word;
}

/** The value of an environment variable, as a part of a word between double quotes. */
export function shellVariable(name: string, system: string = platform()): string {
  return system === "win32" ? `\${env:${name}}` : `$${name}`;
}

/**
 * A command whose last flag receives a JSON text: as a word, and on Windows from standard input, since Windows PowerShell 5.1
 * removes double quotes from arguments.
 *
 * @param flag `word` is the flag's name before a text, `stdin` the flag with a value that reads standard input
 */
export function commandWithJson(
  json: string,
  { before, flag, after = [] }: {
    readonly before: readonly string[];
    readonly flag: { readonly word: string; readonly stdin: string };
    readonly after?: readonly string[];
  },
  system: string = platform(),
): string {
  if (system !== "win32") {
    return [...before, `${flag.word} ${shellWord(json, system)}`, ...after].join(" ");
  }
  // PowerShell 5.1 writes ASCII to a pipe, and typographic quotes end a text. Between values, control characters are spaces.
  const ascii = json.replace(/[\t\r\n]/g, " ").replace(
    /[^ -~]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
  return [`'${ascii.replaceAll("'", "''")}' |`, ...before, flag.stdin, ...after].join(" ");
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
