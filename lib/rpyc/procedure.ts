/** JavaScript functions as callables for Python clients. */
import { functionParameters, statedParameter } from "../rpc/mod.ts";
import { type BindableParameter, bindArguments, KeywordArguments } from "./bind_arguments.ts";
import {
  type CallContext,
  type Keywords,
  markCallable,
  type PythonCallable,
} from "./objects/callable.ts";
import { typeError } from "./python_errors.ts";

/** Options of {@link userCallable}. */
export interface UserCallableInit {
  /** Class or service name, for error messages. */
  readonly owner: string;
  readonly name: string;
  readonly self?: unknown;
  readonly run: (...args: unknown[]) => unknown;
  readonly kind?: PythonCallable["kind"];
  /** Parameters for keyword arguments. @default {`run.parameters`, or else those in the function's source text} */
  readonly parameters?: readonly BindableParameter[];
}

/** Returns a callable that binds keyword arguments, copies the arguments to this side and calls a function. */
export function userCallable(init: UserCallableInit): PythonCallable {
  const { owner, name, self, run } = init;
  const isConstructor = isClass(run);
  const kind = isConstructor ? "class" : init.kind ?? "method";
  const qualified = qualifiedName(owner, name, isConstructor);
  return markCallable({
    name: isConstructor ? name : qualified,
    kind,
    call(args, keywords, context) {
      const bound = bindTo(qualified, kind, run, init.parameters, args, keywords);
      return withPlainArguments(
        bound,
        context,
        (plain) => isConstructor ? Reflect.construct(run, plain) : run.apply(self, plain),
      );
    },
  });
}

// The name in Python's error messages.
function qualifiedName(owner: string, name: string, isConstructor: boolean): string {
  if (isConstructor) return `${name}.__init__`;
  if (owner === "") return name;
  return /^__\w+__$/.test(name) ? `${owner}.${name}` : `${owner}.exposed_${name}`;
}

const CLASSES = new WeakMap<object, boolean>();

/** Returns true if a value is a class, which is called with `new`. */
export function isClass(value: unknown): boolean {
  if (typeof value !== "function") return false;
  let cached = CLASSES.get(value);
  if (cached === undefined) {
    cached = /^class\b/.test(Function.prototype.toString.call(value));
    CLASSES.set(value, cached);
  }
  return cached;
}

/** Copies the arguments to this side and calls `call`; synchronously if nothing must be fetched from the client. */
export function withPlainArguments(
  args: readonly unknown[],
  context: CallContext,
  call: (args: unknown[]) => unknown,
): unknown {
  const plain: unknown[] = [];
  let isWaiting = false;
  for (const argument of args) {
    const value = argument instanceof KeywordArguments
      ? plainKeywords(argument, context)
      : context.toPlain(argument);
    isWaiting ||= value instanceof Promise;
    plain.push(value);
  }
  return isWaiting ? Promise.all(plain).then(call) : call(plain);
}

function plainKeywords({ entries }: KeywordArguments, context: CallContext): unknown {
  const names = entries.map(([name]) => name);
  return withPlainArguments(
    entries.map(([, value]) => value),
    context,
    (values) => Object.fromEntries(names.map((name, index) => [name, values[index]])),
  );
}

function bindTo(
  name: string,
  kind: PythonCallable["kind"],
  run: (...args: unknown[]) => unknown,
  given: readonly BindableParameter[] | undefined,
  args: readonly unknown[],
  keywords: Keywords,
): readonly unknown[] {
  const parameters = given === undefined ? parametersOf(run) : { list: given, rest: false };
  if (parameters === undefined) {
    if (keywords.length === 0) return args;
    throw typeError(`${name}() takes no keyword arguments: its parameters have no names here`);
  }
  return bindArguments(args, keywords, {
    name,
    parameters: parameters.list,
    variadic: parameters.rest,
    countsSelf: kind !== "function",
  });
}

interface Parameters {
  readonly list: readonly BindableParameter[];
  /** True if there is a rest parameter. */
  readonly rest: boolean;
}

const CACHE = new WeakMap<object, Parameters | null>();

/** Reads the `parameters` property of a function (a list of names) or else its source text; `undefined` if both fail. */
function parametersOf(run: (...args: unknown[]) => unknown): Parameters | undefined {
  let cached = CACHE.get(run);
  if (cached === undefined) {
    cached = declaredParameters(run) ?? readParameters(run) ?? null;
    CACHE.set(run, cached);
  }
  return cached ?? undefined;
}

function declaredParameters(run: (...args: unknown[]) => unknown): Parameters | undefined {
  const declared: unknown = Reflect.get(run, "parameters");
  if (!Array.isArray(declared)) return undefined;
  const optional = functionParameters(run);
  return {
    list: declared.map((name, index) =>
      bindable(String(name), optional?.[index]?.optional ?? index >= run.length)
    ),
    rest: false,
  };
}

/** Returns the parameter of a stated name, which may be `**kwargs`. */
export function bindable(text: string, isOptional: boolean): BindableParameter {
  const { name, optional, keywords = false } = statedParameter(text, isOptional);
  return { name, required: !optional, keywords };
}

function readParameters(run: (...args: unknown[]) => unknown): Parameters | undefined {
  const parameters = functionParameters(run);
  return parameters && {
    list: parameters.filter(({ rest }) => !rest).map(({ name, optional }) => ({
      name,
      required: !optional,
    })),
    rest: parameters.some(({ rest }) => rest),
  };
}
