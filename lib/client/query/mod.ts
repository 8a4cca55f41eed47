import { type ClientError, type Signal, withOptions } from "../pyrpc_client.ts";

// Structural types without an import: each package of TanStack pins a copy of its own, whose types differ.

/** Options of a query: `useQuery(api.list_products.queryOptions({ limit: 5 }))`. `Skip` is the type of `skipToken`. */
export interface QueryOptions<Data, Skip = never> {
  readonly queryKey: readonly unknown[];
  readonly queryFn: ((context: { readonly signal: Signal }) => Promise<Data>) | Skip;
  /** Only a type, from which the type of `error` is inferred. */
  readonly throwOnError?: (error: ClientError) => boolean;
  /** Only a type: suspending queries have no `throwOnError`. */
  readonly retryDelay?: (failureCount: number, error: ClientError) => number;
}

/** Options of an infinite query. `Skip` is the type of `skipToken`. */
export interface InfiniteQueryOptions<Data, Page, Skip = never> {
  readonly queryKey: readonly unknown[];
  readonly queryFn:
    | ((context: { readonly signal: Signal; readonly pageParam: Page }) => Promise<Data>)
    | Skip;
  readonly initialPageParam: Page;
  readonly getNextPageParam: (lastPage: Data, allPages: Data[]) => Page | null | undefined;
  /** Only a type, from which the type of `error` is inferred. */
  readonly throwOnError?: (error: ClientError) => boolean;
  /** Only a type: suspending queries have no `throwOnError`. */
  readonly retryDelay?: (failureCount: number, error: ClientError) => number;
}

/** Options of a mutation: `useMutation(api.place_order.mutationOptions())`. */
export interface MutationOptions<Data, Input> {
  readonly mutationKey: readonly unknown[];
  readonly mutationFn: (input: Input) => Promise<Data>;
  /** Only a type, from which the type of `error` is inferred. */
  readonly throwOnError?: (error: ClientError) => boolean;
}

/** Which parameter of a procedure is the page. */
export interface Paging<Data, Page, Name> {
  /** The parameter (default: `cursor`). */
  readonly page?: Name;
  /** The first page (default: `null` for `cursor`, which is not sent; 0 for `offset`). */
  readonly initialPageParam?: Page;
  /** Returns the next page, or nothing after the last one. */
  readonly getNextPageParam: (lastPage: Data, allPages: Data[]) => Page | null | undefined;
}

// deno-lint-ignore no-explicit-any
type Any = any;
type Procedure = (...args: Any) => Promise<unknown>;
// Generated procedures have at most three signatures. A type with fewer of them repeats the first one.
type Arguments<Type> = Type extends {
  (...args: infer A): Any;
  (...args: infer B): Any;
  (...args: infer C): Any;
} ? A | B | C
  : never;
type Result<Type> = Type extends (...args: Any) => Promise<infer Data> ? Data : never;
type Only<Args> = Args extends readonly [infer Input] ? Input : never;
type Named<Args> = Only<Args> extends infer Input
  ? Input extends object ? Input extends readonly unknown[] ? never : Input : never
  : never;
type PageName<Type> = Extract<KeyOfAny<Named<Arguments<Type>>>, "cursor" | "offset">;
type KeyOfAny<Type> = Type extends unknown ? keyof Type : never;
type PageOf<Input, Name> = Input extends unknown
  ? Name extends keyof Input ? Exclude<Input[Name], undefined> : never
  : never;
type WithoutPage<Input, Name> = Input extends unknown
  ? Name extends keyof Input ? Omit<Input, Name> : never
  : never;
type MutationInput<Args> = Args extends readonly [] ? void
  : Args extends readonly [infer Input] ? Input extends readonly unknown[] ? [Input] : Input
  : Args;

/** The key of all queries below a name. */
export interface QueryKeys {
  /** Returns a key that is the beginning of those of all queries below: `["pyrpc", "admin"]`. */
  queryKey(): readonly unknown[];
}

interface ProcedureQueryKeys<Type> {
  /** Returns the key of a query, or without arguments the beginning of those of all queries of the procedure. */
  queryKey(...args: Arguments<Type> | []): readonly unknown[];
}

interface QueryMembers<Type> {
  /** Accepts the arguments of the procedure. */
  queryOptions(...args: Arguments<Type>): QueryOptions<Result<Type>>;
  /** Accepts named arguments, or `skipToken`. */
  queryOptions<Input extends Only<Arguments<Type>> | symbol>(
    input: Input & ([Extract<Input, symbol>] extends [never] ? never : unknown),
  ): QueryOptions<Result<Type>, Extract<Input, symbol>>;
}

