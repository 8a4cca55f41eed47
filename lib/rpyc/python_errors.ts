/** Python exceptions: the class and the arguments decide which exception the client raises. */
import type { BrineValue } from "./brine.ts";

/** Options of {@link PythonError}. */
export interface PythonErrorInit {
  /** Module of the class. @default {"builtins"} */
  readonly module?: string | undefined;
  /** The exception's `args`. @default {the message} */
  readonly args?: readonly BrineValue[] | undefined;
  /** Attributes of the exception at the client. */
  readonly attributes?: readonly (readonly [string, BrineValue])[] | undefined;
  /** The other side's traceback text. */
  readonly traceback?: string | undefined;
}

/** An exception with its Python class. A handler throws it to raise it at the client; exceptions of the client are thrown as one. */
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

/** The end of an iteration, which has a short form on the wire. */
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
