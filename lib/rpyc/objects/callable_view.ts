import type { PythonCallable } from "./callable.ts";
import { compareIdentity, type PythonView } from "./view.ts";

/** Presents a procedure as a bound Python method, and a closure of a handler as a Python function. */
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
