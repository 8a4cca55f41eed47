import { platform } from "node:os";

/** A command as `spawn` and `execFile` accept it. */
export interface CommandLine {
  readonly file: string;
  readonly args: string[];
  /** The arguments are quoted already. */
  readonly windowsVerbatimArguments: boolean;
}

/** Reports whether a program is a batch file of Windows, as npm, pip and pyenv install them. */
export function isBatchFile(command: string, system: string = platform()): boolean {
  return system === "win32" && /\.(bat|cmd)[. ]*$/i.test(command);
}

/**
 * The command to start a program with. Node and Bun refuse to start a batch file (EINVAL): `cmd.exe` runs it.
 *
 * @param shell the path of `cmd.exe`
 * @throws Error for a batch file and an argument with a line break, which no batch file can receive
 */
export function commandLine(
  command: string,
  args: readonly string[],
  { system = platform(), shell = "cmd.exe" }: {
    readonly system?: string;
    readonly shell?: string;
  } = {},
): CommandLine {
  if (!isBatchFile(command, system)) {
    return { file: command, args: [...args], windowsVerbatimArguments: false };
  }
  const line = [command, ...args].map(batchArgument).join(" ");
  return {
    file: shell,
    args: ["/e:ON", "/v:OFF", "/d", "/s", "/c", `"${line}"`],
    windowsVerbatimArguments: true,
  };
}

/** Quotes an argument for `cmd.exe`. */
// As Rust's standard library quotes them (library/std/src/sys/args/windows.rs): `%` is read as a variable even in quotes.
export function batchArgument(argument: string): string {
  if (/[\r\n\0]/.test(argument)) {
    throw new Error("A batch file cannot receive an argument with a line break");
  }
  const escaped = argument
    .replace(/(\\*)"/g, '$1$1""')
    .replaceAll("%", "%%cd:~,%");
  if (/^[\w#$*+\-./:?@\\]*[\w#$*+\-./:?@]$/.test(argument)) return escaped;
  return `"${escaped.replace(/\\+$/, "$&$&")}"`;
}
