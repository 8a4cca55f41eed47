import { isJsonObject, type JsonSchema } from "../contract/mod.ts";
import type { WireValue } from "./call.ts";
import { branchesOf, shapeFor } from "./wire_float.ts";

/**
 * Replaces bytes by base64 text where the schema describes bytes: `format` binary, byte, base64 or base64url, or
 * `contentEncoding`. Other bytes stay, and the validation rejects them.
 */
export function encodeBytes(value: WireValue, schema: JsonSchema): WireValue {
  return mayHoldBytes(schema) ? encode(value, schema, schema, 0) : value;
}

const KEYWORDS = /"(?:format":"(?:binary|byte|base64|base64url)|contentEncoding":"base64(?:url)?)"/;
const found = new WeakMap<object, boolean>();

function mayHoldBytes(schema: JsonSchema): boolean {
  if (typeof schema !== "object") return false;
  let holds = found.get(schema);
  if (holds === undefined) {
    holds = KEYWORDS.test(JSON.stringify(schema, printBigint));
    found.set(schema, holds);
  }
  return holds;
}

function printBigint(_: string, value: unknown): unknown {
  return typeof value === "bigint" ? String(value) : value;
}

const MAX_DEPTH = 200;

function encode(
  value: WireValue,
  schema: JsonSchema | undefined,
  root: JsonSchema,
  depth: number,
): WireValue {
  if (typeof value !== "object" || value === null || depth > MAX_DEPTH || !isJsonObject(schema)) {
    return value;
  }
  if (value instanceof Uint8Array) {
    const alphabet = alphabetOf(schema, root, 0);
    if (alphabet === undefined) return value;
    const text = base64(value);
    return alphabet === "base64" ? text : text.replaceAll("+", "-").replaceAll("/", "_");
  }
  const shape = shapeFor(value, schema, root, 0);
  if (Array.isArray(value)) {
    const prefix = Array.isArray(shape["prefixItems"]) ? shape["prefixItems"] : [];
    return (value as readonly WireValue[]).map((item, index) =>
      encode(item, (prefix[index] ?? shape["items"]) as JsonSchema | undefined, root, depth + 1)
    );
  }
  if (!isPlain(value)) return value;
  const properties = isJsonObject(shape["properties"]) ? shape["properties"] : {};
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => {
      const own = Object.hasOwn(properties, key) ? properties[key] : shape["additionalProperties"];
      return [key, encode(member as WireValue, own as JsonSchema | undefined, root, depth + 1)];
    }),
  );
}

// Not `Buffer`: the mock also runs in browsers.
function base64(bytes: Uint8Array): string {
  let text = "";
  for (let start = 0; start < bytes.length; start += CHUNK) {
    text += String.fromCharCode(...bytes.subarray(start, start + CHUNK));
  }
  return btoa(text);
}

// Engines limit the number of arguments.
const CHUNK = 8192;

// Dates, maps and the like are sent, or rejected, as they are.
function isPlain(value: object): boolean {
  const { toJSON } = value as { readonly toJSON?: unknown };
  return typeof toJSON !== "function" &&
    Object.prototype.toString.call(value) === "[object Object]";
}

/** The alphabet of the bytes that a schema, or a branch of it, describes. */
function alphabetOf(
  schema: JsonSchema,
  root: JsonSchema,
  depth: number,
): "base64" | "base64url" | undefined {
  if (!isJsonObject(schema) || depth > 20) return undefined;
  const { format, contentEncoding } = schema;
  if (format === "base64url" || contentEncoding === "base64url") return "base64url";
  if (
    format === "binary" || format === "byte" || format === "base64" || contentEncoding === "base64"
  ) return "base64";
  for (const branch of branchesOf(schema, root)) {
    const alphabet = alphabetOf(branch, root, depth + 1);
    if (alphabet !== undefined) return alphabet;
  }
  return undefined;
}
