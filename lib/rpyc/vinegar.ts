/** Exceptions on the wire (`rpyc/core/vinegar.py` of rpyc 6): `((module, class), args, attributes, traceback text)`. */
import type { BrineValue } from "./brine.ts";
import { errorClass, thrownMessage } from "../rpc/mod.ts";
import { BUILTIN_EXCEPTIONS } from "./builtin_exceptions.ts";
import { STOP_ITERATION } from "./consts.ts";
import { PythonError, StopIteration } from "./python_errors.ts";
import { userFrames } from "../user_frames.ts";
import { toBrine } from "./values.ts";

/** Options of {@link dumpException}. */
export interface DumpExceptionOptions {
  /** Sends the traceback text to the client. */
  readonly includeTraceback: boolean;
  /** Module of classes that are not Python's own. @default {"pyrpc"} */
  readonly module?: string;
}

// JavaScript's own classes and the Python class for the same failure.
const FROM_JAVASCRIPT: Readonly<Record<string, string>> = {
  Error: "Exception",
  RangeError: "ValueError",
  URIError: "ValueError",
  ReferenceError: "NameError",
  EvalError: "RuntimeError",
  AggregateError: "Exception",
  AbortError: "TimeoutError",
};

/** Returns module and name of the class that the client raises for a thrown value. */
export function exceptionClass(error: unknown, module = "pyrpc"): readonly [string, string] {
  if (error instanceof PythonError) return [error.module, error.name];
  if (!(error instanceof Error)) return ["builtins", "Exception"];
  const name = errorClass(error);
  const isBuiltin = BUILTIN_EXCEPTIONS.has(name) && !NOT_LOADABLE.has(name);
  // A handler that sets the name means Python's class, even if JavaScript has one of this name.
  if (isBuiltin && Object.hasOwn(error, "name")) return ["builtins", name];
  const native = Object.hasOwn(FROM_JAVASCRIPT, name) ? FROM_JAVASCRIPT[name] : undefined;
  if (native !== undefined && isNativeClass(error)) return ["builtins", native];
  return [isBuiltin ? "builtins" : module, name];
}

/** rpyc's client creates exceptions without arguments, which Python does not allow for these. */
const NOT_LOADABLE: ReadonlySet<string> = new Set(["BaseExceptionGroup", "ExceptionGroup"]);

function isNativeClass(error: Error): boolean {
  return Function.prototype.toString.call(error.constructor).includes("[native code]");
}

/** Converts a thrown value to the body of an exception message. */
export function dumpException(error: unknown, options: DumpExceptionOptions): BrineValue {
  if (error instanceof StopIteration) return STOP_ITERATION;
  const [module, name] = exceptionClass(error, options.module);
  return [
    [module, name],
    argsOf(error),
    [...textAttributes(error, module, name), ...attributesOf(error)],
    options.includeTraceback ? tracebackText(error, module, name) : "<traceback denied>",
  ];
}

function argsOf(error: unknown): readonly BrineValue[] {
  if (error instanceof PythonError) return error.args;
  if (!(error instanceof Error)) return [toBrine(error) ?? thrownMessage(error)];
  // A handler may define `e.args` itself.
  const given: unknown = Reflect.get(error, "args");
  if (Array.isArray(given)) return given.map((argument) => byValue(argument));
  return [error.message];
}

function attributesOf(error: unknown): readonly BrineValue[] {
  const attributes: [string, BrineValue][] = [];
  if (error instanceof PythonError) {
    attributes.push(
      ...error.attributes.map(([name, value]) => [name, value] as [string, BrineValue]),
    );
  } else if (error instanceof Error) {
    for (const name of Object.keys(error)) {
      const value: unknown = Reflect.get(error, name);
      if (name.startsWith("_") || NO_ATTRIBUTES.has(name) || value === undefined) continue;
      const brine = valueOf(value);
      if (brine !== undefined) attributes.push([name, brine]);
      // Other objects that libraries attach to errors (requests, sockets) may be confidential.
      else if (name === "data" || name === "code") attributes.push([name, byValue(value)]);
    }
  }
  attributes.push(["_remote_version", "6.0.2"]);
  return attributes;
}

/** `str()` of these classes returns these attributes and ignores `args`; without them the client sees "None" or nothing. */
function textAttributes(error: unknown, module: string, name: string): readonly BrineValue[] {
  if (module !== "builtins") return [];
  const message = thrownMessage(error);
  if (/^(Syntax|Indentation|Tab)Error$/.test(name)) return [["msg", message]];
  if (!/^Unicode(Decode|Encode|Translate)Error$/.test(name)) return [];
  const object = name === "UnicodeDecodeError" ? new Uint8Array() : "";
  return [
    ["encoding", "utf-8"],
    ["object", object],
    ["start", 0n],
    ["end", 0n],
    ["reason", message],
  ];
}

/** Members of an error that are not attributes of the exception, or are sent elsewhere in the message. */
const NO_ATTRIBUTES: ReadonlySet<string> = new Set([
  "name",
  "message",
  "stack",
  "cause",
  "args",
  "with_traceback",
  "add_note",
]);

function valueOf(value: unknown): BrineValue | undefined {
  try {
    return toBrine(value);
  } catch {
    return undefined;
  }
}

// Mutable values are sent as text, as in rpyc.
function byValue(value: unknown): BrineValue {
  try {
    return toBrine(value) ?? JSON.stringify(value) ?? String(value);
  } catch {
    return String(value);
  }
}

const MAX_FRAMES = 20;

/** Returns a stack in Python's layout, innermost call last. */
function tracebackText(error: unknown, module: string, name: string): string {
  const text = thrownMessage(error);
  const qualified = module === "builtins" ? name : `${module}.${name}`;
  const last = text === "" ? qualified : `${qualified}: ${text}`;
  if (error instanceof PythonError && error.traceback !== undefined) return error.traceback;
  const frames = userFrames(error).slice(0, MAX_FRAMES).reverse().map(({ file, line, name }) =>
    `  File "${file}", line ${line}, in ${name || "<module>"}\n`
  );
  return `Traceback (most recent call last):\n${frames.join("")}${last}\n`;
}

/** Converts the body of the client's exception message to an error. */
export function loadException(value: BrineValue): PythonError {
  if (value === STOP_ITERATION) return new StopIteration();
  if (!Array.isArray(value) || value.length !== 4) {
    return new PythonError("Exception", String(value));
  }
  const [names, args, attributes, traceback] = value as readonly BrineValue[];
  const [module, name] = Array.isArray(names) ? names : ["builtins", "Exception"];
  const list: readonly BrineValue[] = Array.isArray(args) ? args : [];
  return new PythonError(String(name), list.map(String).join(", "), {
    module: String(module),
    args: list,
    attributes: pairsOf(attributes),
    traceback: typeof traceback === "string" ? traceback : undefined,
  });
}

function pairsOf(value: BrineValue | undefined): (readonly [string, BrineValue])[] {
  if (!Array.isArray(value)) return [];
  return value.flatMap((pair) =>
    Array.isArray(pair) && typeof pair[0] === "string" && pair[0] !== "_remote_version"
      ? [[pair[0], pair[1] ?? null] as const]
      : []
  );
}
