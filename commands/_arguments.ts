import type { Command, RouteMap } from "@stricli/core";
import { usageError } from "../lib/errors.ts";
import type { CliContext } from "./_define.ts";

type Target = Command<CliContext> | RouteMap<CliContext>;
type Flag = { readonly kind: string; readonly inferEmpty?: unknown };

/** A command line as Stricli reads it rightly, and the command that it names. */
export interface PreparedArguments {
  readonly args: readonly string[];
  /** `pyrpc codegen --help`: where the flags of this command are explained. */
  readonly help: string;
}

/**
 * Rewrites what Stricli's scanner takes for a plain argument although a person meant a flag: a value glued to an alias
 * (`-p18812`, `-oapi.ts`), an empty value or one of several lines (`--out=`). What is no flag of the command and starts
 * with a dash is refused here, because the scanner would hand `--x` or `-ü` to the command as an argument.
 *
 * @throws ToolError (usage) for a flag that there is not.
 */
export function prepareArguments(
  root: RouteMap<CliContext>,
  args: readonly string[],
): PreparedArguments {
  let target: Target = root;
  let index = 0;
  for (; index < args.length && "getRoutingTargetForInput" in target; index++) {
    const next: Target | undefined = target.getRoutingTargetForInput(args[index] ?? "");
    if (next === undefined) break;
    target = next;
  }
  const help = ["pyrpc", ...args.slice(0, index), "--help"].join(" ");
  if (!("parameters" in target)) return { args, help };
  const prepared = args.slice(0, index);
  for (; index < args.length; index++) {
    const argument = args[index] ?? "";
    if (argument === "--") break;
    const { words, wantsValue } = prepareArgument(target, argument, help);
    prepared.push(...words);
    const next = args[index + 1];
    if (next !== undefined && wantsValue(next)) {
      prepared.push(next);
      index++;
    }
  }
  return { args: [...prepared, ...args.slice(index)], help };
}

interface PreparedArgument {
  readonly words: readonly string[];
  /** Whether the next word is this flag's value, whatever it looks like. */
  wantsValue(next: string): boolean;
}

function prepareArgument(
  command: Command<CliContext>,
  argument: string,
  help: string,
): PreparedArgument {
  const plain: PreparedArgument = { words: [argument], wantsValue: () => false };
  if (!/^-./s.test(argument) || /^-[.\d]/.test(argument)) return plain;
  const long = /^--([^=]+)(?:=(.*))?$/s.exec(argument);
  if (long !== null) {
    const [, name = "", value] = long;
    const flag = flagNamed(command, name);
    if (flag === undefined) {
      // The scanner knows longer names and finds the closest; it does not see `--x`.
      if (/^[a-z][a-z-.\d_]+$/i.test(name)) return plain;
      throw usageError(`Unknown flag "--${name}"`, `${help} lists the flags`);
    }
    if (value === undefined) return { words: [argument], wantsValue: takesValue(flag) };
    if (/^.+$/.test(value)) return plain;
    return { words: [`--${name}`, value], wantsValue: () => false };
  }
  const letter = argument.charAt(1);
  // Stricli keeps `-H` for its help of hidden flags; people who know curl mean a header.
  const header = flagNamed(command, "header");
  if (letter === "H" && header !== undefined) {
    const value = argument.slice(2).replace(/^=/, "");
    return value === ""
      ? { words: ["--header"], wantsValue: takesValue(header) }
      : { words: ["--header", value], wantsValue: () => false };
  }
  const flag = flagOfAlias(command, letter);
  const rest = argument.slice(2);
  if (flag !== undefined && takesAnyValue(flag)) {
    if (rest === "") return { words: [argument], wantsValue: takesValue(flag) };
    const value = rest.replace(/^=/, "");
    const words = /^.+$/.test(value) ? [`-${letter}=${value}`] : [`-${letter}`, value];
    return { words, wantsValue: () => false };
  }
  // Letters alone are several flags in one, each of which the scanner looks up; it also knows help and version.
  if (/^-[a-z]+$/i.test(argument) || /^-[a-z]=./is.test(argument)) {
    const last = flagOfAlias(command, argument.slice(-1));
    return { words: [argument], wantsValue: last === undefined ? () => false : takesValue(last) };
  }
  throw usageError(
    flag === undefined
      ? `Unknown flag "-${letter}" in "${argument}"`
      : `The flag "-${letter}" takes no value: "${argument}"`,
    `${help} lists the flags`,
  );
}

function flagNamed(command: Command<CliContext>, name: string): Flag | undefined {
  const flags = command.parameters.flags ?? {};
  const camel = name.replace(/-+([a-z\d])/g, (_, letter: string) => letter.toUpperCase());
  for (const key of [name, camel]) if (Object.hasOwn(flags, key)) return flags[key];
  return undefined;
}

function flagOfAlias(command: Command<CliContext>, letter: string): Flag | undefined {
  const aliases: Readonly<Record<string, string | undefined>> = command.parameters.aliases ?? {};
  const name = Object.hasOwn(aliases, letter) ? aliases[letter] : undefined;
  return name === undefined ? undefined : flagNamed(command, name);
}

function takesAnyValue({ kind }: Flag): boolean {
  return kind !== "boolean" && kind !== "counter";
}

function takesValue(flag: Flag): (next: string) => boolean {
  if (!takesAnyValue(flag)) return () => false;
  // What looks like another flag of the scanner's is one: the value was forgotten.
  return (next) =>
    next !== "--" && !/^--[a-z][a-z-.\d_]+(=.+)?$|^-[a-z]+$/i.test(next) &&
    !(flag.inferEmpty && next.startsWith("-"));
}
