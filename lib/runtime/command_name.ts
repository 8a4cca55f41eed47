import { basename } from "node:path";

/** The parts of a process that show how a user started it. */
export interface StartedProcess {
  /** The path of the program, with links resolved. */
  readonly execPath: string;
  /** The first word of the command line as it was typed. */
  readonly argv0: string;
  /** The path of the script, if the program is an engine such as Node. */
  readonly script: string | undefined;
}

const OWN_NAMES = ["pyrpc", "pyrpc-toolkit"];
const MODULES = /[/\\]node_modules[/\\]/;

/**
 * Returns the command that a user types to run this program again: `pyrpc`, `pyrpc-toolkit` (the name in Python
 * environments, where `pyrpc` is the command of pyrpc-core), or that of a runner: `npx pyrpc`, `uvx pyrpc-toolkit`.
 */
export function commandNameOf({ execPath, argv0, script }: StartedProcess): string {
  const program = basename(execPath).replace(/\.exe$/i, "");
  // A script of npm's packages; a global installation has a link outside of `node_modules`.
  if (!OWN_NAMES.includes(program)) {
    return script !== undefined && MODULES.test(script) ? "npx pyrpc" : "pyrpc";
  }
  if (MODULES.test(execPath)) return "npx pyrpc";
  // UV_CACHE_DIR can be any folder.
  if (/[/\\](?:archive|environments)-v\d+[/\\]/.test(execPath)) return `uvx ${program}`;
  if (/[/\\]pipx[/\\](?:\.cache[/\\])?[0-9a-f]{15}[/\\]/.test(execPath)) {
    return `pipx run ${program}`;
  }
  const typed = basename(argv0).replace(/\.exe$/i, "");
  return OWN_NAMES.includes(typed) ? typed : program;
}
