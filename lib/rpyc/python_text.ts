/** Text of values as Python's `repr()` prints them. */
import { Complex, FrozenSet, PythonConstant, Slice } from "./brine.ts";
import { isPlainObject, isPythonInt, isPythonTuple, PythonFloat } from "./python_types.ts";
import type { TypeHint } from "./type_hint.ts";

const MAX_DEPTH = 100;

/** Returns Python's `repr()` of plain data; `describe` returns the text of any other object. */
export function pythonRepr(
  value: unknown,
  describe: (value: object) => string,
  hint?: TypeHint,
): string {
  const open = new Set<object>();
  const repr = (value: unknown, hint: TypeHint | undefined): string => {
    switch (typeof value) {
      case "boolean":
        return value ? "True" : "False";
      case "bigint":
        return value.toString();
      case "number":
        return isPythonInt(value, hint) ? BigInt(value).toString() : reprFloat(value);
      case "string":
        return reprString(value);
      case "symbol":
        return value.toString();
    }
    if (value === null || value === undefined) return "None";
    if (value instanceof Uint8Array) return reprBytes(value);
    if (value instanceof PythonFloat) return reprFloat(value.value);
    if (value instanceof PythonConstant) return value.name;
    if (value instanceof Complex) return reprComplex(value);
    if (value instanceof Slice) {
      return `slice(${
        [value.start, value.stop, value.step].map((part) => repr(part, undefined)).join(", ")
      })`;
    }
    if (value instanceof Date) return reprString(value.toISOString());
    const shape = shapeOf(value);
    if (shape === undefined) return describe(value);
    const [left, right] = shape;
    // As in Python, a container that contains itself is printed as `[...]`.
    if (open.has(value) || open.size >= MAX_DEPTH) return `${left}...${right}`;
    open.add(value);
    const text = left + contents(value, hint, repr) + right;
    open.delete(value);
    if (value instanceof Set && value.size === 0) return "set()";
    if (value instanceof FrozenSet && value.members.length === 0) return "frozenset()";
    return text;
  };
  return repr(value, hint);
}

function shapeOf(value: object): readonly [string, string] | undefined {
  if (Array.isArray(value)) return isPythonTuple(value) ? ["(", ")"] : ["[", "]"];
  if (value instanceof Map || value instanceof Set || isPlainObject(value)) return ["{", "}"];
  if (value instanceof FrozenSet) return ["frozenset({", "})"];
  return undefined;
}

function contents(
  value: object,
  hint: TypeHint | undefined,
  repr: (value: unknown, hint: TypeHint | undefined) => string,
): string {
  if (Array.isArray(value)) {
    const items = value.map((item, index) => repr(item, hint?.item(index))).join(", ");
    return isPythonTuple(value) && value.length === 1 ? `${items},` : items;
  }
  if (value instanceof FrozenSet) {
    return value.members.map((item) => repr(item, undefined)).join(", ");
  }
  if (value instanceof Set) return [...value].map((item) => repr(item, hint?.item(0))).join(", ");
  const entries = value instanceof Map ? [...value] : Object.entries(value);
  return entries.map(([key, item]) =>
    `${repr(key, undefined)}: ${
      repr(item, typeof key === "string" ? hint?.member(key) : undefined)
    }`
  ).join(", ");
}

/** Returns Python's shortest text of a float: exponent form below 1e-4 and from 1e16 on. */
export function reprFloat(value: number): string {
  if (Number.isNaN(value)) return "nan";
  if (!Number.isFinite(value)) return value > 0 ? "inf" : "-inf";
  if (Object.is(value, -0)) return "-0.0";
  if (value === 0) return "0.0";
  const [mantissa = "", exponentText = "0"] = value.toExponential().split("e");
  const exponent = Number(exponentText);
  if (exponent < -4 || exponent >= 16) {
    const digits = Math.abs(exponent).toString().padStart(2, "0");
    return `${mantissa}e${exponent < 0 ? "-" : "+"}${digits}`;
  }
  const sign = mantissa.startsWith("-") ? "-" : "";
  const digits = mantissa.replace("-", "").replace(".", "");
  if (exponent < 0) return `${sign}0.${"0".repeat(-exponent - 1)}${digits}`;
  const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, "0");
  return `${sign}${whole}.${digits.slice(exponent + 1) || "0"}`;
}

function reprComplex({ real, imaginary }: Complex): string {
  const short = (value: number) => reprFloat(value).replace(/\.0$/, "");
  const part = `${short(imaginary)}j`;
  if (real === 0 && !Object.is(real, -0)) return part;
  return `(${short(real)}${part.startsWith("-") ? "" : "+"}${part})`;
}

/** Returns Python's text of a str: in single quotes unless it contains one and no double quote. */
export function reprString(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  let out = quote;
  for (const character of text) {
    if (character === "\\" || character === quote) out += `\\${character}`;
    else if (character === "\n") out += "\\n";
    else if (character === "\r") out += "\\r";
    else if (character === "\t") out += "\\t";
    else if (character === " " || !/[\p{C}\p{Z}]/u.test(character)) out += character;
    else out += escapeCodePoint(character.codePointAt(0) ?? 0);
  }
  return out + quote;
}

function escapeCodePoint(code: number): string {
  const hex = code.toString(16);
  if (code < 0x100) return `\\x${hex.padStart(2, "0")}`;
  return code < 0x10000 ? `\\u${hex.padStart(4, "0")}` : `\\U${hex.padStart(8, "0")}`;
}

function reprBytes(bytes: Uint8Array): string {
  const quote = bytes.includes(0x27) && !bytes.includes(0x22) ? '"' : "'";
  let out = `b${quote}`;
  for (const byte of bytes) {
    const character = String.fromCharCode(byte);
    if (character === "\\" || character === quote) out += `\\${character}`;
    else if (byte === 0x0a) out += "\\n";
    else if (byte === 0x0d) out += "\\r";
    else if (byte === 0x09) out += "\\t";
    else if (byte >= 0x20 && byte < 0x7f) out += character;
    else out += escapeCodePoint(byte);
  }
  return out + quote;
}
