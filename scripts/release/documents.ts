/**
 * Completions and the man page, as files. Both come from the declarations of the commands.
 *
 * @module
 */

import { COMMAND_NAMES } from "../../commands/mod.ts";
import { VERSION } from "../../lib/version.ts";
import { runCli } from "../../tests/support/run_cli.ts";

/** The completion scripts by their paths in packages. */
export async function completionFiles(): Promise<Map<string, string>> {
  const names = {
    "completions/pyrpc.bash": "bash",
    "completions/_pyrpc": "zsh",
    "completions/pyrpc.fish": "fish",
    "completions/pyrpc.ps1": "powershell",
  };
  const files = new Map<string, string>();
  for (const [path, shell] of Object.entries(names)) {
    files.set(path, await printed(["completions", shell]));
  }
  return files;
}

async function printed(args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await runCli(args);
  if (code !== 0) throw new Error(`pyrpc ${args.join(" ")} failed: ${stderr}`);
  return stdout;
}

/** Creates `pyrpc.1`: the help of the program and of every command. */
export async function manPage(): Promise<string> {
  const lines = [
    `.TH PYRPC 1 "" "pyrpc-toolkit ${VERSION}" "User Commands"`,
    ".SH NAME",
    "pyrpc, pyrpc-toolkit \\- keep a Python backend (pyRPC) and a TypeScript frontend in sync",
    ".SH SYNOPSIS",
    ".B pyrpc",
    ".I command",
    ".RI [ flags ]",
    ".SH DESCRIPTION",
    ...preformatted((await printed(["--help"])).replace(/^USAGE\n(?: .*\n)*\n/, "")),
  ];
  for (const name of COMMAND_NAMES) {
    lines.push(`.SH ${escape(`pyrpc ${name}`).toUpperCase()}`);
    lines.push(...preformatted(await printed([name, "--help"])));
  }
  lines.push(
    ".SH EXIT STATUS",
    "0 done, 1 a check or call failed, 2 usage, 3 configuration or file, 4 the backend cannot be loaded,",
    "5 the server is unreachable or wrong, 70 internal error, 130 and 143 interrupted.",
  );
  return `${lines.join("\n")}\n`;
}

function preformatted(text: string): string[] {
  const lines: string[] = [];
  let isOpen = false;
  for (const line of text.trim().split("\n")) {
    const isHeading = /^[A-Z][A-Z ]+$/.test(line);
    if (isHeading) {
      if (isOpen) lines.push(".fi");
      lines.push(`.SS ${line}`, ".nf");
      isOpen = true;
      continue;
    }
    if (!isOpen) lines.push(".nf");
    isOpen = true;
    lines.push(escape(line));
  }
  return isOpen ? [...lines, ".fi"] : lines;
}

// Escapes characters that roff interprets: backslashes, hyphens that are copied, a dot or quote that begins a line.
function escape(text: string): string {
  return text.replaceAll("\\", "\\e").replaceAll("-", "\\-").replace(/^(?=[.'])/, "\\&")
    .replaceAll("…", "...").replaceAll("–", "\\(en").replaceAll("×", "\\(mu").replaceAll(
      "≥",
      "\\(>=",
    );
}
