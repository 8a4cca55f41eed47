import { aliasesOf } from "./define.ts";
import { unreadableFlag } from "./errors.ts";
import type { Flag, FlagSet } from "./flags/builders.ts";

const FLAG = /^--([a-z][a-z-.\d_]+)(?:=(.*))?$|^-([a-z])(.+)?$/is;
const LOOKS_LIKE_A_FLAG = /^(?:--[^=]*|-[^.\d])/su;
// Words that Stricli reads as flags: FLAG_NAME_PATTERN, FLAG_SHORTHAND_PATTERN, and both with `=value`.
const RECOGNIZED = /^--[a-z][a-z-.\d_]+(?:=.+)?$|^-[a-z]+$|^-[a-z]=.+$/i;

/**
 * Rewrites a command line so that Stricli's scanner reads it correctly.
 *
 * The scanner reads every word that its patterns do not match as an argument. The comments name the words it misses.
 *
 * @param args The command's name and the words behind it.
 * @param help The command that explains the flags.
 * @throws ToolError (usage) for a word that can only be a flag and that the command does not have.
 */
export function prepareArguments(args: readonly string[], flags: FlagSet, help: string): string[] {
  const aliases = aliasesOf(flags);
  const end = args.includes("--") ? args.indexOf("--") : args.length;
  const words = args.slice(0, 1);
  let active: Flag | undefined;
  for (const word of args.slice(1, end)) {
    const isValue = active !== undefined && !RECOGNIZED.test(word) &&
      !(active.isValueOptional && word.startsWith("-"));
    active = undefined;
    const [start] = LOOKS_LIKE_A_FLAG.exec(word) ?? [];
    const [, long, given, letter = "", glued] = (start && FLAG.exec(word)) || [];
    const name = long?.replace(/-+([a-z\d])/g, (_, next) => next.toUpperCase()) ?? aliases[letter];
    const flag = name !== undefined && Object.hasOwn(flags, name) ? flags[name] : undefined;
    const hasValue = flag?.parse !== undefined;
    const value = given ?? glued?.replace(/^=/, "");
    if (!isValue && hasValue && value !== undefined) {
      // `-p18812`; `-oapi`, which it reads as `-o -a -p -i`; `--out=`; values of several lines.
      words.push(...(/^.+$/.test(value) ? [`--${name}=${value}`] : [`--${name}`, value]));
    } else if (isValue || start === undefined || RECOGNIZED.test(word)) {
      words.push(word);
      if (!isValue && hasValue) active = flag;
    } else {
      // `--x`, `-ü` and `-p1` without such a flag, which it passes to the command as arguments.
      throw unreadableFlag({ flag: start, word, isKnown: flag !== undefined }, help);
    }
  }
  return [...words, ...args.slice(end)];
}
