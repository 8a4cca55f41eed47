import type { RouteMap } from "@stricli/core";
import { usageError } from "../errors.ts";
import type { CliContext } from "./define.ts";

type Flag = { readonly kind: string; readonly inferEmpty?: unknown };

/** A command line that Stricli reads as it was meant. */
export interface PreparedArguments {
  readonly args: readonly string[];
  /** Explains the flags of this command: `pyrpc codegen --help`. */
  readonly help: string;
}

const FLAG = /^--([a-z][a-z-.\d_]+)(?:=(.*))?$|^-([a-z])(.+)?$/is;
const LOOKS_LIKE_A_FLAG = /^(?:--[^=]*|-[^.\d])/su;
// What Stricli recognizes as a flag: FLAG_NAME_PATTERN, FLAG_SHORTHAND_PATTERN, and both with `=value`.
const RECOGNIZED = /^--[a-z][a-z-.\d_]+(?:=.+)?$|^-[a-z]+$|^-[a-z]=.+$/i;

/**
 * Stricli's scanner reads every word that its patterns do not match as an argument. The comments name what it misses.
 *
 * @throws ToolError (usage) for a word that can only be a flag, and is none of the command's.
 */
export function prepareArguments(
  root: RouteMap<CliContext>,
  args: readonly string[],
): PreparedArguments {
  const command = root.getRoutingTargetForInput(args[0] ?? "");
  const help = command === undefined ? "pyrpc --help" : `pyrpc ${args[0]} --help`;
  if (command === undefined || !("parameters" in command)) return { args, help };
  const flags: Readonly<Record<string, Flag | undefined>> = command.parameters.flags ?? {};
  const aliases: Readonly<Record<string, string | undefined>> = command.parameters.aliases ?? {};
  const end = args.includes("--") ? args.indexOf("--") : args.length;
  const words = args.slice(0, 1);
  let active: Flag | undefined;
  for (const word of args.slice(1, end)) {
    const isValue = active !== undefined && !RECOGNIZED.test(word) &&
      !(active.inferEmpty && word.startsWith("-"));
    active = undefined;
    const [start] = LOOKS_LIKE_A_FLAG.exec(word) ?? [];
    const [, long, given, letter = "", glued] = (start && FLAG.exec(word)) || [];
    const name = long?.replace(/-+([a-z\d])/g, (_, next) => next.toUpperCase()) ?? aliases[letter];
    const flag = name === undefined ? undefined : flags[name];
    const takesValue = flag !== undefined && !["boolean", "counter"].includes(flag.kind);
    const value = given ?? glued?.replace(/^=/, "");
    if (!isValue && takesValue && value !== undefined) {
      // It misses `-p18812`, reads `-oapi` as `-o -a -p -i`, and misses `--out=` and values of several lines.
      words.push(...(/^.+$/.test(value) ? [`--${name}=${value}`] : [`--${name}`, value]));
    } else if (isValue || start === undefined || RECOGNIZED.test(word)) {
      words.push(word);
      if (!isValue && takesValue) active = flag;
    } else {
      // It hands `--x`, `-ü` and `-p1` without such a flag to the command as arguments.
      const what = flag ? `The flag "${start}" takes no value:` : `Unknown flag "${start}" in`;
      const message = start === word ? `Unknown flag "${word}"` : `${what} "${word}"`;
      throw usageError(message, `${help} lists the flags`);
    }
  }
  return { args: [...words, ...args.slice(end)], help };
}
