import {
  AliasNotFoundError,
  type Application,
  ArgumentParseError,
  ArgumentScannerError,
  buildApplication,
  buildRouteMap,
  type Command,
  FlagNotFoundError,
  help as helpFlag,
  type PartialApplicationConfiguration,
  type RouteMap,
  text_en,
  UnexpectedPositionalError,
  UnsatisfiedFlagError,
  UnsatisfiedPositionalError,
  version as versionFlag,
} from "@stricli/core";
import { ExitCode, ToolError, usageError } from "../lib/errors.ts";
import { renderError, styleFor } from "../lib/terminal/mod.ts";
import type { Console } from "../lib/runtime/mod.ts";
import type { CliContext } from "../lib/cli/mod.ts";
import { closest } from "../lib/cli/mod.ts";
import { versionLine } from "./version.ts";

type Route = Command<CliContext> | RouteMap<CliContext>;

// A command is loaded when it is named: what it imports takes longer than many a command line does.
const COMMANDS: Readonly<Record<string, () => Promise<Route>>> = {
  dev: async () => (await import("./dev/command.ts")).devCommand,
  codegen: async () => (await import("./codegen.ts")).codegenCommand,
  sync: async () => (await import("./sync/command.ts")).syncCommand,
  pull: async () => (await import("./pull.ts")).pullCommand,
  inspect: async () => (await import("./inspect.ts")).inspectCommand,
  call: async () => (await import("./call.ts")).callCommand,
  diff: async () => (await import("./diff.ts")).diffCommand,
  check: async () => (await import("./check.ts")).checkCommand,
  init: async () => (await import("./init.ts")).initCommand,
  config: async () => (await import("./config.ts")).configCommand,
  mock: async () => (await import("./mock.ts")).mockCommand,
  serve: async () => (await import("./serve/command.ts")).serveCommand,
  proxy: async () => (await import("./proxy.ts")).proxyCommand,
  explore: async () => (await import("./explore.ts")).exploreCommand,
  export: async () => (await import("./export.ts")).exportCommand,
  registry: async () => (await import("./registry/command.ts")).registryCommand,
  doctor: async () => (await import("./doctor.ts")).doctorCommand,
  completions: async () => {
    const { completionsCommand } = await import("./completions.ts");
    return completionsCommand(async (console) =>
      buildCli(await loadRoutes(), console, "pyrpc --help")
    );
  },
  version: async () => (await import("./version.ts")).versionCommand,
};

/** The name of every command, in the order of the help. */
export const COMMAND_NAMES: readonly string[] = Object.keys(COMMANDS);

const DESCRIPTION = `Keeps a Python backend (pyRPC) and a TypeScript frontend in step.

Exit codes: 0 done, 1 the answer is no, 2 usage, 3 configuration, 4 backend cannot be loaded,
5 server cannot be reached, 70 a bug of pyrpc, 130 and 143 interrupted.`;

/**
 * The commands as Stricli sees them.
 *
 * @param first What the command line begins with: where that is a command's name, no other is needed. All, if left out.
 */
export async function loadRoutes(first?: string): Promise<RouteMap<CliContext>> {
  const names = first !== undefined && Object.hasOwn(COMMANDS, first) ? [first] : COMMAND_NAMES;
  const routes = await Promise.all(
    names.map(async (name) => [name, await COMMANDS[name]!()] as const),
  );
  return buildRouteMap<string, CliContext>({
    routes: Object.fromEntries(routes),
    docs: {
      brief: "Keep a Python backend and a TypeScript frontend in step",
      fullDescription: DESCRIPTION,
    },
  });
}

/**
 * The application; errors are rendered for the given console.
 *
 * @param help The command that explains what a wrong command line should have been.
 */
