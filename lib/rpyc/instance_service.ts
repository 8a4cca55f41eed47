/** Services of a class or factory in the handlers module, with one instance for each connection. */
import type { Contract, Procedure } from "../contract/mod.ts";
import { defined } from "../defined.ts";
import { noServiceInstance, severalServices } from "./errors.ts";
import { markCallable, type PythonCallable } from "./objects/callable.ts";
import { exposedMembers, publicMember } from "./objects/exposed_members.ts";
import { isClass, userCallable } from "./procedure.ts";
import { procedureService } from "./procedure_service.ts";
import {
  DEFAULT_CLASS,
  defaultAlias,
  type ServiceConnection,
  type ServiceNames,
  type ServiceSource,
} from "./service.ts";
import { Hinted, typeHintOf } from "./type_hint.ts";

/** A service class, or a function that returns a service for a connection. */
// deno-lint-ignore ban-types -- a class or function of a handlers module, of unknown type
export type ServiceMaker = Function;

/**
 * Returns the service of a handlers module: its export `service`, or its default export if that is a class or a function, or the
 * only exported class whose name ends with `Service`; `undefined` if there is no such export.
 *
 * @param where path of the module
 * @throws ToolError `RPYC_SEVERAL_SERVICES` for several such classes
 */
export function exportedService(
  exports: Readonly<Record<string, unknown>>,
  where: string,
): ServiceMaker | undefined {
  for (const key of ["service", "default"]) {
    const value = Object.hasOwn(exports, key) ? exports[key] : undefined;
    if (typeof value === "function") return value as ServiceMaker;
  }
  const classes = Object.entries(exports).filter(([name, value]) =>
    name.endsWith("Service") && isClass(value)
  );
  if (new Set(classes.map(([, value]) => value)).size > 1) {
    throw severalServices(where, classes.map(([name]) => name));
  }
  return classes[0]?.[1] as ServiceMaker | undefined;
}

/** Returns the name of the only exported class of a module that exports nothing else: most likely its service. */
export function unnamedService(exports: Readonly<Record<string, unknown>>): string | undefined {
  const all = Object.entries(exports).filter(([name]) => name !== "authenticator");
  return all.length === 1 && isClass(all[0]?.[1]) ? all[0]?.[0] : undefined;
}

/** Returns the names of a service without creating an instance, for the log and the registry. */
export function staticNames(
  maker: ServiceMaker | undefined,
  names: ServiceNames,
): Required<ServiceNames> {
  const own = maker !== undefined && isClass(maker) && maker.name !== ""
    ? maker.name
    : DEFAULT_CLASS;
  const className = names.className ?? own;
  const aliases = names.aliases ?? aliasList(maker && Reflect.get(maker, "aliases")) ??
    [defaultAlias(className)];
  return { className, aliases };
}

/**
 * Creates an instance for each connection, as rpyc does. Its methods are procedures (only those named `exposed_…`, if there are
 * any). Calls `onConnect(connection)` at the start of the connection and `onDisconnect(connection)` at its end.
 *
 * @param contract defines which numbers of results are floats
 */
export function instanceService(
  maker: ServiceMaker,
  names: ServiceNames = {},
  contract?: Contract,
): ServiceSource {
  return (connection) => {
    const instance: unknown = isClass(maker)
      ? Reflect.construct(maker, [connection])
      : maker(connection);
    if (typeof instance !== "object" || instance === null) throw noServiceInstance();
    const own = instance.constructor === Object ? undefined : instance.constructor?.name;
    const className = names.className ?? (own === undefined || own === "" ? DEFAULT_CLASS : own);
    const members = exposedMembers(instance);
    const procedures = new Map<string, unknown>();
    for (const [name, run] of members.methods) {
      const callable = userCallable({ owner: className, name, self: instance, run });
      procedures.set(name, withHint(callable, contract?.procedures.get(name)));
    }
    const aliases = names.aliases ?? aliasesOf(instance);
    return {
      ...procedureService(className, procedures, defined({ aliases })),
      names: () => [...procedures.keys(), ...members.values.keys()],
      find: (name) => procedures.get(name) ?? members.values.get(name)?.(),
      findPublic: (name) => publicMember(instance, name, className),
      onConnect: (connection) => callHook(instance, "onConnect", connection),
      onDisconnect: (connection) => callHook(instance, "onDisconnect", connection),
    };
  };
}

async function callHook(
  instance: object,
  name: "onConnect" | "onDisconnect",
  connection: ServiceConnection,
): Promise<void> {
  const method: unknown = Reflect.get(instance, name);
  if (typeof method === "function") await method.call(instance, connection);
}

function aliasesOf(instance: object): readonly string[] | undefined {
  return aliasList(
    Reflect.get(instance, "aliases") ?? Reflect.get(instance.constructor ?? {}, "aliases"),
  );
}

function aliasList(aliases: unknown): readonly string[] | undefined {
  return Array.isArray(aliases) ? aliases.map((alias) => String(alias).toUpperCase()) : undefined;
}

function withHint(callable: PythonCallable, procedure: Procedure | undefined): PythonCallable {
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
