/** Errors as Python has them: what a client raises is decided by class and arguments, not by a sentence alone. */
import type { BrineValue } from "./brine.ts";

/** What a {@link PythonError} is made of. */
export interface PythonErrorInit {
  /** Module of the class. @default {"builtins"} */
  readonly module?: string | undefined;
  /** The exception's `args`; by default the message alone. */
  readonly args?: readonly BrineValue[] | undefined;
  /** Attributes that the client sets on the exception. */
  readonly attributes?: readonly (readonly [string, BrineValue])[] | undefined;
  /** The other side's traceback text. */
  readonly traceback?: string | undefined;
}

/** An exception with its Python class: thrown here to be raised there, and the other way round. */
export class PythonError extends Error {
  readonly module: string;
  readonly args: readonly BrineValue[];
  readonly attributes: readonly (readonly [string, BrineValue])[];
  readonly traceback: string | undefined;

  constructor(className: string, message: string, init: PythonErrorInit = {}) {
    super(message);
    this.name = className;
    this.module = init.module ?? "builtins";
    this.args = init.args ?? [message];
    this.attributes = init.attributes ?? [];
    this.traceback = init.traceback;
  }
}

/** The end of an iteration; brine has an own short form for it. */
export class StopIteration extends PythonError {
  constructor() {
    super("StopIteration", "", { args: [] });
  }
}

export const typeError = (message: string): PythonError => new PythonError("TypeError", message);
export const valueError = (message: string): PythonError => new PythonError("ValueError", message);
export const indexError = (message: string): PythonError => new PythonError("IndexError", message);
export const attributeError = (message: string): PythonError =>
  new PythonError("AttributeError", message);

/** `KeyError(key)`: its only argument is the key itself. */
export function keyError(key: BrineValue, text: string): PythonError {
  return new PythonError("KeyError", text, { args: [key] });
}
