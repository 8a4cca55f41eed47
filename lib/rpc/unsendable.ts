import { failed, type Outcome } from "./call.ts";

/**
 * Explains why a value cannot be sent as JSON (or MessagePack), with the location; `undefined` if it can be. Values that
 * `JSON.stringify` silently changes count too: `NaN`, a `Map`, an invalid date. Members that are `undefined` are omitted,
 * and an `undefined` item is null.
 */
export function whyUnsendable(
  value: unknown,
  encoding: "JSON" | "MessagePack",
): string | undefined {
  const found = search(value, "", { isBinary: encoding === "MessagePack", around: new Set() });
  return found === undefined ? undefined : `${found}, which ${encoding} cannot represent`;
}

/** Reports whether an object has content but no own members to send: a `Map`, a `Set`, a `Promise`, an `Error`, an iterator … */
export function isOpaque(value: object): boolean {
  if (ArrayBuffer.isView(value)) return !(value instanceof Uint8Array);
  return Object.keys(value).length === 0 && !PLAIN.has(kindOf(value));
}

/**
 * Reports whether `JSON.stringify` may have changed a value silently; {@link whyUnsendable} decides. Runs for every result
 * that contains a null, so it allocates nothing.
 */
export function maybeUnsendable(value: unknown): boolean {
  switch (typeof value) {
    case "number":
      return !Number.isFinite(value);
    case "function":
    case "symbol":
      return true;
    case "object":
      return value !== null && maybeUnsendableInside(value);
    default:
      return false;
  }
}

function maybeUnsendableInside(value: object): boolean {
  if (ArrayBuffer.isView(value)) return true;
  if (typeof (value as { readonly toJSON?: unknown }).toJSON === "function") return true;
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length; index++) {
      if (maybeUnsendable(value[index])) return true;
    }
    return false;
  }
  let isEmpty = true;
  for (const key in value) {
    isEmpty = false;
    if (maybeUnsendable((value as Readonly<Record<string, unknown>>)[key])) return true;
  }
  return isEmpty && isOpaque(value);
}

interface Search {
  readonly isBinary: boolean;
  /** Ancestors of the current object. */
  readonly around: Set<object>;
}

/** Types of JSON, and the boxed ones, which JSON unwraps. */
const PLAIN = new Set(["Object", "Array", "Arguments", "String", "Number", "Boolean", "BigInt"]);
/** Deeper values are refused when they are written. */
const MAX_DEPTH = 1_000;

function search(value: unknown, place: string, all: Search): string | undefined {
  switch (typeof value) {
    case "number":
      return Number.isFinite(value) || all.isBinary ? undefined : locate(place, String(value));
    case "function":
    case "symbol":
      return locate(place, `a ${typeof value}`);
    case "object":
      return value === null ? undefined : searchObject(value, place, all);
    default:
      return undefined;
  }
}

function searchObject(value: object, place: string, all: Search): string | undefined {
  const { around } = all;
  if (around.has(value)) return `${place} is a circular reference`;
  if (around.size > MAX_DEPTH) return undefined;
  if (value instanceof Uint8Array) {
    return all.isBinary ? undefined : locate(place, "a Uint8Array");
  }
  if (value instanceof Date && Number.isNaN(value.getTime())) {
    return locate(place, "an invalid Date");
  }
  around.add(value);
  const found = searchInside(value, place, all);
  around.delete(value);
  return found;
}

function searchInside(value: object, place: string, all: Search): string | undefined {
  const { toJSON } = value as { readonly toJSON?: unknown };
  if (typeof toJSON === "function") return search(toJSON.call(value), place, all);
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length; index++) {
      const found = search(value[index], `${place}[${index}]`, all);
      if (found !== undefined) return found;
    }
    return undefined;
  }
  if (isOpaque(value)) {
    const kind = kindOf(value);
    return locate(place, `${/^[AEIO]/.test(kind) ? "an" : "a"} ${kind}`);
  }
  for (const [key, member] of Object.entries(value)) {
    // Treated as undefined.
    if (typeof member === "function" || typeof member === "symbol") continue;
    const found = search(member, `${place}${memberOf(key, place === "")}`, all);
    if (found !== undefined) return found;
  }
  return undefined;
}

function locate(place: string, what: string): string {
  return `${place === "" ? "it" : place} is ${what}`;
}

function memberOf(key: string, isFirst: boolean): string {
  if (!/^[\p{L}_$][\p{L}\p{N}_$]*$/u.test(key)) return `[${JSON.stringify(key)}]`;
  return isFirst ? key : `.${key}`;
}

function kindOf(value: object): string {
  return Object.prototype.toString.call(value).slice("[object ".length, -1);
}

/** The outcome to send instead of one that cannot be encoded: the reason for a result, an error without its data. */
export function unsendableOutcome(method: string, outcome: Outcome, error: unknown): Outcome {
  if (!outcome.ok) {
    const { data: _, ...fault } = outcome.fault;
    return failed(fault);
  }
  const problem = error instanceof Error ? error.message : String(error);
  return failed({ kind: "result", message: `Result of ${method}: ${problem}` });
}
