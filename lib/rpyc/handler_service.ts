/** Services out of a handlers module: its functions, a service class or factory of its own, or a contract's dispatcher. */
import type { Contract, Procedure } from "../contract/mod.ts";
import type {
  CallContext as ServerCallContext,
  Dispatcher,
  Handler,
  Outcome,
  RpcFault,
  WireValue,
} from "../rpc/mod.ts";
import { bindArguments } from "./bind_arguments.ts";
import { exposedMembers } from "./objects/instance_view.ts";
import { Hinted, markCallable, type PythonCallable } from "./objects/view.ts";
import { isClass, userCallable, withPlainArguments } from "./procedure.ts";
import type { BrineValue } from "./brine.ts";
import { attributeError, PythonError } from "./python_errors.ts";
import {
  defaultAlias,
  namespaceObject,
  type RpycService,
  type ServiceConnection,
} from "./service.ts";
import { type TypeHint, typeHintOf } from "./type_hint.ts";
import { toBrine } from "./values.ts";

/** Makes the service of one connection. */
export type ServiceSource = (connection: ServiceConnection) => RpycService;

/** What a service is called. */
export interface ServiceNames {
  /** Name of the class that a client sees. @default {the class's own, else "PyrpcService"} */
  readonly className?: string;
  /** Names for the registry, in upper case; by default the class name without `Service`. */
  readonly aliases?: readonly string[];
}

const DEFAULT_CLASS = "PyrpcService";

/** The functions of a handlers module, each by its name; dotted names are reached through objects: `root.admin.version()`. */
export function functionService(
  handlers: ReadonlyMap<string, Handler>,
  names: ServiceNames = {},
): ServiceSource {
  const className = names.className ?? DEFAULT_CLASS;
  return (connection) => {
    const procedures = new Map<string, PythonCallable>();
    for (const { name, fn, options } of handlers.values()) {
      if (fn === undefined) continue;
      procedures.set(
        name,
        userCallable({
          owner: className,
          name,
          // A function of its own finds the connection as `this`, with its credentials.
          self: options.self ?? connection,
          run: fn,
          ...(options.names === undefined ? {} : {
            parameters: options.names.map((parameter, index) => ({
              name: parameter,
              required: index < fn.length,
            })),
          }),
        }),
      );
    }
    return serviceOf(className, procedures, names);
  };
}

/**
 * What a handlers module exports as a service: `service`, else its default export, when that is a class or a function that makes one
 * (given the connection); else the only exported class whose name ends with `Service`. `undefined` when there is none.
 */
export function exportedService(
  exports: Readonly<Record<string, unknown>>,
): ServiceMaker | undefined {
  for (const key of ["service", "default"]) {
    const value = Object.hasOwn(exports, key) ? exports[key] : undefined;
    if (typeof value === "function") return value as ServiceMaker;
  }
  const classes = Object.entries(exports).filter(([name, value]) =>
    name.endsWith("Service") && isClass(value)
  );
  return classes.length === 1 ? classes[0]![1] as ServiceMaker : undefined;
}

/** A class or a factory. */
// deno-lint-ignore ban-types -- somebody else's class or function
export type ServiceMaker = Function;

/** What a service is called before there is an instance of it: for the log and the registry. */
export function staticNames(
  maker: ServiceMaker | undefined,
  names: ServiceNames,
): Required<ServiceNames> {
  const own = maker !== undefined && isClass(maker) && maker.name !== ""
    ? maker.name
    : DEFAULT_CLASS;
  const className = names.className ?? own;
  const stated: unknown = maker === undefined ? undefined : Reflect.get(maker, "aliases");
  const aliases = Array.isArray(stated)
    ? stated.map((alias) => String(alias).toUpperCase())
    : undefined;
  return { className, aliases: names.aliases ?? aliases ?? [defaultAlias(className)] };
}

/**
 * One instance a connection, as rpyc makes one: methods are procedures (only those called `exposed_…`, if there is one), and
 * `onConnect(connection)` and `onDisconnect(connection)` are called at its begin and end. The contract, if any, says which numbers
 * of results are floats.
 */
export function instanceService(
  maker: ServiceMaker,
  names: ServiceNames = {},
  contract?: Contract,
): ServiceSource {
  return (connection) => {
    const made: unknown = isClass(maker)
      ? Reflect.construct(maker, [connection])
      : maker(connection);
    if (typeof made !== "object" || made === null) {
      throw new TypeError("The service factory of the handlers module returned no object");
    }
    const own = made.constructor === Object ? undefined : made.constructor?.name;
    const className = names.className ?? (own === undefined || own === "" ? DEFAULT_CLASS : own);
    const members = exposedMembers(made);
    const found = new Map<string, unknown>();
    for (const [name, run] of members.methods) {
      const callable = userCallable({ owner: className, name, self: made, run });
      found.set(name, hinted(callable, contract?.procedures.get(name)));
    }
    const aliases = names.aliases ?? aliasesOf(made);
    return {
      ...serviceOf(className, found, { ...names, ...(aliases === undefined ? {} : { aliases }) }),
      names: () => [...found.keys(), ...members.values.keys()],
      find: (name) => found.get(name) ?? members.values.get(name)?.(),
      onConnect: (connection) => hook(made, "onConnect", connection),
      onDisconnect: (connection) => hook(made, "onDisconnect", connection),
    };
  };
}

