/**
 * Builders of flags and arguments.
 *
 * A command declares its flags once, with these functions. The parser, the help, the completions, the error texts and
 * the TypeScript types of the values all come from the declaration.
 */
import { formatBytes } from "../../errors.ts";
import { expectedOneOf } from "../suggestions.ts";

declare const VALUE: unique symbol;

/** Settings that every flag accepts. */
export interface FlagOptions {
  /** Letter of the short form: `o` for `-o`. */
  readonly alias?: string;
  /** Heading in the help; flags without one are the command's common flags and come first. */
  readonly group?: string;
  /** Leaves the flag out of help and completions. */
  readonly hidden?: boolean;
}

/** A flag as data; `T` is the type of its value. */
export interface Flag<T = unknown> extends FlagOptions {
  readonly brief: string;
  /** Parses the text of the value; a flag without this is a toggle. */
  readonly parse?: (text: string) => unknown;
  /** Name of the value in the help: `--out <file>`. */
  readonly placeholder?: string;
  /** Values that a shell completes. */
  readonly completions?: readonly string[];
  readonly default?: string | boolean;
  /** The flag can be given several times; its value is a list. */
  readonly isRepeatable?: boolean;
  /** The value can be left out, and is then the empty text. */
  readonly isValueOptional?: boolean;
  readonly [VALUE]?: { readonly value: T };
}

/** An argument as data; `T` is the type of its value. */
export interface Argument<T = unknown> {
  /** Name in the usage line and in errors, in capitals. */
  readonly placeholder: string;
  readonly brief: string;
  readonly parse: (text: string) => unknown;
  readonly completions?: readonly string[];
  readonly isOptional?: boolean;
  /** The argument can be repeated, at least this many times. */
  readonly minimum?: number;
  readonly [VALUE]?: { readonly value: T };
}

/** The flags of a command by name, in the order of the help. */
export type FlagSet = Readonly<Record<string, Flag>>;

/** The arguments of a command; a repeated one is the only one. */
export type Arguments = readonly Argument[];

type ValueOf<F> = F extends { readonly [VALUE]?: { readonly value: infer T } } ? T : never;

type OptionalNames<F> = { [K in keyof F]: undefined extends ValueOf<F[K]> ? K : never }[keyof F];

type Merged<T> = { readonly [K in keyof T]: T[K] };

/** The values that a command receives for its flags. */
export type FlagValues<F> = Merged<
  & { readonly [K in Exclude<keyof F, OptionalNames<F>>]: ValueOf<F[K]> }
  & { readonly [K in OptionalNames<F>]?: Exclude<ValueOf<F[K]>, undefined> }
>;

/** The values that a command receives for its arguments. */
export type ArgumentValues<A extends Arguments> = A extends readonly [Repeated<infer T>] ? T[]
  : { -readonly [K in keyof A]: ValueOf<A[K]> };

/** An argument that can be repeated. */
export interface Repeated<T> extends Argument<T> {
  readonly minimum: number;
}

/** Settings of a flag with a value. */
export interface ValueOptions extends FlagOptions {
  readonly placeholder?: string;
  readonly completions?: readonly string[];
}

/** Settings of a number. */
export interface RangeOptions extends ValueOptions {
  readonly min: number;
  readonly max: number;
}

/** A switch that is off; with `{ default: true }` one that is on and that `--no-NAME` turns off. */
export function toggle(
  brief: string,
  options: FlagOptions & { readonly default?: boolean } = {},
): Flag<boolean> {
  return { brief, default: false, ...options };
}

/** A flag with a value that `parse` reads; it throws a `SyntaxError` for a text that it does not accept. */
export function value<T>(
  brief: string,
  parse: (text: string) => T,
  options: ValueOptions & { readonly isValueOptional?: boolean } = {},
): Flag<T | undefined> {
  return { brief, placeholder: "value", parse, ...options };
}

/** A flag with any text as its value. */
export function text(brief: string, options: ValueOptions = {}): Flag<string | undefined> {
  return value(brief, String, { placeholder: "text", ...options });
}

/** A flag with a command line of the system's shell. */
export function shellCommand(brief: string): Flag<string | undefined> {
  return value(brief, parseShellCommand, { placeholder: "command" });
}

function parseShellCommand(text: string): string {
  if (text.trim() !== "") return text;
  throw new SyntaxError("Expected a command, found an empty text");
}

/** A flag with the path of a file; use `placeholder: "folder"` for a folder. Shells complete paths. */
export function file(brief: string, options: ValueOptions = {}): Flag<string | undefined> {
  return value(brief, String, { placeholder: "file", ...options });
}

/**
 * A flag with a URL. The text is passed on unread: it may hold a password, which the error of a failed parse would
 * print, so its user checks it.
 */
export function url(brief: string, options: ValueOptions = {}): Flag<string | undefined> {
  return value(brief, String, { placeholder: "url", ...options });
}

/** A flag with one of several names. */
export function choice<const T extends string>(
  brief: string,
  names: readonly T[],
  options: ValueOptions = {},
): Flag<T | undefined> {
  return value(brief, (text) => parseChoice(text, names), {
    placeholder: names.join("|"),
    completions: names,
    ...options,
  });
}

/** A flag with one of several names, in upper or lower case. */
export function caselessChoice<const T extends string>(
  brief: string,
  names: readonly T[],
  options: ValueOptions = {},
): Flag<T | undefined> {
  return value(brief, (text) => parseChoice(text.toLowerCase(), names, text), {
    placeholder: names.join("|"),
    completions: names,
    ...options,
  });
}

/** A flag with a whole number. */
export function integer(brief: string, options: RangeOptions): Flag<number | undefined> {
  const { min, max, ...rest } = options;
  return value(brief, (text) => parseInteger(text, min, max), { placeholder: "number", ...rest });
}

