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
