import {
  type Call,
  type Client,
  createClient,
  type FetchResponse,
  httpLink,
  type Link,
} from "../client/pyrpc_client.ts";
import { isKeywordOnly, type Parameter, parseContract } from "../contract/mod.ts";
import { destructuredNames, functionParameters } from "../rpc/mod.ts";
import { fakeNotFunction, noFake, orReadable, unknownArguments } from "./errors.ts";

// deno-lint-ignore no-explicit-any
type Any = any;
// Generated procedures have at most three signatures. A type with fewer of them repeats the first one.
type Arguments<Type> = Type extends {
  (...args: infer A): Any;
  (...args: infer B): Any;
  (...args: infer C): Any;
} ? A | B | C
  : never;
type Result<Type> = Type extends (...args: Any) => Promise<infer Data> ? Data : never;
type IsNamed<Value> = Value extends object ? Value extends readonly unknown[] ? false : true
  : false;
// A single object contains the parameters by name.
type Positional<Args> = Args extends readonly [infer Only]
  ? [IsNamed<Only>] extends [true] ? never : Args
  : Args;
type Named<Args> = Args extends readonly [infer Only]
  ? [IsNamed<Only>] extends [true] ? Only : never
  : never;
type IsUnion<Type, Each = Type> = [Type] extends [never] ? false
  : Each extends unknown ? [Type] extends [Each] ? false : true
  : never;
// A parameter that is an object has no positional form, because the client would send it as named arguments.
type OnlyValue<Input> = IsUnion<keyof Input> extends true ? [Input] : [Input[keyof Input]];

/** The arguments that the fake of a procedure receives: the positional form. */
export type FakeArguments<Type> = FormOf<Arguments<Type>>;
type FormOf<Args> = OneList<
  [Named<Args>] extends [never] ? Args
    : HasPositional<Args> extends true ? Positional<Args>
    : OnlyValue<Named<Args>> | Positional<Args>
>;
// `[] | [limit: number]` as `[limit?: number]`: a function with one parameter does not accept the union.
type OneList<Lists> = Optional<Longest<Lists>, LengthOf<Lists>>;
type LengthOf<List> = List extends readonly unknown[] ? List["length"] : never;
type Longest<Lists, Each = Lists> = Each extends readonly unknown[]
  ? [Lists] extends [Readonly<Partial<Each>>] ? Each : never
  : never;
type Optional<List, Lengths, First extends readonly unknown[] = []> = First["length"] extends
  Lengths ? [...First, ...Rest<List>]
  : List extends readonly [infer One, ...infer Others] ? Optional<Others, Lengths, [...First, One]>
  : First;
type Rest<List> = List extends readonly unknown[] ? Partial<List> : never;

/** A function in place of a procedure. */
export type Fake<Type> = (...args: FakeArguments<Type>) => Result<Type> | Promise<Result<Type>>;

/** Functions by the names of procedures. */
export type Fakes<Types> = { readonly [Name in keyof Types]?: Fake<Types[Name]> };

/** Handlers of a mock: functions by the names of procedures, and objects of functions for names with dots. */
export type Handlers<Types> = string extends keyof Types ? { readonly [name: string]: unknown }
  :
    & { readonly [Name in keyof Types]?: Handler<Types[Name]> }
    & {
      readonly [Name in Exclude<Prefix<keyof Types>, keyof Types>]?: Handlers<Below<Types, Name>>;
    };
type Prefix<Name> = Name extends `${infer First}.${string}` ? First : never;
type Below<Types, Name extends string> = {
  [Key in keyof Types as Key extends `${Name}.${infer Rest}` ? Rest : never]: Types[Key];
};

// Keyword-only parameters have an order in the contract, which the types do not show.
type Handler<Type> = IsKeywordOnly<Arguments<Type>> extends true
  ? (...args: Any) => Result<Type> | Promise<Result<Type>>
  : Fake<Type>;
type IsKeywordOnly<Args> = HasPositional<Args> extends true ? false : IsUnion<keyof Named<Args>>;
type HasPositional<Args> = [Exclude<Positional<Args>, readonly []>] extends [never] ? false : true;

/** Procedures of a server without types. */
export type AnyProcedures = { readonly [name: string]: (...args: Any) => Promise<Any> };

/** Options of {@link createFake}. */
export interface FakeOptions {
  /**
   * The contract (the file of `pyrpc pull`), as an object. It defines the order of arguments that are passed by name. Without
   * it, the names of the function's own parameters do.
   */
  readonly contract?: object;
}

