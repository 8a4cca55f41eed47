/** Plain data as a Python pickle (protocol 2), for `obtain()` and `copy.copy()`; used only if pickling is allowed. */
import { Buffer } from "node:buffer";
import { PythonError } from "./python_errors.ts";
import { isPlainObject, isPythonInt, isPythonTuple, PythonFloat } from "./python_types.ts";
import type { TypeHint } from "./type_hint.ts";

const MAX_DEPTH = 100;

/**
 * Pickles plain data.
 *
 * @throws PythonError `TypeError` for functions and instances of classes, `RecursionError` for data that is nested too deep or
 * contains itself.
 */
export function pickle(value: unknown, hint?: TypeHint): Uint8Array {
  const parts: (Uint8Array | string)[] = ["\x80\x02"];
  write(value, hint, parts, 0);
  parts.push(".");
  return Buffer.concat(
    parts.map((part) => typeof part === "string" ? Buffer.from(part, "latin1") : part),
  );
}

type Parts = (Uint8Array | string)[];

function write(value: unknown, hint: TypeHint | undefined, parts: Parts, depth: number): void {
  if (depth > MAX_DEPTH) {
    throw new PythonError("RecursionError", "maximum recursion depth exceeded while pickling");
  }
  const inner = (item: unknown, itemHint: TypeHint | undefined) =>
    write(item, itemHint, parts, depth + 1);
  switch (typeof value) {
    case "undefined":
      return void parts.push("N");
    case "boolean":
      return void parts.push(value ? "\x88" : "\x89");
    case "bigint":
      return void parts.push(long(value));
    case "number":
      return void parts.push(isPythonInt(value, hint) ? long(BigInt(value)) : double(value));
    case "string":
      return void parts.push(sized("X", Buffer.from(value, "utf8")));
  }
  if (value === null) return void parts.push("N");
  if (value instanceof PythonFloat) return void parts.push(double(value.value));
  if (value instanceof Date) return inner(value.toISOString(), undefined);
  if (Array.isArray(value)) {
    const tuple = isPythonTuple(value);
    parts.push(tuple ? "(" : "](");
    value.forEach((item, index) => inner(item, hint?.item(index)));
    return void parts.push(tuple ? "t" : "e");
  }
  if (value instanceof Uint8Array) {
    // Protocol 2 writes bytes as `_codecs.encode(text, "latin1")`.
    parts.push("c_codecs\nencode\n");
    parts.push(sized("X", Buffer.from(Buffer.from(value).toString("latin1"), "utf8")));
    return void parts.push(sized("X", Buffer.from("latin1")), "\x86R");
  }
  if (value instanceof Set) {
    parts.push("cbuiltins\nset\n](");
    for (const item of value) inner(item, undefined);
    return void parts.push("e\x85R");
  }
  if (value instanceof Map || isPlainObject(value)) {
    parts.push("}(");
    for (const [key, item] of value instanceof Map ? value : Object.entries(value)) {
      inner(key, undefined);
      inner(item, typeof key === "string" ? hint?.member(key) : undefined);
    }
    return void parts.push("u");
  }
  throw new PythonError("TypeError", "cannot pickle a value that is not plain data");
}

function sized(opcode: string, bytes: Uint8Array): Uint8Array {
  const head = Buffer.alloc(5);
  head.write(opcode, 0, "latin1");
  head.writeUInt32LE(bytes.length, 1);
  return Buffer.concat([head, bytes]);
}

function double(value: number): Uint8Array {
  const bytes = Buffer.alloc(9);
  bytes.write("G", 0, "latin1");
  bytes.writeDoubleBE(value, 1);
  return bytes;
}

// Two's complement, little-endian, in the fewest bytes that include the sign (LONG1, LONG4).
function long(value: bigint): Uint8Array {
  const bytes: number[] = [];
  for (let rest = value;;) {
    const byte = Number(BigInt.asUintN(8, rest));
    bytes.push(byte);
    rest >>= 8n;
    if ((rest === 0n && byte < 0x80) || (rest === -1n && byte >= 0x80)) break;
  }
  if (bytes.length < 256) return Buffer.from([0x8a, bytes.length, ...bytes]);
  const head = Buffer.alloc(5);
  head[0] = 0x8b;
  head.writeUInt32LE(bytes.length, 1);
  return Buffer.concat([head, Buffer.from(bytes)]);
}