async function hook(instance: object, name: string, connection: ServiceConnection): Promise<void> {
  const method: unknown = Reflect.get(instance, name);
  if (typeof method === "function") await method.call(instance, connection);
}

function aliasesOf(instance: object): readonly string[] | undefined {
  const aliases: unknown = Reflect.get(instance, "aliases") ??
    Reflect.get(instance.constructor ?? {}, "aliases");
  return Array.isArray(aliases) ? aliases.map((alias) => String(alias).toUpperCase()) : undefined;
}

// A result of a procedure that a contract describes knows which of its numbers are floats.
function hinted(callable: PythonCallable, procedure: Procedure | undefined): PythonCallable {
  if (procedure === undefined) return callable;
  const hint = typeHintOf(procedure.result);
  return markCallable({
    ...callable,
    call(args, keywords, context) {
      const result = callable.call(args, keywords, context);
      return result instanceof Promise
        ? result.then((value) => new Hinted(value, hint))
        : new Hinted(result, hint);
    },
  });
}

/** A contract's procedures, answered by a dispatcher, which checks arguments and results. */
export function contractService(
  contract: Contract,
  dispatcher: Dispatcher,
  names: ServiceNames = {},
): ServiceSource {
  const className = names.className ?? DEFAULT_CLASS;
  const hints = new Map<string, TypeHint | undefined>();
  const hintOf = (procedure: Procedure) => {
    if (!hints.has(procedure.name)) hints.set(procedure.name, typeHintOf(procedure.result));
    return hints.get(procedure.name);
  };
  return (connection) => {
    const context: ServerCallContext = {
      transport: "rpyc",
      remote: connection.peer ?? "",
      identity: connection.credentials,
    };
    const procedures = new Map<string, PythonCallable>();
    for (const procedure of contract.procedures.values()) {
      const qualified = `${className}.exposed_${procedure.name}`;
      procedures.set(
        procedure.name,
        markCallable({
          name: qualified,
          kind: "method",
          doc: procedure.doc === "" ? undefined : procedure.doc,
          call(args, keywords, session) {
            const bound = bindArguments(args, keywords, {
              name: qualified,
              parameters: procedure.parameters,
            });
            return withPlainArguments(bound, session, (plain) => {
              const params: Record<string, WireValue> = {};
              procedure.parameters.forEach(({ name }, index) => {
                if (plain[index] !== undefined) params[name] = plain[index] as WireValue;
              });
              const outcome = dispatcher.dispatch({ method: procedure.name, params }, context);
              const resultOf = (outcome: Outcome) =>
                new Hinted(valueOf(outcome, procedure.name), hintOf(procedure));
              return outcome instanceof Promise ? outcome.then(resultOf) : resultOf(outcome);
            });
          },
        }),
      );
    }
    return serviceOf(className, procedures, names);
  };
}

function valueOf(outcome: Outcome, name: string): WireValue {
  if (outcome.ok) return outcome.value;
  throw faultError(outcome.fault, name);
}

/** A dispatcher's failure as the exception that a Python caller would expect. */
function faultError(fault: RpcFault, name: string): Error {
  const attributes: (readonly [string, BrineValue])[] = [];
  if (fault.code !== undefined) attributes.push(["code", BigInt(fault.code)]);
  if (fault.data !== undefined) {
    attributes.push(["data", toBrine(fault.data) ?? JSON.stringify(fault.data)]);
  }
  switch (fault.kind) {
    case "method-not-found":
      return attributeError(`cannot access '${name}'`);
    case "invalid-params":
      return new PythonError("TypeError", fault.message, { attributes });
    case "parse":
    case "invalid-request":
    case "validation":
      return new PythonError("ValueError", validationText(fault), { attributes });
    case "procedure": {
      const error = new Error(fault.message);
      error.name = fault.exception ?? "Exception";
      if (fault.exception === "Error") error.name = "Exception";
      if (fault.stack !== undefined) error.stack = fault.stack;
      return Object.assign(error, Object.fromEntries(attributes));
    }
    case "result":
    case "internal":
      return new PythonError("RuntimeError", fault.message, { attributes });
  }
}

function validationText({ message, data }: RpcFault): string {
  if (
    typeof data !== "object" || data === null || Array.isArray(data) || data instanceof Uint8Array
  ) return message;
  const { field, message: detail } = data as Readonly<Record<string, WireValue>>;
  return typeof field === "string" && typeof detail === "string" ? `${field}: ${detail}` : message;
}

function serviceOf(
  className: string,
  procedures: ReadonlyMap<string, unknown>,
  { aliases }: ServiceNames,
): RpycService {
  const groups = new Map<string, object>();
  const find = (name: string): unknown => procedures.get(name) ?? groups.get(name) ?? group(name);
  // `admin.version` is also `root.admin.version`: an object for each part before a dot.
  const group = (name: string): object | undefined => {
    const prefix = `${name}.`;
    const inside = [...procedures.keys()].filter((key) => key.startsWith(prefix));
    if (inside.length === 0) return undefined;
    const namespace = namespaceObject(
      name.split(".").at(-1)!,
      [...new Set(inside.map((key) => key.slice(prefix.length).split(".")[0]!))],
      (member) => find(prefix + member),
    );
    groups.set(name, namespace);
    return namespace;
  };
  return {
    className,
    aliases: aliases ?? [defaultAlias(className)],
    names: () => [...new Set([...procedures.keys()].map((name) => name.split(".")[0]!))],
    find,
  };
}
