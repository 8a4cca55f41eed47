import {
  argumentList,
  type Method,
  type MethodOptions,
  RpcDispatcher,
  settle,
} from "./dispatcher.ts";
import { encodeBytes } from "./encode_bytes.ts";
import type { Procedure } from "../contract/mod.ts";
import { failed, succeeded } from "./call.ts";
import type { Resolver } from "./contract_dispatcher.ts";
import {
  type CheckedArguments,
  type LibraryChecks,
  libraryChecks,
  type SchemaLike,
} from "./described_method.ts";
import { handlersExportNothing } from "./errors.ts";

/** One procedure of a handlers module. */
export interface Handler {
  /** Dotted if it is a member of an exported object. */
  readonly name: string;
  /** Absent for a procedure that is only described: the mock generates its results. */
  readonly fn: Method | undefined;
  readonly options: MethodOptions;
}

/**
 * Collects the procedures of a module: every exported function by its name, those of exported objects with the object's
 * name and a dot before. The properties `parameters`, `result`, `doc` and `kind` describe a function; an object with
 * `parameters` or `result` is a procedure too, with or without `handler`.
 *
 * @throws ToolError `HANDLERS_EMPTY` if the module has no procedure
 */
export function collectHandlers(
  exports: Readonly<Record<string, unknown>>,
  where: string,
): ReadonlyMap<string, Handler> {
  const handlers = new Map<string, Handler>();
  collect(exports, "", handlers, 0);
  const fallback = exports["default"];
  if (typeof fallback === "object" && fallback !== null) collect(fallback, "", handlers, 0);
  if (handlers.size === 0) throw handlersExportNothing(where);
  return handlers;
}

const MAX_NESTING = 8;

function collect(
  from: object,
  prefix: string,
  handlers: Map<string, Handler>,
  depth: number,
): void {
  for (const [key, value] of membersOf(from)) {
    if (key === "default" && prefix === "") continue;
    const name = prefix + key;
    if (handlers.has(name)) continue;
    if (typeof value === "function") {
      handlers.set(name, {
        name,
        fn: value as Method,
        options: { ...statedOptions(value), ...(prefix === "" ? {} : { self: from }) },
      });
    } else if (typeof value === "object" && value !== null && !Array.isArray(value)) {
      if (isDescription(value)) {
        const fn = (value as { handler?: unknown }).handler;
        handlers.set(name, {
          name,
          fn: typeof fn === "function" ? fn as Method : undefined,
          options: { ...statedOptions(value), self: value },
        });
      } else if (depth < MAX_NESTING) collect(value, `${name}.`, handlers, depth + 1);
    }
  }
}

// Own members, and the methods of the class of an instance.
function membersOf(from: object): [string, unknown][] {
  const members = Object.entries(from);
  const prototype: unknown = Object.getPrototypeOf(from);
  if (prototype === null || prototype === Object.prototype || typeof prototype !== "object") {
    return members;
  }
  for (const [key, { value }] of Object.entries(Object.getOwnPropertyDescriptors(prototype))) {
    if (key !== "constructor" && typeof value === "function") members.push([key, value]);
  }
  return members;
}

function isDescription(value: object): boolean {
  return ["parameters", "result"].some((key) => {
    const member = (value as Record<string, unknown>)[key];
    return Object.hasOwn(value, key) && typeof member !== "function";
  });
}

function statedOptions(of: object): MethodOptions {
  const { parameters, result, defaults, doc, kind } = of as Partial<Record<string, unknown>>;
  const named = Array.isArray(parameters) && parameters.every((name) => typeof name === "string");
  return {
    ...(named ? { names: parameters as string[] } : {}),
    ...(!named && typeof parameters === "object" && parameters !== null
      ? { parameters: parameters as Record<string, SchemaLike> }
      : {}),
    ...(result === undefined || typeof result === "function" && !("~standard" in result)
      ? {}
      : { result: result as SchemaLike }),
    ...(typeof defaults === "object" && defaults !== null
      ? { defaults: defaults as NonNullable<MethodOptions["defaults"]> }
      : {}),
    ...(typeof doc === "string" ? { doc } : {}),
    ...(kind === "query" || kind === "mutation" ? { kind } : {}),
  };
}

/** Makes a dispatcher of handlers without a contract: those with schemas are validated and described. */
export function dispatcherOf(handlers: ReadonlyMap<string, Handler>): RpcDispatcher {
  const dispatcher = new RpcDispatcher();
  for (const { name, fn, options } of handlers.values()) {
    dispatcher.addMethod(fn ?? noHandler, name, options);
  }
  return dispatcher;
}

function noHandler(): never {
  throw new Error("The procedure has a schema but no handler");
}

/**
 * Makes a resolver of handlers for a contract, which defines the order of the arguments and validates them. Standard
 * Schemas also check what the contract cannot express, for procedures without a function too.
 */
export function handlerResolver(handlers: ReadonlyMap<string, Handler>): Resolver {
  const checks = new Map<string, LibraryChecks>();
  for (const [name, { options }] of handlers) {
    const own = libraryChecks(options);
    if (own !== undefined) checks.set(name, own);
  }
  const run = (
    { fn, options }: Handler,
    procedure: Procedure,
    args: ReadonlyMap<string, unknown>,
    own: LibraryChecks | undefined,
  ) =>
    settle(
      fn?.apply(options.self, argumentList(procedure, args)),
      (value) => {
        const encoded = encodeBytes(value, procedure.result);
        return own?.checkResult(encoded) ?? succeeded(encoded);
      },
    );
  return {
    name: "handler",
    covers: ({ name }) => handlers.get(name)?.fn !== undefined,
    answer({ procedure, arguments: args }) {
      const handler = handlers.get(procedure.name);
      if (handler === undefined) return undefined;
      const own = checks.get(procedure.name);
      if (own === undefined) {
        return handler.fn === undefined ? undefined : run(handler, procedure, args, own);
      }
      const checked = own.checkArguments(args);
      const go = (checked: CheckedArguments) =>
        checked.ok ? run(handler, procedure, checked.arguments, own) : failed(checked.fault);
      if (handler.fn === undefined) {
        // A later resolver generates the answer; an asynchronous check cannot pass the call on.
        return checked instanceof Promise || checked.ok ? undefined : failed(checked.fault);
      }
      return checked instanceof Promise ? checked.then(go) : go(checked);
    },
  };
}
