import {
  AliasNotFoundError,
  type Application as StricliApplication,
  ArgumentParseError,
  ArgumentScannerError,
  buildApplication,
  buildRouteMap,
  FlagNotFoundError,
  type RouteMap,
  type StricliIntegration,
  text_en,
  UnexpectedPositionalError,
  UnsatisfiedFlagError,
  UnsatisfiedPositionalError,
  version,
} from "@stricli/core";
import { closest } from "../closest.ts";
import { ExitCode, ToolError } from "../errors.ts";
import type { Console } from "../runtime/mod.ts";
import { renderError, styleFor } from "../terminal/mod.ts";
import type { CliCommand, CliContext } from "./define.ts";
import * as errors from "./errors.ts";
import type { FlagSet } from "./flags/builders.ts";
import { formatApplicationHelp, formatCommandHelp, HELP_FLAG, VERSION_FLAG } from "./help.ts";
import { kebabCase, spelled } from "./suggestions.ts";

/** A program of several commands, as data. */
export interface CliApplication {
  readonly name: string;
  readonly summary: string;
  readonly description: string;
  /** The text of `--version`. */
  readonly version: string;
  /** The loader of each command, in the order of the help. */
  readonly commands: Readonly<Record<string, () => Promise<CliCommand>>>;
  /** Sets a client project up on the first run of the npm package. `isDefault`: the command line is empty. */
  readonly setUpClient: (console: Console, isDefault: boolean) => Promise<DefaultRun | undefined>;
}

/** The command line that an empty one stands for in a client project. */
export interface DefaultRun {
  readonly args: readonly string[];
  /** The exit code of any failure. @default that of the command */
  readonly failure?: ExitCode;
}

/** Commands of an application by name, as far as they are loaded. */
export type LoadedCommands = Readonly<Record<string, CliCommand>>;

/**
 * Loads the commands of an application.
 *
 * @param first The first word of the command line: only the command of that name is loaded, if there is one.
 */
export async function loadCommands(
  { commands }: CliApplication,
  first?: string,
): Promise<LoadedCommands> {
  const all = Object.entries(commands);
  const named = all.filter(([name]) => name === first);
  const loaded = (named.length === 0 ? all : named)
    .map(async ([name, load]) => [name, await load()] as const);
  return Object.fromEntries(await Promise.all(loaded));
}

/** The application as Stricli runs it. Errors are rendered for the given console. */
export function buildCli(
  application: CliApplication,
  commands: LoadedCommands,
  console: Console,
): StricliApplication<CliContext> {
  const { name } = application;
  const style = styleFor(console.stderr, console.env);
  const render = (error: unknown) => renderError(error, style);
  return buildApplication(routesOf(application, commands), {
    name,
    scanner: { caseStyle: "allow-kebab-for-camel", allowArgumentEscapeSequence: true },
    documentation: { caseStyle: "convert-camel-to-kebab", disableAnsiColor: true },
    localization: {
      text: {
        ...text_en,
        exceptionWhileRunningCommand: render,
        exceptionWhileLoadingCommandFunction: render,
        exceptionWhileLoadingCommandContext: render,
        commandErrorResult: render,
        exceptionWhileParsingArguments: (error) => render(commandLineError(error, name, commands)),
        noCommandRegisteredForInput: ({ input }) => render(unknownWord(input, application)),
      },
    },
    determineExitCode: (error) => error instanceof ToolError ? error.exitCode : ExitCode.Bug,
  }, {
    help: helpIntegration(application, commands),
    version: version({
      brief: VERSION_FLAG.brief,
      alias: "v",
      info: { currentVersion: application.version },
    }),
  });
}

function routesOf(
  { summary, description }: CliApplication,
  commands: LoadedCommands,
): RouteMap<CliContext> {
  const routes = Object.entries(commands).map(([name, { route }]) => [name, route] as const);
  return buildRouteMap<string, CliContext>({
    routes: Object.fromEntries(routes),
    docs: { brief: summary, fullDescription: description },
  });
}

