/** Calls of local objects. */
import { attributeName } from "./attributes.ts";
import type { LocalObject } from "./local_objects.ts";
import type { CallContext, Keywords } from "./objects/callable.ts";
import { shortClassName } from "./objects/view.ts";
import { viewOf } from "./objects/view_of.ts";
import { typeError } from "./python_errors.ts";

/** Arguments as the client sent them. */
export interface RawArguments {
  readonly args: unknown;
  readonly keywords: unknown;
}

/** Calls an object, or its `__call__`. */
export function callObject(
  { view }: LocalObject,
  { args, keywords }: RawArguments,
  context: CallContext,
): unknown {
  if (view.call !== undefined) {
    return view.call(positionalArguments(args), keywordArguments(keywords), context);
  }
  const special = view.attribute("__call__");
  if (special === undefined) throw typeError(`'${shortClassName(view)}' object is not callable`);
  return callValue(special, "__call__", { args, keywords }, context);
}

/** Calls the value of an attribute. */
export function callValue(
  value: unknown,
  name: string,
  { args, keywords }: RawArguments,
  context: CallContext,
): unknown {
  if ((typeof value !== "object" && typeof value !== "function") || value === null) {
    throw typeError(`'${name}' is not callable`);
  }
  const view = viewOf(value, undefined);
  if (view.call === undefined) {
    throw typeError(`'${shortClassName(view)}' object is not callable`);
  }
  return view.call(positionalArguments(args), keywordArguments(keywords), context);
}

const NO_KEYWORDS: Keywords = [];

function positionalArguments(args: unknown): readonly unknown[] {
  if (Array.isArray(args)) return args;
  throw typeError("arguments are not a tuple");
}

function keywordArguments(keywords: unknown): Keywords {
  if (keywords === undefined) return NO_KEYWORDS;
  if (!Array.isArray(keywords)) throw typeError("keyword arguments are not a tuple");
  if (keywords.length === 0) return NO_KEYWORDS;
  return keywords.map((pair: unknown) => {
    if (!Array.isArray(pair) || pair.length !== 2) throw typeError("a keyword argument is a pair");
    return [attributeName(pair[0]), pair[1] as unknown] as const;
  });
}
