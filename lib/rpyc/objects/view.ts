/** What a Python client can do with an object of ours: one small interface, implemented for each kind of JavaScript value. */
import { NotImplemented, type PythonConstant } from "../brine.ts";
import { typeError } from "../python_errors.ts";
import type { TypeHint } from "../type_hint.ts";

/** What a call may need of its connection. */
export interface CallContext {
  /** Copies what lives at the client (list, dict, set, iterator) here; everything else comes back as it is. */
  toPlain(value: unknown): unknown;
  /** The text of any value as Python's `repr()` has it. */
  repr(value: unknown): string;
}

/** Keyword arguments in the order in which they came. */
export type Keywords = readonly (readonly [string, unknown])[];

/** Something that can be called by a reference: a procedure, a method of a container, a closure that a handler returned. */
export interface PythonCallable {
  readonly name: string;
  readonly doc?: string | undefined;
  readonly kind: "method" | "function" | "class";
  /** Arguments are brine values, objects of ours and references; the result is anything that can be boxed. */
  call(args: readonly unknown[], keywords: Keywords, context: CallContext): unknown;
}

/** A result together with what its schema says about the numbers in it. */
export class Hinted {
  readonly value: unknown;
  readonly hint: TypeHint | undefined;
  constructor(value: unknown, hint: TypeHint | undefined) {
    this.value = value;
    this.hint = hint;
  }
}

/** What a Python client can do with one object of ours. */
export interface PythonView {
  /** `module.Class`, which decides what the client makes of it; names of its built-in table cost no further question. */
  readonly className: string;
  readonly doc: string | undefined;
  /** Attributes that exist beside the ones every object has, whether or not a client may use them. */
  attribute(name: string): unknown;
  /** Names for `dir()` and for the client's proxy class. */
  names(): readonly string[];
  /** Names without an underscore that every client may use because they only read. */
  readonly readable: ReadonlySet<string>;
  repr(context: CallContext): string;
  str?(context: CallContext): string | undefined;
  /** Whether `hash()` is possible: not for what can change. */
  readonly hashable: boolean;
  /** One of `__eq__ __ne__ __lt__ __le__ __gt__ __ge__`; `NotImplemented` leaves the answer to the client. */
  compare(operator: string, other: unknown): boolean | PythonConstant;
  /** What the object's own class says of a comparison or `__hash__`, before {@link compare} and identity are asked. */
  special?(name: string): PythonCallable | undefined;
  iterate?(): ViewIterator;
  /** The object called itself. */
  call?(args: readonly unknown[], keywords: Keywords, context: CallContext): unknown;
  /** Whether the object refuses `setattr` and `delattr` in its own words. */
  readonly refusesChange?: boolean;
  /** A better answer than "cannot access" for a name that does not exist. */
  refusal?(name: string): Error | undefined;
}

/** An iteration that may have to wait for each item. */
export interface ViewIterator {
  next(): ViewStep | Promise<ViewStep>;
}

/** One item, boxed with its hint, or the end. */
export type ViewStep = { readonly done: true } | { readonly done: false; readonly value: unknown };

/** A method of a container: Python's arguments in, a value out. */
export type ContainerMethod<Self> = (
  self: Self,
  args: readonly unknown[],
  context: CallContext,
  keywords: Keywords,
) => unknown;

/** The fewest and the most positional arguments of a method. */
export type Arity = readonly [least: number, most: number];

/** A bound method of a container. Keyword arguments are refused unless the method has a parameter for them. */
export function boundMethod<Self>(
  self: Self,
  name: string,
  method: ContainerMethod<Self>,
  arity?: Arity,
): PythonCallable {
  return markCallable({
    name,
    kind: "method",
    call(args, keywords, context) {
      if (arity !== undefined) checkArity(name, args.length, arity);
      if (keywords.length > 0 && method.length < 4) {
        throw typeError(`${name}() takes no keyword arguments`);
      }
      return method(self, args, context, keywords);
    },
  });
}

function checkArity(name: string, given: number, [least, most]: Arity): void {
  if (given >= least && given <= most) return;
  if (least < most) {
    const bound = given < least ? `at least ${least}` : `at most ${most}`;
    throw typeError(`${name}() expected ${bound} arguments, got ${given}`);
  }
  const takes = ["no arguments", "exactly one argument"][most] ?? `exactly ${most} arguments`;
  throw typeError(`${name}() takes ${takes} (${given} given)`);
}

const CALLABLES = new WeakSet<object>();

/** Marks a callable of ours, so that no object of a handler's is taken for one. */
export function markCallable(callable: PythonCallable): PythonCallable {
  CALLABLES.add(callable);
  return callable;
}

/** Whether an object was marked by {@link markCallable}. */
export function isCallable(value: object): value is PythonCallable {
  return CALLABLES.has(value);
}

/** Identity comparison, as objects without `__eq__` have it. */
export function compareIdentity(same: boolean, operator: string): boolean | PythonConstant {
  if (!same) return NotImplemented;
  return operator === "__eq__" ? true : operator === "__ne__" ? false : NotImplemented;
}
