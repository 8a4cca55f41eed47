import { NotImplemented } from "../brine.ts";
import type { PythonCallable, PythonView } from "./view.ts";
import { boundMethod, compareIdentity, markCallable } from "./view.ts";
import { userCallable } from "../procedure.ts";

const PREFIX = "exposed_";
/** Members of a service class that are ours to call, not a client's. */
const HOOKS: ReadonlySet<string> = new Set(["constructor", "onConnect", "onDisconnect"]);

/** The methods of an object that clients may call, by the name without `exposed_`. */
export interface ExposedMembers {
  readonly methods: ReadonlyMap<string, (...args: unknown[]) => unknown>;
  /** Values (not functions) that carry the prefix. */
  readonly values: ReadonlyMap<string, () => unknown>;
}

/**
 * What an instance exposes: as soon as one member is called `exposed_…`, only those, as rpyc does it; otherwise every method without
 * a leading underscore. Python's special methods (`__len__`, `__getitem__`) count wherever they are written.
 */
export function exposedMembers(instance: object): ExposedMembers {
  const names = memberNames(instance);
  const prefixed = names.some((name) => name.startsWith(PREFIX));
  const methods = new Map<string, (...args: unknown[]) => unknown>();
  const values = new Map<string, () => unknown>();
  for (const name of names) {
    const special = /^__\w+__$/.test(name);
    const exposed = name.startsWith(PREFIX) ? name.slice(PREFIX.length) : name;
    if (HOOKS.has(name)) continue;
    if (!special && (prefixed ? !name.startsWith(PREFIX) : name.startsWith("_"))) continue;
    if (isAccessor(instance, name)) {
      if (prefixed) values.set(exposed, () => Reflect.get(instance, name));
      continue;
    }
    const member: unknown = Reflect.get(instance, name);
    if (typeof member === "function") {
      methods.set(exposed, member as (...args: unknown[]) => unknown);
    } else if (prefixed) values.set(exposed, () => Reflect.get(instance, name));
  }
  return { methods, values };
}

function memberNames(instance: object): string[] {
  const names = new Set<string>();
  for (
    let at: object | null = instance;
    at !== null && at !== Object.prototype && at !== Function.prototype;
    at = Object.getPrototypeOf(at) as object | null
  ) {
    Object.getOwnPropertyNames(at).forEach((name) => names.add(name));
  }
  return [...names];
}

function isAccessor(instance: object, name: string): boolean {
  for (
    let at: object | null = instance;
    at !== null;
    at = Object.getPrototypeOf(at) as object | null
  ) {
    const descriptor = Object.getOwnPropertyDescriptor(at, name);
    if (descriptor !== undefined) return descriptor.get !== undefined;
  }
  return false;
}

/** An instance of a class of the handlers' module: its methods can be called by reference, as with rpyc's own services. */
export function instanceView(instance: object): PythonView {
  const className = instance.constructor?.name || "Object";
  const { methods, values } = exposedMembers(instance);
  const callables = new Map<string, PythonCallable>();
  for (const [name, method] of methods) {
    callables.set(name, userCallable({ owner: className, name, self: instance, run: method }));
  }
  const special = specialMembers(instance);
  const text = (name: "__repr__" | "__str__"): string | undefined => {
    const said: unknown = methods.get(name)?.call(instance);
    return typeof said === "string" ? said : undefined;
  };
  return {
    className: `pyrpc.${className}`,
    doc: undefined,
    // As Python has it: who says what is equal has to say the hash, too.
    hashable: !callables.has("__eq__"),
    readable: new Set(
      [...callables.keys(), ...values.keys()].filter((name) => !name.startsWith("_")),
    ),
    names: () => [...callables.keys(), ...special.keys(), ...values.keys()],
    attribute(name) {
      const plainName = name.startsWith(PREFIX) ? name.slice(PREFIX.length) : name;
      const callable = callables.get(plainName) ?? special.get(name);
      if (callable !== undefined) return callable;
      const value = values.get(plainName);
      if (value !== undefined) return value();
      // Reached only where public attributes are allowed: fields of the instance itself.
      return Object.hasOwn(instance, name) && !name.startsWith("_")
        ? Reflect.get(instance, name)
        : undefined;
    },
    repr: () => text("__repr__") ?? `<pyrpc.${className} object>`,
    str: () =>
      text("__str__") ??
        (Reflect.get(instance, "toString") === Object.prototype.toString
          ? undefined
          : String(instance)),
    compare: (operator, other) => compareIdentity(other === instance, operator),
    special(name) {
      const own = callables.get(name);
      if (own !== undefined || name !== "__ne__") return own && answering(own);
      const equals = callables.get("__eq__");
      return equals && negated(answering(equals));
    },
    ...(iteratorOf(instance) === undefined ? {} : {
      iterate() {
        const iterator = iteratorOf(instance)!();
        const stepOf = (result: IteratorResult<unknown>) =>
          result.done ? { done: true as const } : { done: false as const, value: result.value };
        return {
          next() {
            const result = iterator.next();
            return result instanceof Promise ? result.then(stepOf) : stepOf(result);
          },
        };
      },
    }),
  };
}

/** A comparison that returns nothing leaves the answer to the other side, as `NotImplemented` does. */
function answering(callable: PythonCallable): PythonCallable {
  return mapped(callable, (answer) => answer === undefined ? NotImplemented : answer);
}

function negated(callable: PythonCallable): PythonCallable {
  return mapped(callable, (answer) => answer === NotImplemented ? answer : !answer);
}

function mapped(callable: PythonCallable, map: (answer: unknown) => unknown): PythonCallable {
  return markCallable({
    ...callable,
    call(args, keywords, context) {
      const answer = callable.call(args, keywords, context);
      return answer instanceof Promise ? answer.then(map) : map(answer);
    },
  });
}

// JavaScript's own protocols under the names that Python looks them up by.
function specialMembers(instance: object): Map<string, PythonCallable> {
  const special = new Map<string, PythonCallable>();
  const iterator = iteratorOf(instance);
  if (iterator !== undefined) {
    special.set("__iter__", boundMethod(instance, "__iter__", () => iterator()));
  }
  const dispose = memberAt(instance, "asyncDispose") ?? memberAt(instance, "dispose");
  if (dispose !== undefined) {
    special.set("__enter__", boundMethod(instance, "__enter__", () => instance));
    special.set("__exit__", boundMethod(instance, "__exit__", () => dispose.call(instance)));
  }
  return special;
}

// Node 20 has no `Symbol.dispose` of its own; then there is nothing to look up.
function memberAt(
  instance: object,
  name: "dispose" | "asyncDispose",
): ((...args: unknown[]) => unknown) | undefined {
  const symbol = (Symbol as unknown as { readonly [name: string]: symbol | undefined })[name];
  const member: unknown = symbol === undefined ? undefined : Reflect.get(instance, symbol);
  return typeof member === "function" ? member as (...args: unknown[]) => unknown : undefined;
}

function iteratorOf(
  instance: object,
): (() => Iterator<unknown> | AsyncIterator<unknown>) | undefined {
  const member: unknown = Reflect.get(instance, Symbol.asyncIterator) ??
    Reflect.get(instance, Symbol.iterator);
  if (typeof member !== "function") return undefined;
  return () => member.call(instance) as Iterator<unknown> | AsyncIterator<unknown>;
}
