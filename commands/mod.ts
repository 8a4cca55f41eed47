import { type Application, buildApplication, buildRouteMap, text_en } from "@stricli/core";
import { ExitCode, ToolError } from "../lib/errors.ts";
import { renderError, styleFor } from "../lib/terminal/mod.ts";
import type { Console } from "../lib/runtime/mod.ts";
import type { CliContext } from "./_define.ts";
import { codegenCommand } from "./codegen.ts";
import { configCommand } from "./config.ts";
import { initCommand } from "./init.ts";
import { versionCommand, versionLine } from "./version.ts";

/** Every command by its name, in the order of the help. */
export const COMMANDS = {
  codegen: codegenCommand,
  init: initCommand,
  config: configCommand,
  version: versionCommand,
};

const DESCRIPTION = `Keeps a Python backend (pyRPC) and a TypeScript frontend in step.

Exit codes: 0 done, 1 the answer is no, 2 usage, 3 configuration, 4 backend cannot be loaded,
5 server cannot be reached, 70 a bug of pyrpc, 130 and 143 interrupted.`;

/** The command line as Stricli sees it; errors are rendered for the given console. */
export function buildCli(console: Console): Application<CliContext> {
  const routes = buildRouteMap<keyof typeof COMMANDS, CliContext>({
    routes: COMMANDS,
    docs: {
      brief: "Keep a Python backend and a TypeScript frontend in step",
      fullDescription: DESCRIPTION,
    },
  });
  const style = styleFor(console.stderr, console.env);
  const render = (error: unknown) => renderError(error, style);
  return buildApplication(routes, {
    name: "pyrpc",
    versionInfo: { currentVersion: versionLine() },
    scanner: { caseStyle: "allow-kebab-for-camel", allowArgumentEscapeSequence: true },
    documentation: { caseStyle: "convert-camel-to-kebab", disableAnsiColor: true },
    localization: {
      text: {
        ...text_en,
        exceptionWhileRunningCommand: render,
        exceptionWhileLoadingCommandFunction: render,
        exceptionWhileLoadingCommandContext: render,
        commandErrorResult: render,
      },
    },
    determineExitCode: (error) => error instanceof ToolError ? error.exitCode : ExitCode.Bug,
  });
}
