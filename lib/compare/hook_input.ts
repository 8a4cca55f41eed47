import { isKeywordOnly, type Parameter } from "../contract/mod.ts";
import { jsonTypeOf } from "./branch.ts";
import { Branches } from "./branches.ts";

/**
 * The input of a hook of pyRPC's framework packages, which they derive from the last signature of a procedure: nothing,
 * the named parameters, the only argument or the named parameters, or a list of arguments.
 */
export type HookInput = "nothing" | "named parameters" | "the argument" | "a list of arguments";

/** Returns the input of a procedure's hooks. */
export function hookInputOf(parameters: readonly Parameter[]): HookInput {
  const [first] = parameters;
  if (first === undefined) return "nothing";
  if (isKeywordOnly(parameters)) return "named parameters";
  if (parameters.length > 1) return "a list of arguments";
  const branches = new Branches({ direction: "input", asTypes: true });
  const types = branches.of({ schema: first.schema, root: first.schema }).map(jsonTypeOf);
  // The client sends null and objects as named parameters, and hooks spread a list.
  const hasScalar = types.some((type) => !["null", "object", "array"].includes(type));
  return hasScalar && !types.includes("array") ? "the argument" : "named parameters";
}

/** Returns true if every input of the old hook is one of the new. */
export function isHookInputKept(old: HookInput, next: HookInput): boolean {
  return old === next || (old === "named parameters" && next === "the argument");
}
