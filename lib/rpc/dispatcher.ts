import type { JsonObject, Procedure } from "../contract/mod.ts";
import type { CallContext, Dispatcher, Outcome, RpcCall, RpcFault, WireValue } from "./call.ts";
import { failed, methodNotFound, procedureFailed, succeeded } from "./call.ts";
import {
  type FunctionParameter,
  functionParameters,
  statedParameter,
} from "./function_parameters.ts";
import { type DescribedMethod, describeMethod, type MethodSchemas } from "./described_method.ts";
import { duplicateMethod, methodHasNoName } from "./errors.ts";

/** A function that clients can call. May be async. */
// deno-lint-ignore no-explicit-any -- parameters of the user's function
export type Method = (...args: any[]) => unknown;

/** Options of {@link RpcDispatcher.addMethod}. */
export interface MethodOptions extends MethodSchemas {
  /**
   * Names of the parameters in order, instead of those in the function's text. A last name with `**` before it receives the
   * arguments by name that have no parameter of their own.
   */
  readonly names?: readonly string[];
  /** Value of `this` inside the function. */
  readonly self?: unknown;
}

/** A registered method. */
export interface RegisteredMethod {
  readonly name: string;
  readonly fn: Method;
  readonly self: unknown;
  /** `undefined` if unknown: arguments by name are refused then, and their number is not checked. */
  readonly parameters: readonly FunctionParameter[] | undefined;
  /** Present for a method that was added with its schemas. */
  readonly described: DescribedMethod | undefined;
}

/** Returns the error in the number or names of arguments, or `undefined`. */
export type ParameterCheck = (method: RegisteredMethod, params: RpcCall["params"]) =>
  | string
  | undefined;

/** Calls a method; wrap it to add arguments or to measure. */
export type Caller = (
  method: RegisteredMethod,
  args: readonly unknown[],
  context: CallContext,
) => unknown;

/**
 * Calls functions by name.
 *
 * A name is looked up among the dispatcher's own methods first, then in every sub-dispatcher whose prefix the name
 * starts with, in the order they were added. Methods with schemas are described by {@link describe}, which is what
 * `GET /rpc` answers.
 *
 * @example
 * ```ts
 * import { RpcDispatcher } from "./mod.ts";
 *
 * const admin = new RpcDispatcher();
 * admin.addMethod(function version() {
 *   return "1.0";
 * });
 * const dispatcher = new RpcDispatcher();
 * dispatcher.addMethod(function add(a: number, b: number) {
 *   return a + b;
 * });
 * dispatcher.addSubdispatch(admin, "admin.");
 * dispatcher.has("admin.version"); // true
 * ```
 */
export class RpcDispatcher implements Dispatcher {
  /** Replaceable; `null` disables the check. Methods with schemas have their own. */
  parameterCheck: ParameterCheck | null = checkParameters;
  /** Replaceable, to wrap the call of every function. */
  caller: Caller = callDirectly;
  readonly #methods = new Map<string, RegisteredMethod>();
  readonly #below: { readonly prefix: string; readonly dispatcher: Dispatcher }[] = [];

  /**
   * Adds a function under its own or another name.
   *
   * @throws ToolError `SERVER_METHOD_TWICE` if the name is in use, `SERVER_METHOD_NAMELESS` without a name
   */
  addMethod(fn: Method, name: string = fn.name, options: MethodOptions = {}): this {
    if (name === "") throw methodHasNoName();
    if (this.#methods.has(name)) throw duplicateMethod(name);
    const hasSchemas = options.parameters !== undefined || options.result !== undefined;
    const described = hasSchemas ? describeMethod(name, options) : undefined;
    this.#methods.set(name, {
      name,
      fn,
      self: options.self,
      parameters: described === undefined ? parametersOf(fn, options.names) : undefined,
      described,
    });
    return this;
  }

  /** Adds another dispatcher below this one: its methods are called by prefix and name. The prefix includes the dot. */
  addSubdispatch(dispatcher: Dispatcher, prefix = ""): this {
    this.#below.push({ prefix, dispatcher });
    return this;
  }

  /** Names of this dispatcher's own methods, without those below. */
  get names(): readonly string[] {
    return [...this.#methods.keys()];
  }

  /** Finds an own method. */
  method(name: string): RegisteredMethod | undefined {
    return this.#methods.get(name);
  }

  /** Describes every method with schemas, here and below, as in `GET /rpc`. */
  describe(): JsonObject {
    const entries: [string, JsonObject][] = [];
    for (const [name, { described }] of this.#methods) {
      if (described !== undefined) entries.push([name, described.document]);
    }
    for (const { prefix, dispatcher } of this.#below) {
      if (!(dispatcher instanceof RpcDispatcher)) continue;
      for (const [name, document] of Object.entries(dispatcher.describe())) {
        entries.push([prefix + name, document as JsonObject]);
      }
    }
    return Object.fromEntries(entries);
  }

  has(name: string): boolean {
    if (this.#methods.has(name)) return true;
    return this.#below.some(({ prefix, dispatcher }) =>
      name.startsWith(prefix) && dispatcher.has(name.slice(prefix.length))
    );
  }

  dispatch(call: RpcCall, context: CallContext): Outcome | Promise<Outcome> {
    const method = this.#methods.get(call.method);
    if (method !== undefined) return this.#run(method, call.params, context);
    for (const { prefix, dispatcher } of this.#below) {
      if (!call.method.startsWith(prefix)) continue;
      const below = call.method.slice(prefix.length);
      if (dispatcher.has(below)) {
        return dispatcher.dispatch({ method: below, params: call.params }, context);
      }
    }
    return methodNotFound(call.method);
  }

  #run(
    method: RegisteredMethod,
    params: RpcCall["params"],
    context: CallContext,
  ): Outcome | Promise<Outcome> {
    try {
      if (method.described !== undefined) {
        return runDescribed(method.described, params, (args) => this.caller(method, args, context));
      }
      const problem = this.parameterCheck?.(method, params);
      if (problem !== undefined) return failed(invalidParams(problem));
      const args = positional(method, params);
      if (typeof args === "string") return failed(invalidParams(args));
      return settle(this.caller(method, args, context), (value) => succeeded(value));
    } catch (error) {
      return procedureFailed(error);
    }
  }
}

