/** The root object of a connection: what `conn.root` is at the client. */
import { VIEW } from "./objects/view_of.ts";
import {
  boundMethod,
  compareIdentity,
  type PythonCallable,
  type PythonView,
} from "./objects/view.ts";
import { attributeError } from "./python_errors.ts";
import { EXPOSED_PREFIX } from "./safe_names.ts";
import { pythonTuple } from "./values.ts";

/** The connection as a service sees it. */
export interface ServiceConnection {
  /** What the authenticator returned; `undefined` without one. */
  readonly credentials: unknown;
  /** Address of the client, when the transport has one. */
  readonly peer: string | undefined;
  /** The client's own root object (its service), for calls in the other direction. */
  root(): Promise<unknown>;
  /** Ends the connection. */
  close(): void;
}

/** What a connection exposes. One instance a connection. */
export interface RpycService {
  /** Name of the class, such as `CalcService`; with its module it must be none of Python's built-in types. */
  readonly className: string;
  /** Names under which a registry knows the service; the first is its name. */
  readonly aliases: readonly string[];
  readonly doc?: string | undefined;
  /** Names of the exposed procedures and objects, without prefix. */
  names(): readonly string[];
  /** A procedure, an object to go on from (`conn.root.admin.version`), a value; `undefined` when there is none. */
  find(name: string): unknown;
  onConnect?(connection: ServiceConnection): void | Promise<void>;
  onDisconnect?(connection: ServiceConnection): void | Promise<void>;
}

/** `CalcService` → `CALC`: how rpyc names a service that has no aliases. */
export function defaultAlias(className: string): string {
  const name = className.toUpperCase();
  return name.endsWith("SERVICE") && name !== "SERVICE" ? name.slice(0, -"SERVICE".length) : name;
}

// The classic service runs arbitrary Python on the server. Its client asks for these right after connecting.
const CLASSIC: ReadonlySet<string> = new Set([
  "getmodule",
  "getconn",
  "eval",
  "execute",
  "namespace",
  "modules",
]);

/** The object that stands for a service in the table of references. */
export function rootObject(service: RpycService): object {
  const root: object = {};
  const standard = new Map<string, PythonCallable>([
    [
      "get_service_name",
      boundMethod(service, "get_service_name", ({ aliases }) => aliases[0] ?? ""),
    ],
    [
      "get_service_aliases",
      boundMethod(service, "get_service_aliases", ({ aliases }) => pythonTuple(aliases)),
    ],
  ]);
  const find = (name: string) => service.find(name) ?? standard.get(name);
  const view: PythonView = {
    className: `pyrpc.${service.className}`,
    doc: service.doc,
    hashable: true,
    refusesChange: true,
    readable: {
      has: (name: string) => !name.startsWith("_") && find(name) !== undefined,
    } as ReadonlySet<string>,
    names: () => [...service.names(), ...standard.keys()].map((name) => `${EXPOSED_PREFIX}${name}`),
    attribute(name) {
      const plain = name.startsWith(EXPOSED_PREFIX) ? name.slice(EXPOSED_PREFIX.length) : name;
      return find(plain);
    },
    refusal: (name) => CLASSIC.has(name) ? classicRefused(name) : undefined,
    repr: () => `<pyrpc.${service.className} object>`,
    compare: (operator, other) => compareIdentity(other === root, operator),
  };
  Object.defineProperty(root, VIEW, { value: view });
  return root;
}

/** A group of procedures below the root: `admin` in `conn.root.admin.version()`. */
export function namespaceObject(
  className: string,
  names: readonly string[],
  find: (name: string) => unknown,
): object {
  const namespace: object = {};
  const strip = (name: string) =>
    name.startsWith(EXPOSED_PREFIX) ? name.slice(EXPOSED_PREFIX.length) : name;
  const view: PythonView = {
    className: `pyrpc.${className}`,
    doc: undefined,
    hashable: true,
    readable: {
      has: (name: string) => !name.startsWith("_") && find(name) !== undefined,
    } as ReadonlySet<string>,
    names: () => names,
    attribute: (name) => find(strip(name)),
    repr: () => `<pyrpc.${className} object>`,
    compare: (operator, other) => compareIdentity(other === namespace, operator),
  };
  Object.defineProperty(namespace, VIEW, { value: view });
  return namespace;
}

/** The answer to `rpyc.classic.connect`. */
function classicRefused(name: string): Error {
  return attributeError(
    `cannot access '${name}': this server does not offer rpyc's classic service, which runs any Python that a client sends; ` +
      "use rpyc.connect() and the procedures of conn.root",
  );
}