/**
 * Makes a client whose procedures are plain functions. They receive the arguments by position, however they are passed. A
 * procedure without a function rejects.
 *
 * @example
 * ```ts
 * import { createFake } from "./mod.ts";
 *
 * type Types = { get_user: (...args: [id: number] | [params: { id: number }]) => Promise<{ id: number; name: string }> };
 * const rpc = createFake<Types>({ get_user: (id) => ({ id, name: "Ada" }) });
 * await rpc.get_user({ id: 1 }); // { id: 1, name: "Ada" }
 * ```
 */
export function createFake<Types extends object = AnyProcedures>(
  fakes: Fakes<NoInfer<Types>>,
  { contract }: FakeOptions = {},
): Client<Types> {
  const procedures = contract === undefined
    ? undefined
    : orReadable(() => parseContract(contract, { where: "contract" })).procedures;
  const run = async ({ method, params }: Call): Promise<unknown> => {
    const fake = Object.hasOwn(fakes, method) ? (fakes as Record<string, unknown>)[method] : null;
    if (fake === null || fake === undefined) throw noFake(method);
    if (typeof fake !== "function") throw fakeNotFunction(method);
    const args = argumentsOf(
      method,
      params,
      fake as Function_,
      procedures?.get(method)?.parameters,
    );
    return await (fake as Function_)(...args);
  };
  return createClient<Types>({ links: [fakeLink(run)] });
}

type Function_ = (...args: readonly unknown[]) => unknown;

/** Passes calls through `httpLink`: signals, timeouts, headers and JSON then work as with a server. */
function fakeLink(run: (call: Call) => Promise<unknown>): Link {
  return (defaults) => async (call, next, own) => {
    let failure: { readonly error: unknown } | undefined;
    const answer = async (body: string): Promise<FetchResponse> => {
      let text = `{"error":{}}`;
      try {
        text = JSON.stringify({ result: await run(JSON.parse(body)) ?? null });
      } catch (error) {
        failure = { error };
      }
      return { ok: true, status: 200, headers: { get: () => null }, text: async () => text };
    };
    const link = httpLink({ url: "http://fake", fetch: (_, { body }) => answer(body) });
    try {
      return await link(defaults)(call, next, own);
    } catch (error) {
      // The function's own error; that of an aborted call comes earlier.
      throw failure === undefined ? error : failure.error;
    }
  };
}

/** The arguments of a call by position. */
function argumentsOf(
  method: string,
  params: unknown,
  fake: Function_,
  parameters: readonly Parameter[] | undefined,
): readonly unknown[] {
  if (Array.isArray(params)) return params;
  if (params === null || params === undefined) return [];
  const given = params as Readonly<Record<string, unknown>>;
  const keys = Object.keys(given);
  if (parameters !== undefined) {
    return isKeywordOnly(parameters)
      ? [given]
      : withoutTail(parameters.map(({ name }) => given[name]));
  }
  const { getMockImplementation } = fake as { getMockImplementation?: () => Function_ | undefined };
  const written = getMockImplementation?.() ?? fake;
  const own = functionParameters(written);
  // Destructured parameters have no names.
  if (own === undefined) return [keys.length === 1 ? onlyArgument(given, written) : given];
  if (own.some(({ rest }) => rest)) return [given];
  const names = own.map(({ name }) => name);
  if (names.length > 0 && keys.length > 0 && !keys.some((key) => names.includes(key))) {
    throw unknownArguments(method, keys, names);
  }
  return withoutTail(names.map((name) => Object.hasOwn(given, name) ? given[name] : undefined));
}

/** The value of the only named argument, or the object if the function destructures it: `({ low, high }) => …`. */
function onlyArgument(given: Readonly<Record<string, unknown>>, fake: Function_): unknown {
  const [[name, value] = ["", undefined]] = Object.entries(given);
  const names = destructuredNames(fake);
  if (names === undefined) return value;
  const isObject = typeof value === "object" && value !== null;
  return isObject && (Object.hasOwn(value, name) || !names.includes(name)) ? value : given;
}

/** Leaves out omitted arguments at the end, so that the function sees their number. */
function withoutTail(args: readonly unknown[]): readonly unknown[] {
  return args.slice(0, args.findLastIndex((value) => value !== undefined) + 1);
}
