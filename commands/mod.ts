import type { CliApplication } from "../lib/cli/mod.ts";
import { versionLine } from "./version.ts";

/**
 * The commands by name, in the order of the help.
 *
 * Each is loaded when the command line names it: most imports take longer than most commands.
 */
const COMMANDS: CliApplication["commands"] = {
  dev: async () => (await import("./dev/command.ts")).devCommand,
  codegen: async () => (await import("./codegen.ts")).codegenCommand,
  sync: async () => (await import("./sync/command.ts")).syncCommand,
  pull: async () => (await import("./pull.ts")).pullCommand,
  inspect: async () => (await import("./inspect.ts")).inspectCommand,
  call: async () => (await import("./call/command.ts")).callCommand,
  diff: async () => (await import("./diff.ts")).diffCommand,
  check: async () => (await import("./check.ts")).checkCommand,
  test: async () => (await import("./test/command.ts")).testCommand,
  init: async () => (await import("./init/command.ts")).initCommand,
  config: async () => (await import("./config.ts")).configCommand,
  mock: async () => (await import("./mock.ts")).mockCommand,
  serve: async () => (await import("./serve/command.ts")).serveCommand,
  proxy: async () => (await import("./proxy.ts")).proxyCommand,
  explore: async () => (await import("./explore.ts")).exploreCommand,
  export: async () => (await import("./export.ts")).exportCommand,
  registry: async () => (await import("./registry/command.ts")).registryCommand,
  mcp: async () => (await import("./mcp.ts")).mcpCommand,
  doctor: async () => (await import("./doctor.ts")).doctorCommand,
  completions: async () => (await import("./completions.ts")).completionsCommand,
  version: async () => (await import("./version.ts")).versionCommand,
};

/** The program `pyrpc`. */
export const PYRPC: CliApplication = {
  name: "pyrpc",
  summary: "Keep a Python backend and a TypeScript frontend in sync",
  description:
    `Exit codes: 0 done, 1 a check or call failed, 2 usage, 3 configuration or file, 4 backend cannot be loaded,
5 server unreachable or wrong, 70 internal error, 130 and 143 interrupted.`,
  version: versionLine(),
  commands: COMMANDS,
  setUpClient: async (console, isDefault) =>
    console.isClientPackage === true
      ? await (await import("./init/first_run.ts")).setUpOnFirstRun(console, isDefault)
      : undefined,
};

/** The name of every command, in the order of the help. */
export const COMMAND_NAMES: readonly string[] = Object.keys(COMMANDS);
