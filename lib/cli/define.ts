import { buildCommand, type CommandContext } from "@stricli/core";
import type { BaseArgs, Command, StricliProcess, TypedCommandParameters } from "@stricli/core";
import type { ExitCode } from "../errors.ts";
import type { Console } from "../runtime/mod.ts";

/** What Stricli hands to every command. */
export interface CliContext extends CommandContext {
  readonly process: StricliProcess;
  readonly console: Console;
  /** Runs another command line and returns its exit code. */
  readonly runCli: (args: readonly string[], console: Console) => Promise<number>;
}

/** One line of a command's examples. */
export interface Example {
  readonly command: string;
  readonly does: string;
}

/** A command as data: everything that help, completion, man page and parser need, and the function that runs. */
export interface CommandDefinition<Flags extends object, Args extends BaseArgs> {
  /** One line, imperative, no full stop. */
  readonly summary: string;
  /** Paragraphs below the summary. */
  readonly description?: string;
  readonly examples: readonly Example[];
  readonly parameters: NoInfer<
    TypedCommandParameters<Flags & Record<never, never>, Args, CliContext>
  >;
  /** Whether this command line is about what `pyrpc-client.json` says: the npm package then asks for it on its first run. */
  readonly readsClient?: (flags: Flags, ...args: Args) => boolean;
  /** Returns the exit code; throws a `ToolError` for what cannot go on. Import heavy libraries inside. */
  readonly run: (
    this: CliContext,
    console: Console,
    flags: Flags,
    ...args: Args
  ) => Promise<ExitCode> | ExitCode;
}

/** Makes a Stricli command whose function takes the {@link Console} and returns an exit code. */
export function defineCommand<
  const Flags extends Readonly<Partial<Record<keyof Flags, unknown>>>,
  const Args extends BaseArgs = [],
>(definition: CommandDefinition<Flags, Args>): Command<CliContext> {
  const { parameters, switches } = forStricli(definition.parameters);
  return buildCommand<Flags, Args, CliContext>({
    func: async function (this: CliContext, flags: Flags, ...args: Args) {
      const off = Object.fromEntries(switches.map((name) => [name, false]));
      const all = { ...off, ...flags };
      if (this.console.isClientPackage && definition.readsClient?.(all, ...args)) {
        const { setUpOnFirstRun } = await import("../../commands/_first_run.ts");
        await setUpOnFirstRun(this.console);
      }
      this.process.exitCode = await definition.run.call(this, this.console, all, ...args);
    },
    parameters,
    docs: { brief: definition.summary, fullDescription: describe(definition) },
  });
}

/**
 * Parameters as Stricli has to be given them:
 *
 * - Its help prints "default = false" for a switch that is off by default: the switch is declared as optional instead.
 * - It looks flags up with `flags[name]`, which finds `toString` too and ignores `--toString VALUE`: no prototype.
 */
function forStricli<Parameters extends { readonly flags?: object; readonly aliases?: object }>(
  parameters: Parameters,
): { parameters: Parameters; switches: string[] } {
  const switches: string[] = [];
  const flags = Object.entries(parameters.flags ?? {}).map(([name, flag]) => {
    if (flag.kind !== "boolean" || flag.default !== false) return [name, flag];
    switches.push(name);
    const { default: _off, ...rest } = flag;
    return [name, { ...rest, optional: true }];
  });
  const named = Object.assign(Object.create(null), Object.fromEntries(flags)) as object;
  // As in curl, in every command that sends headers.
  const aliases = { ...parameters.aliases, ...("header" in named ? { H: "header" } : {}) };
  return { parameters: { ...parameters, flags: named, aliases }, switches };
}

function describe(
  { summary, description, examples }: {
    summary: string;
    description?: string;
    examples: readonly Example[];
  },
): string {
  const width = Math.max(...examples.map((example) => example.command.length), 0);
  return [
    description === undefined ? summary : `${summary}\n\n${description}`,
    `Examples:\n${
      examples.map(({ command, does }) => `  ${command.padEnd(width)}  ${does}`).join("\n")
    }`,
  ].join("\n\n");
}
