import { userCallable } from "../procedure.ts";
import { EXPOSED_PREFIX, withoutPrefix } from "../safe_names.ts";

/** Members of a service class that only the server calls. */
const HOOKS: ReadonlySet<string> = new Set(["constructor", "onConnect", "onDisconnect"]);

/** The members of an object that clients may access, by the name without `exposed_`. */
export interface ExposedMembers {
  readonly methods: ReadonlyMap<string, (...args: unknown[]) => unknown>;
  /** Members with the prefix that are not functions. */
  readonly values: ReadonlyMap<string, () => unknown>;
}

/**
 * Returns the exposed members of an instance: if a member is named `exposed_…`, only such members, as in rpyc; otherwise every
 * method without a leading underscore. Python's special methods (`__len__`, `__getitem__`) are always exposed.
 */
export function exposedMembers(instance: object): ExposedMembers {
  const names = memberNames(instance);
  const prefixed = names.some((name) => name.startsWith(EXPOSED_PREFIX));
  const methods = new Map<string, (...args: unknown[]) => unknown>();
  const values = new Map<string, () => unknown>();
  for (const name of names) {
    const special = /^__\w+__$/.test(name);
    const exposed = withoutPrefix(name);
    if (HOOKS.has(name)) continue;
    if (!special && (prefixed ? !name.startsWith(EXPOSED_PREFIX) : name.startsWith("_"))) continue;
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

/** Methods as callables, so that a method is the same object each time. */
const PUBLIC = new WeakMap<object, Map<string, object>>();

/**
 * Returns a member without a leading underscore that need not be exposed, for clients that may use every public attribute;
 * `undefined` if it does not exist.
 */
export function publicMember(instance: object, name: string, className: string): unknown {
  if (name.startsWith("_") || HOOKS.has(name) || !isOwnMember(instance, name)) return undefined;
  const member: unknown = Reflect.get(instance, name);
  if (typeof member !== "function" || Object.hasOwn(instance, name)) return member;
  const callables = PUBLIC.get(instance) ?? new Map<string, object>();
  PUBLIC.set(instance, callables);
  let callable = callables.get(name);
  if (callable === undefined) {
    const run = member as (...args: unknown[]) => unknown;
    callable = userCallable({ owner: className, name, self: instance, run });
    callables.set(name, callable);
  }
  return callable;
}

/** Reports whether an object or one of its classes, except `Object`, has a member. */
function isOwnMember(instance: object, name: string): boolean {
  for (const object of prototypeChain(instance)) {
    if (object === Object.prototype || object === Function.prototype) return false;
    if (Object.hasOwn(object, name)) return true;
  }
  return false;
}

function memberNames(instance: object): string[] {
  const names = new Set<string>();
  for (const object of prototypeChain(instance)) {
    if (object === Object.prototype || object === Function.prototype) break;
    Object.getOwnPropertyNames(object).forEach((name) => names.add(name));
  }
  return [...names];
}

function isAccessor(instance: object, name: string): boolean {
  for (const object of prototypeChain(instance)) {
    const descriptor = Object.getOwnPropertyDescriptor(object, name);
    if (descriptor !== undefined) return descriptor.get !== undefined;
  }
  return false;
}

function* prototypeChain(instance: object): Generator<object> {
  let object: object | null = instance;
  while (object !== null) {
    yield object;
    object = Object.getPrototypeOf(object) as object | null;
  }
}
