/** rpyc's rules for attributes: a client may read names that are exposed or safe, and public names if that is allowed. */
import type { LocalObject } from "./local_objects.ts";
import { objectAttribute } from "./object_protocol.ts";
import { shortClassName } from "./objects/view.ts";
import { attributeError, typeError } from "./python_errors.ts";
import { EXPOSED_PREFIX, SAFE_NAMES } from "./safe_names.ts";

/**
 * Returns an attribute of a local object.
 *
 * @param allowPublic allows every name without a leading underscore
 * @throws PythonError `AttributeError` if the name is not allowed or does not exist
 */
export function attributeOf(object: LocalObject, name: string, allowPublic: boolean): unknown {
  const { view } = object;
  const isAllowed = name.startsWith(EXPOSED_PREFIX) || SAFE_NAMES.has(name) ||
    view.readable.has(name) || (allowPublic && !name.startsWith("_"));
  if (!isAllowed) throw view.refusal?.(name) ?? attributeError(`cannot access '${name}'`);
  const found = view.attribute(name, allowPublic) ?? objectAttribute(object, name);
  if (found !== undefined) return found;
  throw attributeError(`'${shortClassName(view)}' object has no attribute '${name}'`);
}

/** Returns the error for an attempt to set or delete an attribute, which clients must not do. */
export function changeRefused({ view }: LocalObject, name: string): Error {
  return attributeError(view.refusesChange === true ? "access denied" : `cannot access '${name}'`);
}

const UTF8 = new TextDecoder("utf-8", { fatal: true });

/** Reads a name, which old clients send as bytes. */
export function attributeName(value: unknown): string {
  if (typeof value === "string") return value;
  if (value instanceof Uint8Array) return UTF8.decode(value);
  throw typeError("name must be a string");
}
