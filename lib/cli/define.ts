import {
  buildCommand,
  type Command,
  type CommandContext as StricliContext,
  type StricliProcess,
} from "@stricli/core";
import type { Console } from "../runtime/mod.ts";
import type {
  Argument,
  Arguments,
  ArgumentValues,
  Flag,
  FlagSet,
  FlagValues,
} from "./flags/builders.ts";

/** The environment that a command runs in. */
export interface CommandContext {
  readonly console: Console;
  /** Runs another command line and returns its exit code; its output goes to `console`. */
  readonly run: (args: readonly string[], console: Console) => Promise<number>;
  /** The completions of the last word of a command line. */
  readonly complete: (words: readonly string[]) => Promise<readonly Completion[]>;
  /** Sets the project up if this is the first run of the npm package `@pyrpc/client` in it. */
  readonly setUpClient: () => Promise<unknown>;
  /** Replaces `pyrpc COMMAND` in a hint that goes to stdout by the command as it was called; stderr needs no call. */
  readonly hint: (text: string) => string;
}

/** A word that a shell can insert. */
export interface Completion {
  readonly completion: string;
  readonly brief: string;
}

/** The context that Stricli passes to every command. */
export interface CliContext extends StricliContext, CommandContext {
  readonly process: StricliProcess;
}

/** One line of a command's examples. */
export interface Example {
  readonly command: string;
  readonly does: string;
}

/** A command as data: everything that help, completions, man page and parser need, and the function that runs. */
export interface CommandDefinition<F extends FlagSet, A extends Arguments> extends CommandHelp {
  readonly flags?: F;
  readonly args?: A;
  /** True for a command line that needs `pyrpc-client.json`: the npm package then asks for it on its first run. */
  readonly readsClient?: (flags: FlagValues<F>, ...args: ArgumentValues<A>) => boolean;
  /** Returns the exit code; throws a `ToolError` if it cannot continue. Import heavy libraries inside. */
  readonly run: (
    context: CommandContext,
    flags: FlagValues<F>,
    ...args: ArgumentValues<A>
  ) => Promise<number> | number;
}

/** The part of a definition that the help prints. */
export interface CommandHelp {
  /** One line, imperative, no full stop. */
  readonly summary: string;
  /** Paragraphs below the summary. */
  readonly description?: string;
  readonly examples: readonly Example[];
  readonly flags?: FlagSet;
  readonly args?: Arguments;
}

/** A command that {@link defineCommand} made. */
export interface CliCommand {
  readonly help: CommandHelp;
  /** The command as Stricli runs it. */
  readonly route: Command<CliContext>;
}

/** Defines a command by its flags, its arguments and the function that runs. */
export function defineCommand<
  // deno-lint-ignore ban-types -- no flags
  const F extends FlagSet = {},
  const A extends Arguments = [],
>(definition: CommandDefinition<F, A>): CliCommand {
  const flags: FlagSet = definition.flags ?? {};
  const off = Object.fromEntries(
    Object.entries(flags).filter(([, flag]) => isOffSwitch(flag)).map(([name]) => [name, false]),
  );
  const route = buildCommand<Record<string, unknown>, unknown[], CliContext>({
    func: async function (this: CliContext, given, ...args) {
      const values = { ...off, ...given } as FlagValues<F>;
      const positional = args as ArgumentValues<A>;
      if (definition.readsClient?.(values, ...positional)) await this.setUpClient();
      this.process.exitCode = await definition.run(this, values, ...positional);
    },
    // Stricli derives this type from those of flags and arguments, which the builders have checked.
    parameters: stricliParameters(flags, definition.args ?? []) as never,
    docs: { brief: definition.summary },
  });
  return { help: definition, route };
}

/** The name of a command's flag for each letter. */
export function aliasesOf(flags: FlagSet): Record<string, string> {
  const aliases = Object.entries(flags).flatMap(([name, { alias }]) =>
    alias === undefined ? [] : [[alias, name]]
  );
  return Object.fromEntries(aliases);
}

function stricliParameters(flags: FlagSet, args: Arguments): object {
  // Stricli looks flags up with `flags[name]`, which also finds `toString`: no prototype.
  const named = Object.assign(
    Object.create(null),
    Object.fromEntries(Object.entries(flags).map(([name, flag]) => [name, stricliFlag(flag)])),
  );
  return { flags: named, aliases: aliasesOf(flags), positional: stricliArguments(args) };
}

function isOffSwitch({ parse, default: value }: Flag): boolean {
  return parse === undefined && value === false;
}

function stricliFlag(flag: Flag): object {
  const { brief, parse, hidden = false, placeholder, default: value } = flag;
  if (parse === undefined) {
    // Stricli requires a switch that has no default; the default `false` is added after parsing.
    return isOffSwitch(flag)
      ? { kind: "boolean", brief, hidden, optional: true, withNegated: false }
      : { kind: "boolean", brief, hidden, default: value };
  }
  return {
    kind: "parsed",
    brief,
    hidden,
    parse,
    placeholder,
    ...completing(flag.completions),
    ...(value === undefined ? { optional: true } : { default: value }),
    ...(flag.isRepeatable ? { variadic: true } : {}),
    ...(flag.isValueOptional ? { inferEmpty: true } : {}),
  };
}

function stricliArguments(args: Arguments): object {
  const [first] = args;
  if (first?.minimum !== undefined) {
    return { kind: "array", minimum: first.minimum, parameter: stricliArgument(first) };
  }
  return { kind: "tuple", parameters: args.map(stricliArgument) };
}

function stricliArgument({ brief, placeholder, parse, completions, isOptional }: Argument): object {
  return {
    brief,
    placeholder,
    parse,
    ...completing(completions),
    ...(isOptional ? { optional: true } : {}),
  };
}

function completing(names: readonly string[] | undefined): object {
  if (names === undefined) return {};
  return {
    proposeCompletions: (partial: string) => names.filter((name) => name.startsWith(partial)),
  };
}
