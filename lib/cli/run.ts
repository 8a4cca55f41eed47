import { run, type StricliProcess } from "@stricli/core";
import { ExitCode, ToolError } from "../errors.ts";
import type { Console } from "../runtime/mod.ts";
import { renderError, styleFor } from "../terminal/mod.ts";
import { buildCli, type CliApplication, helpCommand, loadCommands } from "./application.ts";
import { prepareArguments } from "./arguments.ts";
import { proposeWords } from "./completion.ts";
import type { CommandContext } from "./define.ts";
import { withCommandName } from "./output/command_name.ts";
import { safeConsole } from "./output/safe_console.ts";

/** Runs one command line and returns its exit code; it never ends the process. */
export async function runCli(
  given: CliApplication,
  args: readonly string[],
  host: Console,
): Promise<number> {
  const name = host.commandName ?? given.name;
  const application = { ...given, name };
  const console = safeConsole(host, (text) => nameCommand(text, name, given));
  const process: StricliProcess = {
    // Stricli prints the help and the version; commands print their results to the console.
    stdout: { write: (text) => console.stdout.write(nameCommand(text, name, given)) },
    stderr: { write: (text) => console.stderr.write(text) },
    env: { STRICLI_NO_COLOR: "1", STRICLI_SKIP_VERSION_CHECK: "1" },
  };
  let start: Awaited<ReturnType<CliApplication["setUpClient"]>>;
  try {
    start = args.length === 0
      ? await application.setUpClient(console, true)
      : { args: spellOutHelp(args) };
  } catch (error) {
    return reportFailure(error, console);
  }
  const { args: words, failure } = start ?? { args: ["--help"] };
  // Stricli answers `--version` itself.
  const first = words[0] === "--version" ? "version" : words[0];
  const commands = await loadCommands(application, first);
  const cli = buildCli(application, commands, console);
  let prepared: readonly string[];
  try {
    const command = first !== undefined && Object.hasOwn(commands, first)
      ? commands[first]
      : undefined;
    prepared = command === undefined ? words : prepareArguments(
      words,
      command.help.flags ?? {},
      helpCommand(application.name, commands, first),
    );
  } catch (error) {
    return reportFailure(error, console);
  }
  await run(cli, prepared, { process, ...contextOf(application, console) });
  const code = exitCodeOf(process.exitCode);
  const isFailure = code !== ExitCode.Ok && code < ExitCode.Interrupted;
  return isFailure ? failure ?? code : code;
}

/** Prints an error that no command handles. @returns its exit code */
function reportFailure(error: unknown, console: Console): number {
  console.stderr.write(`${renderError(error, styleFor(console.stderr, console.env))}\n`);
  return error instanceof ToolError ? error.exitCode : ExitCode.Bug;
}

function nameCommand(text: string, name: string, { commands }: CliApplication): string {
  return withCommandName(text, name, Object.keys(commands));
}

function contextOf(application: CliApplication, console: Console): CommandContext {
  return {
    console,
    hint: (text) => nameCommand(text, application.name, application),
    run: (args, console) => runCli(application, args, console),
    complete: (words) => proposeWords(application, words, console),
    setUpClient: () => application.setUpClient(console, false),
  };
}

// `pyrpc help codegen`, as in git and cargo.
function spellOutHelp(args: readonly string[]): readonly string[] {
  return args[0] === "help" ? [...args.slice(1), "--help"] : args;
}

// Stricli's own codes are negative: every one of them except its internal errors is a wrong command line.
function exitCodeOf(code: StricliProcess["exitCode"]): number {
  if (typeof code !== "number") return ExitCode.Ok;
  if (code >= 0) return code;
  return code === -1 || code === -2 || code === -3 || code === -10 ? ExitCode.Bug : ExitCode.Usage;
}
