import { compareIdentity, type PythonCallable, type PythonView } from "./view.ts";

/** A procedure or method as a bound Python method; a closure of a handler's as a Python function. */
export function callableView(callable: PythonCallable): PythonView {
  return {
    className: callable.kind === "method" ? "builtins.method" : "builtins.function",
    doc: callable.doc,
    hashable: true,
    readable: new Set(),
    names: () => ["__call__"],
    attribute: (name) => name === "__call__" ? callable : undefined,
    repr: () => REPR[callable.kind](callable.name),
    compare: (operator, other) => compareIdentity(other === callable, operator),
    call: (args, keywords, context) => callable.call(args, keywords, context),
  };
}

const REPR: Readonly<Record<PythonCallable["kind"], (name: string) => string>> = {
  method: (name) => `<bound method ${name}>`,
  function: (name) => `<function ${name}>`,
  class: (name) => `<class 'pyrpc.${name}'>`,
};