function helpIntegration(
  application: CliApplication,
  commands: LoadedCommands,
): StricliIntegration<CliContext> {
  return {
    flag: {
      brief: HELP_FLAG.brief,
      aliases: ["h"],
      global: true,
      defaultForRouteMap: true,
      run(_, { result }) {
        const [name = application.name, command] = result.prefix;
        const found = command === undefined ? undefined : commands[command];
        this.process.stdout.write(
          found === undefined
            ? formatApplicationHelp(name, application, summariesOf(commands))
            : formatCommandHelp(`${name} ${command}`, found.help),
        );
      },
    },
  };
}

function summariesOf(commands: LoadedCommands): [name: string, summary: string][] {
  return Object.entries(commands).map(([name, { help }]) => [name, help.summary]);
}

/** The command that explains a command line: `pyrpc codegen --help`. */
export function helpCommand(name: string, commands: LoadedCommands, first?: string): string {
  return first !== undefined && Object.hasOwn(commands, first)
    ? `${name} ${first} --help`
    : `${name} --help`;
}

// By class and not by name, as Stricli's own formatter does: minifying renames the classes.
function commandLineError(error: unknown, name: string, commands: LoadedCommands): unknown {
  if (!(error instanceof ArgumentScannerError)) return error;
  // A command line with an error in its arguments has loaded its command only.
  const [first = "", ...others] = Object.keys(commands);
  const flags = others.length === 0 ? commands[first]?.help.flags ?? {} : {};
  return scannerError(error, flags, helpCommand(name, commands, others.length === 0 ? first : ""));
}

function scannerError(error: ArgumentScannerError, flags: FlagSet, help: string): ToolError {
  if (error instanceof FlagNotFoundError) {
    return errors.unknownFlag(`--${error.input}`, similarFlags(error.input, flags), help);
  }
  if (error instanceof AliasNotFoundError) return errors.unknownFlag(`-${error.input}`, [], help);
  if (error instanceof ArgumentParseError) {
    const { input, externalFlagNameOrPlaceholder: name, exception } = error;
    const reason = exception instanceof Error ? exception.message : String(exception);
    const isFlag = Object.keys(flags).some((flag) => kebabCase(flag) === kebabCase(name));
    return errors.invalidValue({ name: isFlag ? spelled(name) : name, input, reason }, help);
  }
  if (error instanceof UnsatisfiedFlagError) {
    return errors.missingValue(error.externalFlagName, error.nextFlagName, help);
  }
  if (error instanceof UnexpectedPositionalError) {
    return errors.unexpectedArgument(error.input, help);
  }
  if (error instanceof UnsatisfiedPositionalError) {
    // "SOURCE NAME" stands for arguments that are one list.
    const given = error.limit?.[1] ?? 0;
    return errors.missingArgument(error.placeholder.split(" ")[given] ?? error.placeholder, help);
  }
  return errors.malformedCommandLine(error.message, help);
}

/** The flags that a misspelled one could mean, as they are written on a command line. */
function similarFlags(input: string, flags: FlagSet): string[] {
  const names = Object.entries(flags).filter(([, { hidden }]) => !hidden).flatMap(([name, flag]) =>
    flag.default === true ? [kebabCase(name), `no-${kebabCase(name)}`] : [kebabCase(name)]
  );
  return closest(input, [...names, HELP_FLAG.name]).map((name) => `--${name}`);
}

function unknownWord(input: string, { name, commands }: CliApplication): ToolError {
  const help = `${name} --help`;
  if (!input.startsWith("-")) {
    return errors.unknownCommand(input, closest(input, Object.keys(commands)), help);
  }
  const names = closest(input.replace(/^-+/, ""), [HELP_FLAG.name, VERSION_FLAG.name]);
  return errors.unknownFlag(input, names.map((name) => `--${name}`), help);
}
