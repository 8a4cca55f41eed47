/** Python's rules for positional and keyword arguments, with its error messages. */
import { typeError } from "./python_errors.ts";

/** One parameter of a procedure. */
export interface BindableParameter {
  readonly name: string;
  readonly required: boolean;
  /** `**kwargs`: receives the keyword arguments that have no parameter of their own. Always the last. */
  readonly keywords?: boolean;
}

/** The keyword arguments of a call for a parameter like `**kwargs`. */
export class KeywordArguments {
  readonly entries: readonly (readonly [string, unknown])[];

  constructor(entries: readonly (readonly [string, unknown])[]) {
    this.entries = entries;
  }
}

/** Options of {@link bindArguments}. */
export interface BindOptions {
  /** `Service.procedure`, for error messages. */
  readonly name: string;
  readonly parameters: readonly BindableParameter[];
  /** Accepts more positional arguments than parameters. */
  readonly variadic?: boolean;
  /** Counts `self` in error messages, as Python does for methods. @default {true} */
  readonly countsSelf?: boolean;
}

/**
 * Returns the arguments in the order of the parameters, with `undefined` for omitted optional ones and
 * {@link KeywordArguments} for `**kwargs`.
 *
 * @throws PythonError `TypeError` with CPython's message for missing, additional, unknown or repeated arguments
 */
export function bindArguments(
  args: readonly unknown[],
  keywords: readonly (readonly [string, unknown])[],
  { name, parameters: all, variadic = false, countsSelf = true }: BindOptions,
): readonly unknown[] {
  const takesKeywords = all.at(-1)?.keywords === true;
  const parameters = takesKeywords ? all.slice(0, -1) : all;
  if (args.length > parameters.length && !variadic) {
    throw typeError(tooMany(name, parameters, args.length, countsSelf ? 1 : 0));
  }
  if (!takesKeywords && keywords.length === 0 && args.length >= parameters.length) return args;
  const others: (readonly [string, unknown])[] = [];
  const bound: unknown[] = [...args];
  while (bound.length < parameters.length) bound.push(undefined);
  const given = new Set(parameters.slice(0, args.length).map((parameter) => parameter.name));
  for (const [keyword, value] of keywords) {
    const index = parameters.findIndex((parameter) => parameter.name === keyword);
    if (index < 0) {
      if (!takesKeywords) {
        throw typeError(`${name}() got an unexpected keyword argument '${keyword}'`);
      }
      others.push([keyword, value]);
      continue;
    }
    if (given.has(keyword)) {
      throw typeError(`${name}() got multiple values for argument '${keyword}'`);
    }
    given.add(keyword);
    bound[index] = value;
  }
  const missing = parameters.filter((parameter) =>
    parameter.required && !given.has(parameter.name)
  );
  if (missing.length > 0) {
    const plural = missing.length === 1 ? "argument" : "arguments";
    const list = enumeration(missing.map((parameter) => `'${parameter.name}'`));
    throw typeError(`${name}() missing ${missing.length} required positional ${plural}: ${list}`);
  }
  if (takesKeywords) bound.push(new KeywordArguments(others));
  return bound;
}

function tooMany(
  name: string,
  parameters: readonly BindableParameter[],
  given: number,
  self: number,
): string {
  const most = parameters.length + self;
  const least = parameters.filter((parameter) => parameter.required).length + self;
  const takes = least === most ? `${most}` : `from ${least} to ${most}`;
  const plural = most === 1 ? "argument" : "arguments";
  return `${name}() takes ${takes} positional ${plural} but ${given + self} ${
    given + self === 1 ? "was" : "were"
  } given`;
}

function enumeration(items: readonly string[]): string {
  if (items.length <= 2) return items.join(" and ");
  return `${items.slice(0, -1).join(", ")}, and ${items.at(-1)}`;
}
