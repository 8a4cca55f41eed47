import type { Procedure } from "../contract/mod.ts";
import { bindArguments } from "./bind.ts";
import { type CompileOptions, compileSchema } from "./compile.ts";
import { type ViolationData, violationData } from "./violation.ts";

/** The wire's error for arguments or a result that do not fit. */
export interface CallError {
  readonly code: -32602 | -32603;
  readonly message: string;
  /** `{}` where the arguments could not be bound, as upstream sends it. */
  readonly data: ViolationData | Readonly<Record<string, never>>;
}

/** Arguments by name in the order of the parameters (those that were given), or the wire's error. */
export type CheckedCall =
  | { readonly ok: true; readonly arguments: ReadonlyMap<string, unknown> }
  | { readonly ok: false; readonly error: CallError };

/** A result that fits (coerced in lax mode), or the wire's error. */
export type CheckedResult =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly error: CallError };

/** What one procedure takes and gives. */
export interface CallValidator {
  /** Binds and validates `params` of a request. */
  checkCall(params: unknown): CheckedCall;
  /** Validates what a handler, an example or a real server answered. */
  checkResult(value: unknown): CheckedResult;
}

/**
 * Makes the validator of a procedure's calls: arguments are bound as Python binds them, then validated one after the
 * other in the order of the parameters, with the errors that a real pyRPC server sends.
 */
export function compileCall(
  procedure: Pick<Procedure, "parameters" | "result" | "resultType">,
  options: CompileOptions = {},
): CallValidator {
  const parameters = procedure.parameters.map(({ name, schema, type }) => ({
    name,
    validator: compileSchema(schema, { ...options, pythonType: type }),
  }));
  const result = compileSchema(procedure.result, { ...options, pythonType: procedure.resultType });
  return {
    checkCall(params) {
      const bound = bindArguments(procedure, params);
      if (!bound.ok) {
        return {
          ok: false,
          error: { code: -32602, message: `Invalid params: ${bound.message}`, data: {} },
        };
      }
      const values = bound.arguments as Map<string, unknown>;
      for (const { name, validator } of parameters) {
        const value = values.get(name);
        // An argument that was left out.
        if (value === undefined && !values.has(name)) continue;
        const checked = validator.parse(value);
        if (!checked.ok) {
          const data = violationData(checked.violation, name);
          return { ok: false, error: { code: -32602, message: "Validation failed", data } };
        }
        if (checked.value !== value) values.set(name, checked.value);
      }
      return { ok: true, arguments: values };
    },
    checkResult(value) {
      const checked = result.parse(value);
      if (checked.ok) return checked;
      const message = "Internal Error: Return type validation failed";
      // Upstream puts no name where the whole result is wrong.
      return {
        ok: false,
        error: { code: -32603, message, data: violationData(checked.violation) },
      };
    },
  };
}
