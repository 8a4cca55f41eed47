import { run, type StricliProcess } from "@stricli/core";
import { ExitCode, ToolError } from "../lib/errors.ts";
import type { Console } from "../lib/runtime/mod.ts";
import { renderError, styleFor } from "../lib/terminal/mod.ts";
import { prepareArguments, type PreparedArguments } from "../lib/cli/mod.ts";
import { buildCli, loadRoutes } from "./mod.ts";

/** Runs one command line and returns its exit code; nothing here ends the process. */
export async function runCli(args: readonly string[], console: Console): Promise<number> {
  const process: StricliProcess = {
    stdout: { write: (text) => console.stdout.write(text) },
    stderr: { write: (text) => console.stderr.write(text) },
    env: { STRICLI_NO_COLOR: "1", STRICLI_SKIP_VERSION_CHECK: "1" },
  };
  const words = args.length === 0 ? await withoutCommand(console) : spellOutHelp(args);
  // Stricli answers `--version` itself.
  const routes = await loadRoutes(words[0] === "--version" ? "version" : words[0]);
  let prepared: PreparedArguments;
  try {
    prepared = prepareArguments(routes, words);
  } catch (error) {
    console.stderr.write(`${renderError(error, styleFor(console.stderr, console.env))}\n`);
    return error instanceof ToolError ? error.exitCode : ExitCode.Bug;
  }
  const cli = buildCli(routes, console, prepared.help);
  await run(cli, prepared.args, { process, console, runCli });
  return exitCodeOf(process.exitCode);
}

// A person wants to know what there is; with the npm package, which sets a project up first, the types of its server.
async function withoutCommand(console: Console): Promise<readonly string[]> {
  if (!console.isClientPackage) return ["--help"];
  const { setUpOnFirstRun } = await import("./_first_run.ts");
  return await setUpOnFirstRun(console) ? ["sync"] : ["--help"];
}

// `pyrpc help codegen`, as git and cargo have it.
function spellOutHelp(args: readonly string[]): readonly string[] {
  return args[0] === "help" ? [...args.slice(1), "--help"] : args;
}

// Stricli's own codes are negative: every one of them but its internal error is a wrong command line.
function exitCodeOf(code: StricliProcess["exitCode"]): number {
  if (typeof code !== "number") return ExitCode.Ok;
  if (code >= 0) return code;
  return code === -1 || code === -2 || code === -3 || code === -10 ? ExitCode.Bug : ExitCode.Usage;
}