/** A flag with a port; 0 where `min` allows it means any free one. */
export function port(
  brief: string,
  options: ValueOptions & { readonly min?: 0 | 1 } = {},
): Flag<number | undefined> {
  return integer(brief, { min: 0, max: 65_535, placeholder: "port", ...options });
}

/** A flag with a time; its value is in milliseconds. `unit` is that of a number alone. */
export function duration(
  brief: string,
  options: ValueOptions & DurationRange,
): Flag<number | undefined> {
  const { unit, min, max, ...rest } = options;
  const placeholder = unit === "s" ? "seconds" : "ms";
  return value(brief, (text) => parseDuration(text, { unit, min, max }), { placeholder, ...rest });
}

/** Limits of a duration in milliseconds, and the unit of a number without one. */
export interface DurationRange {
  readonly unit: "s" | "ms";
  readonly min: number;
  readonly max: number;
}

/** A flag with a number of bytes, such as `10MiB`. */
export function size(
  brief: string,
  options: ValueOptions & { readonly max: number },
): Flag<number | undefined> {
  const { max, ...rest } = options;
  return value(brief, (text) => parseSize(text, max), { placeholder: "size", ...rest });
}

/** The same flag, which can be given several times. */
export function repeatable<T>(flag: Flag<T | undefined>): Flag<readonly T[] | undefined> {
  return { ...flag, isRepeatable: true } as Flag<readonly T[] | undefined>;
}

/** The same flag with a value when it is not given; `text` is parsed like one that is. */
export function withDefault<T>(flag: Flag<T | undefined>, text: string): Flag<T> {
  return { ...flag, default: text } as Flag<T>;
}

/** The same flags under a heading of the help. */
export function grouped<const F extends FlagSet>(group: string, flags: F): F {
  const entries = Object.entries(flags).map(([name, flag]) => [name, { group, ...flag }]);
  return Object.fromEntries(entries) as F;
}

/** An argument that must be given. */
export function argument(placeholder: string, brief: string): Argument<string> {
  return { placeholder, brief, parse: String };
}

/** An argument that can be left out. */
export function optionalArgument(
  placeholder: string,
  brief: string,
): Argument<string | undefined> {
  return { placeholder, brief, parse: String, isOptional: true };
}

/** An argument that is one of several names. */
export function choiceArgument<const T extends string>(
  placeholder: string,
  brief: string,
  names: readonly T[],
): Argument<T> {
  return { placeholder, brief, parse: (text) => parseChoice(text, names), completions: names };
}

/** A {@link choiceArgument} that can be left out. */
export function optionalChoiceArgument<const T extends string>(
  placeholder: string,
  brief: string,
  names: readonly T[],
): Argument<T | undefined> {
  return { ...choiceArgument(placeholder, brief, names), isOptional: true };
}

/** All arguments of a command that accepts any number of them. */
export function repeatedArgument(
  placeholder: string,
  brief: string,
  options: { readonly minimum?: number; readonly completions?: readonly string[] } = {},
): Repeated<string> {
  return { placeholder, brief, parse: String, minimum: 0, ...options };
}

function parseChoice<T extends string>(text: string, names: readonly T[], given = text): T {
  const name = names.find((name) => name === text);
  if (name === undefined) throw new SyntaxError(expectedOneOf(names, given));
  return name;
}

/** Reads a whole number in decimal digits. @throws SyntaxError */
export function parseInteger(text: string, min: number, max: number): number {
  const value = /^\d{1,10}$/.test(text) ? Number(text) : NaN;
  if (value >= min && value <= max) return value;
  throw new SyntaxError(`Expected a whole number from ${min} to ${max}, found "${text}"`);
}

/** Timers of every runtime end here, in milliseconds. */
export const LONGEST_TIMEOUT = 2 ** 31 - 1;

const MILLISECONDS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000 };

/** Reads `5`, `0.5`, `500ms`, `2s` or `1m` as milliseconds. @throws SyntaxError */
export function parseDuration(text: string, { unit, min, max }: DurationRange): number {
  const [, amount, given = unit] = /^(\d+(?:\.\d+)?)(ms|s|m)?$/.exec(text) ?? [];
  const milliseconds = Number(amount) * (MILLISECONDS[given] ?? NaN);
  if (milliseconds >= min && milliseconds <= max) return milliseconds;
  const examples = unit === "s"
    ? "seconds such as 5, 0.5, 500ms or 2m"
    : "milliseconds such as 300, 0.5s or 1m";
  const range = max < LONGEST_TIMEOUT
    ? `, from ${formatDuration(min, unit)} to ${formatDuration(max, unit)}`
    : "";
  throw new SyntaxError(`Expected ${examples}${range}, found "${text}"`);
}

function formatDuration(milliseconds: number, unit: "s" | "ms"): string {
  return String(unit === "s" ? milliseconds / 1000 : milliseconds);
}

const BYTES: Readonly<Record<string, number>> = { "": 1, k: 2 ** 10, m: 2 ** 20, g: 2 ** 30 };

/** Reads `4096`, `64k` or `10MiB` as a number of bytes. @throws SyntaxError */
export function parseSize(text: string, max: number): number {
  const [, amount, unit = ""] = /^(\d+(?:\.\d+)?)\s*(?:([kmg])i?b?|b)?$/i.exec(text) ?? [];
  const bytes = Math.floor(Number(amount) * (BYTES[unit.toLowerCase()] ?? NaN));
  if (bytes >= 1 && bytes <= max) return bytes;
  throw new SyntaxError(
    `Expected a size such as 10MiB, up to ${formatBytes(max)}, found "${text}"`,
  );
}