export function buildCli(
  routes: RouteMap<CliContext>,
  console: Console,
  help: string,
): Application<CliContext> {
  const style = styleFor(console.stderr, console.env);
  const render = (error: unknown) => renderError(error, style);
  const { help: helpBrief, version: versionBrief } = text_en.briefs;
  const documentation = {
    caseStyle: "convert-camel-to-kebab",
    disableAnsiColor: true,
    onlyRequiredInUsageLine: true,
    useAliasInUsageLine: false,
  } as const;
  const configuration: PartialApplicationConfiguration = {
    name: "pyrpc",
    scanner: {
      caseStyle: "allow-kebab-for-camel",
      allowArgumentEscapeSequence: true,
      distanceOptions: {
        threshold: 5,
        weights: { insertion: 1, deletion: 2, substitution: 2, transposition: 0 },
      },
    },
    documentation,
    localization: {
      text: {
        ...text_en,
        exceptionWhileRunningCommand: render,
        exceptionWhileLoadingCommandFunction: render,
        exceptionWhileLoadingCommandContext: render,
        commandErrorResult: render,
        exceptionWhileParsingArguments: (error) => render(wrongArguments(error, help)),
        noCommandRegisteredForInput: ({ input, corrections }) =>
          render(unknownCommand(input, corrections, help)),
      },
    },
    determineExitCode: (error) => error instanceof ToolError ? error.exitCode : ExitCode.Bug,
  };
  // Stricli's own choice has -H for the help of hidden flags, where people who know curl mean a header.
  return buildApplication(routes, configuration, {
    help: helpFlag({
      brief: helpBrief,
      alias: "h",
      defaultForRouteMap: true,
      formatting: documentation,
    }),
    version: versionFlag({
      brief: versionBrief,
      alias: "v",
      info: { currentVersion: versionLine() },
    }),
  });
}

// By class and not by name, as Stricli's own formatter does: minifying renames the classes.
function wrongArguments(error: unknown, help: string): unknown {
  if (!(error instanceof ArgumentScannerError)) return error;
  return usageError(wordsFor(error), `${help} lists the flags and arguments`);
}

function wordsFor(error: ArgumentScannerError): string {
  if (error instanceof FlagNotFoundError) {
    // Stricli does not count its own flags among those that could be meant.
    const names = [...error.corrections, ...closest(error.input, ["help"])];
    return `Unknown flag "--${error.input}"${didYouMean(names.map((name) => `--${name}`))}`;
  }
  if (error instanceof AliasNotFoundError) return `Unknown flag "-${error.input}"`;
  if (error instanceof ArgumentParseError) {
    const { exception } = error;
    const why = exception instanceof Error ? exception.message : String(exception);
    return `Cannot use "${error.input}" for ${error.externalFlagNameOrPlaceholder}: ${why}`;
  }
  if (error instanceof UnsatisfiedFlagError) {
    return error.nextFlagName === undefined
      ? `The flag --${error.externalFlagName} is needed, with a value`
      : `The flag --${error.externalFlagName} needs a value, and --${error.nextFlagName} follows`;
  }
  if (error instanceof UnexpectedPositionalError) {
    const { expectedCount: count, input } = error;
    return count === 0
      ? `No arguments are taken, but there is "${input}"`
      : `At most ${count} ${
        count === 1 ? "argument is" : "arguments are"
      } taken, but there is also "${input}"`;
  }
  if (error instanceof UnsatisfiedPositionalError) {
    return `The argument ${error.placeholder} is missing`;
  }
  return error.message;
}

function unknownCommand(input: string, corrections: readonly string[], help: string): ToolError {
  const isFlag = input.startsWith("-");
  const what = isFlag ? "flag" : "command";
  const names = isFlag
    ? closest(input.replace(/^-+/, ""), ["help", "version"]).map((name) => `--${name}`)
    // Stricli quotes its corrections with backticks.
    : corrections.map((name) => name.replaceAll("`", "")).filter((name) => !name.startsWith("-"));
  return usageError(
    `Unknown ${what} "${input}"${didYouMean(names)}`,
    `${help} lists what there is`,
  );
}

function didYouMean(names: readonly string[]): string {
  return names.length === 0
    ? ""
    : `, did you mean ${names.map((name) => `"${name}"`).join(" or ")}?`;
}
