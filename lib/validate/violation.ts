/** What is wrong with a value: Pydantic's first error. */
export interface Violation {
  /** The place inside the value as Pydantic's `loc` has it: member names, indices, names of union branches. */
  readonly path: readonly (string | number)[];
  /** Pydantic's message, such as `Input should be a valid integer`. */
  readonly message: string;
  /** Pydantic's error type, such as `int_type`. */
  readonly type: string;
}

/** A value that passed (coerced in lax mode), or the first thing wrong with it. */
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
 * A violation as pyRPC puts it on the wire: the path joined with dots.
 *
 * @param field Used where the path is empty, which is what pyRPC does with the parameter's name.
 */
export function violationData(violation: Violation, field = ""): ViolationData {
  return {
    field: violation.path.length === 0 ? field : violation.path.join("."),
    message: violation.message,
    type: violation.type,
  };
}
