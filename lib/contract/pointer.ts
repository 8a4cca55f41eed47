import type { Json, JsonSchema } from "./contract.ts";
import { isJsonObject, isSchema, ownMember } from "./keywords.ts";

/** Returns the schema at a local reference (`#/$defs/Item`, `#`); `undefined` for anything else. */
export function resolvePointer(root: JsonSchema, ref: string): JsonSchema | undefined {
  if (ref !== "#" && !ref.startsWith("#/")) return undefined;
  let value: Json | undefined = root;
  for (const part of ref.split("/").slice(1)) {
    const key = decodePart(part);
    if (key === undefined) return undefined;
    if (Array.isArray(value)) value = /^\d+$/.test(key) ? value[Number(key)] : undefined;
    else if (isJsonObject(value)) value = ownMember(value, key);
    else return undefined;
  }
  return isSchema(value) ? value : undefined;
}

/** Decodes a part of a JSON pointer; `undefined` for an invalid one. */
export function decodePart(part: string): string | undefined {
  if (!/[%~]/.test(part)) return part;
  try {
    return decodeURIComponent(part).replaceAll("~1", "/").replaceAll("~0", "~");
  } catch {
    return undefined;
  }
}
