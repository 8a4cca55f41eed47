import type { Json, JsonObject, Procedure } from "../contract/mod.ts";
import { type CallError, type CallValidator, compileCall } from "../validate/mod.ts";
import { resultSchema } from "./result_schema.ts";

/** The `params` of a call: a list by position, an object by name. */
export type Params = readonly Json[] | JsonObject;

/** One call that the contract allows or forbids. */
export interface TestCase {
  readonly procedure: Procedure;
  readonly params: Params;
  /** The error that the contract demands; undefined for valid arguments. */
  readonly expected: CallError | undefined;
}

/** Decides which arguments of a procedure are valid. */
export interface ArgumentCheck {
  /** Returns the case of these arguments; undefined if only Pydantic's conversions make them valid. */
  caseOf(params: Params): TestCase | undefined;
  /** Validates a result as a client reads it. */
  checkResult: CallValidator["checkResult"];
}

/**
 * Makes the check of a procedure. Valid arguments fit the JSON Schema and Pydantic's lax mode, invalid ones neither: values
 * that Pydantic converts, such as `"1"` for an `int`, are not tested.
 */
export function createArgumentCheck(procedure: Procedure): ArgumentCheck {
  const strict = compileCall(procedure, { mode: "strict" });
  const lax = compileCall(procedure, { mode: "lax" });
  const reader = compileCall({ ...procedure, result: resultSchema(procedure.result) });
  return {
    caseOf(params) {
      const converted = lax.checkCall(params);
      const { ok } = strict.checkCall(params);
      if (converted.ok !== ok) return undefined;
      return { procedure, params, expected: converted.ok ? undefined : converted.error };
    },
    checkResult: (value) => reader.checkResult(value),
  };
}

/** Formats what a case is about: the expected error, or nothing for valid arguments. */
export function expectationOf({ expected }: TestCase): string | undefined {
  if (expected === undefined) return undefined;
  const { message, data } = expected;
  return "field" in data
    ? `${data.field}: ${data.message}`
    : message.replace(/^Invalid params: /, "");
}
