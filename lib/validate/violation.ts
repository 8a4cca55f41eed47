/** An invalid value: Pydantic's first error. */
export interface Violation {
  /** Pydantic's `loc`: member names, indices, names of union branches. */
  readonly path: readonly (string | number)[];
  /** Pydantic's message, such as `Input should be a valid integer`. */
  readonly message: string;
  /** Pydantic's error type, such as `int_type`. */
  readonly type: string;
}

/** The type of a violation for which Pydantic raises a `TypeError`: the constraint cannot be applied to the value. */
export const UNUSABLE_CONSTRAINT = "type_error";

/** A valid value (coerced in lax mode), or the first violation. */
export type Checked<Value = unknown> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly violation: Violation };

/** The `data` member of a pyRPC error. */
export interface ViolationData {
  readonly field: string;
  readonly message: string;
  readonly type: string;
}

/**
 * Converts a violation to pyRPC's wire format: the path joined with dots.
 *
 * @param field used if the path is empty; pyRPC uses the parameter's name
 */
export function violationData(violation: Violation, field = ""): ViolationData {
  return {
    field: violation.path.length === 0 ? field : violation.path.join("."),
    message: violation.message,
    type: violation.type,
  };
}