interface InfiniteMembers<Type, Name extends PropertyKey> {
  /** Options of a query over pages: the parameter `cursor` or `offset` is the page. */
  infiniteQueryOptions<Page extends PageOf<Named<Arguments<Type>>, Name>>(
    input: WithoutPage<Named<Arguments<Type>>, Name>,
    paging: PagingOf<Type, Page, Name>,
  ): InfiniteQueryOptions<Result<Type>, Page>;
  /** Accepts named arguments, or `skipToken`. */
  infiniteQueryOptions<
    Page extends PageOf<Named<Arguments<Type>>, Name>,
    Input extends WithoutPage<Named<Arguments<Type>>, Name> | symbol,
  >(
    input: Input & ([Extract<Input, symbol>] extends [never] ? never : unknown),
    paging: PagingOf<Type, Page, Name>,
  ): InfiniteQueryOptions<Result<Type>, Page, Extract<Input, symbol>>;
}

type PagingOf<Type, Page, Name> =
  & Paging<Result<Type>, Page, Name>
  & ("cursor" extends Name ? unknown : { readonly page: Name });

interface MutationMembers<Type> {
  /** The input is the only argument (named arguments), or the list of arguments. */
  mutationOptions(): MutationOptions<Result<Type>, MutationInput<Arguments<Type>>>;
}

/** The query options of each procedure of a client. */
export type QueryApi<Client> = QueryKeys & { readonly [Name in keyof Client]: Node<Client[Name]> };

type Node<Type> = Type extends Procedure ?
    & ProcedureQueryKeys<Type>
    & MutationMembers<Type>
    & (Type extends { readonly _pyrpcKind: "mutation" } ? unknown
      :
        & QueryMembers<Type>
        & ([PageName<Type>] extends [never] ? unknown : InfiniteMembers<Type, PageName<Type>>))
    & Omit<QueryApi<Type>, "queryKey" | "_pyrpcKind">
  : Type extends object ? QueryApi<Type>
  : never;

/**
 * Returns the options for TanStack Query of each procedure. A procedure that is not a mutation has `queryOptions`, every
 * one has `mutationOptions`: whether a call may be repeated is the caller's decision. Procedures named like these members
 * have none; call them with the client.
 *
 * @example
 * ```ts
 * import { createClient } from "../pyrpc_client.ts";
 * import { createQuery } from "./mod.ts";
 *
 * type Types = { get_user: (...args: [id: number] | [params: { id: number }]) => Promise<string> };
 * const api = createQuery(createClient<Types>({ baseUrl: "http://localhost:8000" }));
 * api.get_user.queryOptions({ id: 1 }).queryKey; // ["pyrpc", "get_user", { id: 1 }]
 * ```
 */
export function createQuery<Client extends object>(client: Client): QueryApi<Client> {
  return node(client as Procedures, []) as QueryApi<Client>;
}

type Procedures = Record<string, (...args: unknown[]) => Promise<unknown>>;

interface Context {
  readonly signal: Signal;
  readonly pageParam: unknown;
}

function node(client: Procedures, path: readonly string[]): object {
  const call = (args: readonly unknown[], signal?: Signal): Promise<unknown> => {
    const procedure = withOptions(client, signal === undefined ? {} : { signal })[path.join(".")];
    if (procedure === undefined) throw new TypeError(`No procedure "${path.join(".")}"`);
    return procedure(...args);
  };
  const key = (args: readonly unknown[]) => [
    "pyrpc",
    ...path,
    ...(args.length === 0 ? [] : [args.length === 1 && isNamed(args[0]) ? args[0] : args]),
  ];
  const members: Record<string, (...args: Any[]) => unknown> = {
    queryKey: (...args) => key(args),
    queryOptions: (...args) =>
      typeof args[0] === "symbol"
        ? { queryKey: key([]), queryFn: args[0] }
        : { queryKey: key(args), queryFn: ({ signal }: Context) => call(args, signal) },
    infiniteQueryOptions: (
      input: object | symbol,
      { page = "cursor", ...paging }: Paging<Any, Any, string>,
    ) => ({
      initialPageParam: page === "offset" ? 0 : null,
      ...paging,
      ...(typeof input === "symbol" ? { queryKey: key([]), queryFn: input } : {
        queryKey: [...key([input]), "pages"],
        queryFn: ({ signal, pageParam }: Context) =>
          call([pageParam === null ? input : { ...input, [page]: pageParam }], signal),
      }),
    }),
    mutationOptions: () => ({
      mutationKey: key([]),
      mutationFn: (input: unknown) =>
        call(input === undefined ? [] : Array.isArray(input) ? input : [input]),
    }),
  };
  return new Proxy({}, {
    get(_, name) {
      if (typeof name === "symbol") return undefined;
      if (path.length === 0 ? name === "queryKey" : Object.hasOwn(members, name)) {
        return members[name];
      }
      // A component that receives the options proxies must not treat them as a promise.
      if (path.length > 0 && (name === "then" || name === "toJSON" || name === "$$typeof")) {
        return undefined;
      }
      return node(client, [...path, ...name.split(".")]);
    },
  });
}

function isNamed(value: unknown): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