/** Combines dispatchers: the first that has the procedure answers. */
export function stackDispatchers(...dispatchers: readonly Dispatcher[]): Dispatcher {
  return {
    has: (method) => dispatchers.some((dispatcher) => dispatcher.has(method)),
    dispatch(call, context) {
      for (const dispatcher of dispatchers) {
        if (dispatcher.has(call.method)) return dispatcher.dispatch(call, context);
      }
      return methodNotFound(call.method);
    },
  };
}

/** The error of arguments that do not match the parameters, with Python's message. */
export function invalidParams(problem: string): RpcFault {
  return { kind: "invalid-params", message: `Invalid params: ${problem}` };
}

/** The default check: the arguments must match the function's parameters, as in Python. */
export function checkParameters(
  { parameters }: Pick<RegisteredMethod, "parameters">,
  params: RpcCall["params"],
): string | undefined {
  if (parameters === undefined) return undefined;
  const rest = parameters.some((parameter) => parameter.rest);
  const named = parameters.filter(({ rest, keywords }) => !rest && keywords !== true);
  if (params === null || Array.isArray(params)) {
    const given = params === null ? 0 : params.length;
    const missing = named.slice(given).find((parameter) => !parameter.optional);
    if (missing !== undefined) return `missing a required argument: '${missing.name}'`;
    return given > named.length && !rest ? "too many positional arguments" : undefined;
  }
  const missing = named.find(({ name, optional }) => !optional && !Object.hasOwn(params, name));
  if (missing !== undefined) return `missing a required argument: '${missing.name}'`;
  if (parameters.at(-1)?.keywords === true) return undefined;
  const extra = Object.keys(params).find((key) => !named.some(({ name }) => name === key));
  return extra === undefined ? undefined : `got an unexpected keyword argument '${extra}'`;
}

function parametersOf(
  fn: Method,
  names: readonly string[] | undefined,
): readonly FunctionParameter[] | undefined {
  const stated = functionParameters(fn);
  if (names === undefined) return stated;
  return names.map((name, index) => statedParameter(name, stated?.[index]?.optional ?? false));
}

// Puts arguments in the function's order, or returns the error.
function positional(
  { parameters }: RegisteredMethod,
  params: RpcCall["params"],
): readonly unknown[] | string {
  const takesKeywords = parameters?.at(-1)?.keywords === true;
  if (params === null || Array.isArray(params)) {
    const args = params as readonly unknown[] | null ?? [];
    if (parameters === undefined || !takesKeywords) return args;
    return Array.from(parameters, ({ keywords }, index) => keywords === true ? {} : args[index]);
  }
  const named = params as Readonly<Record<string, WireValue>>;
  if (parameters === undefined) {
    return Object.keys(named).length === 0
      ? []
      : "the names of this function's parameters are unknown: pass the arguments by position";
  }
  return parameters.filter(({ rest }) => !rest).map(({ name, keywords }) =>
    keywords === true
      ? remaining(named, parameters)
      : Object.hasOwn(named, name)
      ? named[name]
      : undefined
  );
}

// The arguments without a parameter of their own.
function remaining(
  named: Readonly<Record<string, WireValue>>,
  parameters: readonly FunctionParameter[],
): Readonly<Record<string, WireValue>> {
  const own = new Set(parameters.flatMap(({ name, keywords }) => keywords === true ? [] : [name]));
  return Object.fromEntries(Object.entries(named).filter(([name]) => !own.has(name)));
}

function callDirectly(method: RegisteredMethod, args: readonly unknown[]): unknown {
  return method.self === undefined ? method.fn(...args) : method.fn.apply(method.self, [...args]);
}

/** Continues with a value that may be a promise; an exception or rejection is the procedure's error. */
export function settle(
  value: unknown,
  then: (value: WireValue) => Outcome | Promise<Outcome>,
): Outcome | Promise<Outcome> {
  if (value instanceof Promise || isThenable(value)) {
    return Promise.resolve(value).then((settled) => then(settled as WireValue ?? null))
      .catch(procedureFailed);
  }
  return then(value as WireValue ?? null);
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null &&
    typeof (value as { then?: unknown }).then === "function";
}

function runDescribed(
  described: DescribedMethod,
  params: RpcCall["params"],
  call: (args: readonly unknown[]) => unknown,
): Outcome | Promise<Outcome> {
  const checked = described.checkCall(params);
  const go = (result: Awaited<typeof checked>) =>
    result.ok
      ? settle(call(argumentList(described.procedure, result.arguments)), described.checkResult)
      : failed(result.fault);
  return checked instanceof Promise ? checked.then(go).catch(procedureFailed) : go(checked);
}

/**
 * Lists arguments in the order of the contract. An omitted one is the contract's default; without a default it is
 * `undefined`, so that the function's own default applies.
 */
export function argumentList(
  procedure: Pick<Procedure, "parameters">,
  args: ReadonlyMap<string, unknown>,
): unknown[] {
  const list: unknown[] = [];
  for (const { name, default: fallback } of procedure.parameters) {
    list.push(args.has(name) ? args.get(name) : fallback ?? undefined);
  }
  return list;
}
