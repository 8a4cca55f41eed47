/** The root object of a connection, `conn.root` at the client, and the groups of procedures below it. */
import { defined } from "../defined.ts";
import { boundMethod } from "./objects/bound_method.ts";
import type { PythonCallable } from "./objects/callable.ts";
import { compareIdentity, type PythonView, VIEW } from "./objects/view.ts";
import { attributeError } from "./python_errors.ts";
import { pythonTuple } from "./python_types.ts";
import { EXPOSED_PREFIX, withoutPrefix } from "./safe_names.ts";
import type { RpycService } from "./service.ts";

/** Returns the object that represents a service in the table of references. */
export function rootObject(service: RpycService): object {
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
  return viewedObject({
    className: service.className,
    names: () => [...service.names(), ...standard.keys()].map((name) => `${EXPOSED_PREFIX}${name}`),
    find: (name) => service.find(name) ?? standard.get(name),
    ...defined({ findPublic: service.findPublic?.bind(service) }),
  }, {
    doc: service.doc,
    refusesChange: true,
    refusal: (name) => CLASSIC_NAMES.has(name) ? classicRefused(name) : undefined,
  });
}

/** Returns the object for a group of procedures: `admin` in `conn.root.admin.version()`. */
export function groupObject(
  className: string,
  names: readonly string[],
  find: (name: string) => unknown,
): object {
  return viewedObject({ className, names: () => names, find }, {});
}

interface Members {
  readonly className: string;
  readonly names: () => readonly string[];
  readonly find: (name: string) => unknown;
  readonly findPublic?: (name: string) => unknown;
}

function viewedObject(
  { className, names, find, findPublic }: Members,
  view: Partial<PythonView>,
): object {
  const object: object = {};
  const value: PythonView = {
    className: `pyrpc.${className}`,
    doc: undefined,
    hashable: true,
    readable: { has: (name) => !name.startsWith("_") && find(name) !== undefined },
    names,
    attribute: (name, allowsPublic) =>
      find(withoutPrefix(name)) ?? (allowsPublic === true ? findPublic?.(name) : undefined),
    repr: () => `<pyrpc.${className} object>`,
    compare: (operator, other) => compareIdentity(other === object, operator),
    ...view,
  };
  return Object.defineProperty(object, VIEW, { value });
}

// rpyc's classic service runs arbitrary Python on the server. Its client requests these names right after connecting.
const CLASSIC_NAMES: ReadonlySet<string> = new Set([
  "getmodule",
  "getconn",
  "eval",
  "execute",
  "namespace",
  "modules",
]);

/** The error of `rpyc.classic.connect`. */
function classicRefused(name: string): Error {
  return attributeError(
    `cannot access '${name}': this server does not offer rpyc's classic service, which runs any Python that a client sends; ` +
      "use rpyc.connect() and the procedures of conn.root",
  );
}
