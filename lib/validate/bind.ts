import type { Procedure } from "../contract/mod.ts";
import { pythonRepr } from "./python_repr.ts";

/** Arguments by name, in the order of the parameters, or Python's message if they cannot be bound. */
export type Bound =
  | { readonly ok: true; readonly arguments: ReadonlyMap<string, unknown> }
  | { readonly ok: false; readonly message: string };

/**
 * Binds `params` to the parameters of a procedure, like Python's `inspect.Signature.bind`: a list by position, an
 * object by name, nothing and `null` as an empty object. Omitted parameters are not in the result (the server applies
 * their defaults). The order of the checks is Python's: too many, missing, unexpected.
 *
 * @returns the message of Python's `TypeError` if they do not fit, without pyRPC's prefix `Invalid params: `
 */
export function bindArguments(procedure: Pick<Procedure, "parameters">, params: unknown): Bound {
  const { parameters } = procedure;
  const bound = new Map<string, unknown>();
  if (Array.isArray(params)) {
    let index = 0;
    for (const { name, required } of parameters) {
      if (index < params.length) bound.set(name, params[index++]);
      else if (required) return missing(name);
    }
    if (params.length > parameters.length) {
      return { ok: false, message: "too many positional arguments" };
    }
    return { ok: true, arguments: bound };
  }
  if (params !== null && params !== undefined && typeof params !== "object") {
    return { ok: false, message: "Params must be a list or dict" };
  }
  const named = (params ?? {}) as Readonly<Record<string, unknown>>;
  for (const parameter of parameters) {
    if (Object.hasOwn(named, parameter.name)) bound.set(parameter.name, named[parameter.name]);
    else if (parameter.required) return missing(parameter.name);
  }
  const names = Object.keys(named);
  const extra = names.length > bound.size ? names.find((name) => !bound.has(name)) : undefined;
  if (extra !== undefined) {
    return { ok: false, message: `got an unexpected keyword argument ${pythonRepr(extra)}` };
  }
  return { ok: true, arguments: bound };
}

function missing(name: string): Bound {
  return { ok: false, message: `missing a required argument: ${pythonRepr(name)}` };
}
