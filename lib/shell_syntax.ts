/** The syntax of shells, also for the page of the explorer. @module */

// Printed commands are for PowerShell on Windows, whose words `cmd.exe` accepts too, and for a POSIX shell elsewhere.

/** Quotes a text for the shell of a system, if it needs quotes. */
export function shellWord(text: string, system: string): string {
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

/** The value of an environment variable, as a part of a word between double quotes. */
export function shellVariable(name: string, system: string): string {
  return system === "win32" ? `\${env:${name}}` : `$${name}`;
}

/** The parts of a command around its JSON text. */
export interface CommandParts {
  readonly before: readonly string[];
  /** `word` is the flag's name before a text, `stdin` the flag with a value that reads standard input. */
  readonly flag: { readonly word: string; readonly stdin: string };
  readonly after?: readonly string[];
}

/**
 * A command whose last flag receives a JSON text: as a word, and on Windows from standard input, since Windows PowerShell 5.1
 * removes double quotes from arguments.
 */
export function commandWithJson(
  json: string,
  { before, flag, after = [] }: CommandParts,
  system: string,
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
