import {
  type Application,
  ArgumentScannerError,
  buildApplication,
  buildRouteMap,
  formatMessageForArgumentScannerError,
  type RouteMap,
  text_en,
} from "@stricli/core";
import { ExitCode, ToolError, usageError } from "../lib/errors.ts";
import { renderError, styleFor } from "../lib/terminal/mod.ts";
import type { Console } from "../lib/runtime/mod.ts";
import type { CliContext } from "./_define.ts";
import { codegenCommand } from "./codegen.ts";
import { configCommand } from "./config.ts";
import { initCommand } from "./init.ts";
import { mockCommand } from "./mock.ts";
import { versionCommand, versionLine } from "./version.ts";

/** Every command by its name, in the order of the help. */
export const COMMANDS = {
  codegen: codegenCommand,
  init: initCommand,
  config: configCommand,
  mock: mockCommand,
  version: versionCommand,
};

const DESCRIPTION = `Keeps a Python backend (pyRPC) and a TypeScript frontend in step.

Exit codes: 0 done, 1 the answer is no, 2 usage, 3 configuration, 4 backend cannot be loaded,
5 server cannot be reached, 70 a bug of pyrpc, 130 and 143 interrupted.`;

/** Every command as Stricli sees it. */
export function buildRoutes(): RouteMap<CliContext> {
  return buildRouteMap<keyof typeof COMMANDS, CliContext>({
    routes: COMMANDS,
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
  return buildApplication(routes, {
    name: "pyrpc",
    versionInfo: { currentVersion: versionLine() },
    scanner: {
      caseStyle: "allow-kebab-for-camel",
      allowArgumentEscapeSequence: true,
      distanceOptions: {
        threshold: 5,
        weights: { insertion: 1, deletion: 2, substitution: 2, transposition: 0 },
      },
    },
    documentation: { caseStyle: "convert-camel-to-kebab", disableAnsiColor: true },
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
  });
}

function wrongArguments(error: unknown, help: string): unknown {
  if (!(error instanceof ArgumentScannerError)) return error;
  const fix = `${help} lists the flags and arguments`;
  const message = formatMessageForArgumentScannerError(error, {
    FlagNotFoundError: ({ input, corrections }) =>
      `Unknown flag "--${input}"${didYouMean(corrections.map((name) => `--${name}`))}`,
    AliasNotFoundError: ({ input }) => `Unknown flag "-${input}"`,
    ArgumentParseError: ({ externalFlagNameOrPlaceholder: name, input, exception }) =>
      `Cannot use "${input}" for ${name}: ${
        exception instanceof Error ? exception.message : String(exception)
      }`,
    UnsatisfiedFlagError: ({ externalFlagName, nextFlagName }) =>
      nextFlagName === undefined
        ? `The flag --${externalFlagName} is needed`
        : `The flag --${externalFlagName} needs a value, and --${nextFlagName} follows`,
    UnexpectedPositionalError: ({ expectedCount, input }) =>
      expectedCount === 0
        ? `No arguments are taken, but there is "${input}"`
        : `At most ${expectedCount} ${
          expectedCount === 1 ? "argument is" : "arguments are"
        } taken, but there is also "${input}"`,
    UnsatisfiedPositionalError: ({ placeholder }) => `The argument ${placeholder} is missing`,
  });
  return usageError(message, fix);
}

function unknownCommand(input: string, corrections: readonly string[], help: string): ToolError {
  const what = input.startsWith("-") ? "flag" : "command";
  // Stricli quotes its corrections with backticks.
  const names = corrections.map((name) => name.replaceAll("`", "")).filter((name) =>
    input.startsWith("-") === name.startsWith("-")
  );
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
