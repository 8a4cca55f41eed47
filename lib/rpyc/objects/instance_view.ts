import { NotImplemented } from "../brine.ts";
import { defined } from "../../defined.ts";
import { userCallable } from "../procedure.ts";
import { withoutPrefix } from "../safe_names.ts";
import { boundMethod } from "./bound_method.ts";
import { markCallable, type PythonCallable } from "./callable.ts";
import { exposedMembers, publicMember } from "./exposed_members.ts";
import { compareIdentity, type PythonView, stepsOf } from "./view.ts";

/** Presents an instance of a class: clients can call its methods by reference, as with rpyc's own services. */
export function instanceView(instance: object): PythonView {
  const className = instance.constructor?.name || "Object";
  const { methods, values } = exposedMembers(instance);
  const callables = new Map<string, PythonCallable>();
  for (const [name, method] of methods) {
    callables.set(name, userCallable({ owner: className, name, self: instance, run: method }));
  }
  const special = specialMembers(instance);
  const iterator = iteratorOf(instance);
  const text = (name: "__repr__" | "__str__"): string | undefined => {
    const result: unknown = methods.get(name)?.call(instance);
    return typeof result === "string" ? result : undefined;
  };
  return {
    className: `pyrpc.${className}`,
    doc: undefined,
    // As in Python, a class with `__eq__` is hashable only if it defines `__hash__`, too.
    hashable: !callables.has("__eq__"),
    readable: new Set(
      [...callables.keys(), ...values.keys()].filter((name) => !name.startsWith("_")),
    ),
    names: () => [...callables.keys(), ...special.keys(), ...values.keys()],
    attribute(name, allowsPublic) {
      const member = withoutPrefix(name);
      const callable = callables.get(member) ?? special.get(name);
      if (callable !== undefined) return callable;
      const value = values.get(member);
      if (value !== undefined) return value();
      return allowsPublic === true ? publicMember(instance, name, className) : undefined;
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
      if (own !== undefined || name !== "__ne__") return own && withNotImplemented(own);
      const equals = callables.get("__eq__");
      return equals && negated(withNotImplemented(equals));
    },
    ...defined({ iterate: iterator && (() => stepsOf(iterator())) }),
  };
}

/** Returns a comparison for which `undefined` is the same as `NotImplemented`: the client tries its own operator. */
function withNotImplemented(callable: PythonCallable): PythonCallable {
  return mapped(callable, (result) => result === undefined ? NotImplemented : result);
}

function negated(callable: PythonCallable): PythonCallable {
  return mapped(callable, (result) => result === NotImplemented ? result : !result);
}

function mapped(callable: PythonCallable, map: (result: unknown) => unknown): PythonCallable {
  return markCallable({
    ...callable,
    call(args, keywords, context) {
      const result = callable.call(args, keywords, context);
      return result instanceof Promise ? result.then(map) : map(result);
    },
  });
}

// JavaScript's own protocols under Python's names.
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

// Node 20 has no `Symbol.dispose`.
function memberAt(
  instance: object,
  name: "dispose" | "asyncDispose",
): ((...args: unknown[]) => unknown) | undefined {
  const symbol: unknown = Reflect.get(Symbol, name);
  const member: unknown = typeof symbol === "symbol" ? Reflect.get(instance, symbol) : undefined;
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
