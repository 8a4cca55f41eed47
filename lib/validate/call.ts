import type { JsonSchema, Procedure } from "../contract/mod.ts";
import { bindArguments } from "./bind.ts";
import { type CompileOptions, compileSchema } from "./compile.ts";
import { uncheckedConstraints } from "./unchecked.ts";
import {
  UNUSABLE_CONSTRAINT,
  type Violation,
  type ViolationData,
  violationData,
} from "./violation.ts";

/** The JSON-RPC error for invalid arguments or an invalid result. */
export interface CallError {
  readonly code: -32602 | -32603;
  readonly message: string;
  /** `{}` if the arguments could not be bound, like upstream, or a constraint cannot be applied to the value. */
  readonly data: ViolationData | Readonly<Record<string, never>>;
}

/** The given arguments by name in the order of the parameters, or the JSON-RPC error. */
export type CheckedCall =
  | { readonly ok: true; readonly arguments: ReadonlyMap<string, unknown> }
  | { readonly ok: false; readonly error: CallError };

/** A valid result (coerced in lax mode), or the JSON-RPC error. */
export type CheckedResult =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly error: CallError };

/** Validates the arguments and the result of one procedure. */
export interface CallValidator {
  /** Binds and validates `params` of a request. */
  checkCall(params: unknown): CheckedCall;
  /** Validates the answer of a handler, an example or an upstream server. */
  checkResult(value: unknown): CheckedResult;
}

/**
 * Compiles the validator of a procedure's calls: binds arguments like Python, then validates each in the order of the
 * parameters, with the errors of a pyRPC server.
 */
export function compileCall(
  procedure: Pick<Procedure, "parameters" | "result" | "resultType"> & { readonly name?: string },
  options: CompileOptions = {},
): CallValidator {
  const { name: owner = "" } = procedure;
  const compile = (schema: JsonSchema, pythonType: string, place: string) =>
    compileSchema(schema, { ...options, ...placedWarnings(schema, place, options), pythonType });
  const parameters = procedure.parameters.map(({ name, schema, type }) => ({
    name,
    validator: compile(schema, type, `${owner}, parameter "${name}"`),
  }));
  const result = compile(procedure.result, procedure.resultType, `${owner}, result`);
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
        // The argument was omitted.
        if (value === undefined && !values.has(name)) continue;
        const checked = validator.parse(value);
        if (!checked.ok) {
          const error = { code: -32602, message: "Validation failed" } as const;
          return { ok: false, error: errorOf(checked.violation, error, name) };
        }
        if (checked.value !== value) values.set(name, checked.value);
      }
      return { ok: true, arguments: values };
    },
    checkResult(value) {
      const checked = result.parse(value);
      if (checked.ok) return checked;
      const message = "Internal Error: Return type validation failed";
      // Upstream sends no field name if the whole result is invalid.
      return { ok: false, error: errorOf(checked.violation, { code: -32603, message }) };
    },
  };
}

// pyRPC catches Pydantic's errors only: the `TypeError` of a constraint that cannot be applied is an internal error.
function errorOf(
  violation: Violation,
  error: Omit<CallError, "data">,
  field?: string,
): CallError {
  return violation.type === UNUSABLE_CONSTRAINT
    ? { code: -32603, message: violation.message, data: {} }
    : { ...error, data: violationData(violation, field) };
}

/** Reports what is not validated, once for each place. */
function placedWarnings(
  schema: JsonSchema,
  place: string,
  { warn }: CompileOptions,
): Pick<CompileOptions, "warn"> {
  if (warn === undefined) return {};
  const placed = (message: string) => warn(`${place}: ${message}`);
  for (const message of uncheckedConstraints(schema)) placed(message);
  return { warn: placed };
}
