/** Functions of the handlers' module as what a Python client calls. */
import { type BindableParameter, bindArguments } from "./bind_arguments.ts";
import {
  type CallContext,
  type Keywords,
  markCallable,
  type PythonCallable,
} from "./objects/view.ts";
import { functionParameters } from "../rpc/mod.ts";
import { typeError } from "./python_errors.ts";

/** What a {@link userCallable} is made of. */
export interface UserCallableInit {
  /** Class or service name, for messages. */
  readonly owner: string;
  readonly name: string;
  readonly self?: unknown;
  readonly run: (...args: unknown[]) => unknown;
  readonly kind?: PythonCallable["kind"];
  /** Names for keyword arguments; by default `run.parameters` or those in the function's own text. */
  readonly parameters?: readonly BindableParameter[];
}

/** A JavaScript function: its arguments are copied here first, named ones put in their place. */
export function userCallable(init: UserCallableInit): PythonCallable {
  const { owner, name, self, run } = init;
  const makes = isClass(run);
  const kind = makes ? "class" : init.kind ?? "method";
  const qualified = qualifiedName(owner, name, makes);
  return markCallable({
    name: makes ? name : qualified,
    kind,
    call(args, keywords, context) {
      const bound = bindTo(qualified, kind, run, init.parameters, args, keywords);
      return withPlainArguments(
        bound,
        context,
        (plain) => makes ? Reflect.construct(run, plain) : run.apply(self, plain),
      );
    },
  });
}

// As they stand in Python's messages.
function qualifiedName(owner: string, name: string, makes: boolean): string {
  if (makes) return `${name}.__init__`;
  if (owner === "") return name;
  return /^__\w+__$/.test(name) ? `${owner}.${name}` : `${owner}.exposed_${name}`;
}

const CLASSES = new WeakMap<object, boolean>();

/** Whether a function is a class, which is called with `new`. */
export function isClass(value: unknown): boolean {
  if (typeof value !== "function") return false;
  let known = CLASSES.get(value);
  if (known === undefined) {
    known = /^class\b/.test(Function.prototype.toString.call(value));
    CLASSES.set(value, known);
  }
  return known;
}

/** Runs `call` with every argument copied here; at once when nothing has to be fetched from the client. */
export function withPlainArguments(
  args: readonly unknown[],
  context: CallContext,
  call: (args: unknown[]) => unknown,
): unknown {
  const plain: unknown[] = [];
  let isWaiting = false;
  for (const argument of args) {
    const value = context.toPlain(argument);
    isWaiting ||= value instanceof Promise;
    plain.push(value);
  }
  return isWaiting ? Promise.all(plain).then(call) : call(plain);
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
  /** Whether a rest parameter takes more. */
  readonly rest: boolean;
}

const KNOWN = new WeakMap<object, Parameters | null>();

/** By a function's own `parameters` property (a list of names), else by its text; `undefined` when neither tells. */
function parametersOf(run: (...args: unknown[]) => unknown): Parameters | undefined {
  let known = KNOWN.get(run);
  if (known === undefined) {
    known = declaredParameters(run) ?? readParameters(run) ?? null;
    KNOWN.set(run, known);
  }
  return known ?? undefined;
}

function declaredParameters(run: (...args: unknown[]) => unknown): Parameters | undefined {
  const declared: unknown = Reflect.get(run, "parameters");
  if (!Array.isArray(declared)) return undefined;
  const optional = functionParameters(run);
  return {
    list: declared.map((name, index) => ({
      name: String(name),
      required: !(optional?.[index]?.optional ?? index >= run.length),
    })),
    rest: false,
  };
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
