/** Parses numbers from text and formats them in messages, like Pydantic. */

const INT64 = 2n ** 63n;
/** Maximum distance of a float from a multiple. */
const ROOM = 1e-9;
/** Python does not parse integers with more digits. */
const MAX_DIGITS = 4_300;

/** Returns true if a number or bigint does not fit in 64 bits. */
export function exceedsInt64(value: number | bigint): boolean {
  return value >= INT64 || value < -INT64;
}

/** Parses an integer: `" +1_000 "`, `"1.0"`; `"too large"` if it exceeds Python's limit. */
export function parseIntegerText(text: string): number | bigint | "too large" | undefined {
  // Pydantic also drops zeros before a minus sign.
  const plain = text.trim().replace(/^0+(?=-\d)/, "");
  const match = /^([+-]?)(\d+(?:_\d+)*)(?:\.0+)?$/.exec(plain);
  if (match === null) return undefined;
  const [, sign, written = ""] = match;
  const digits = written.replaceAll("_", "");
  if (digits.length > MAX_DIGITS) return "too large";
  const value = BigInt(`${sign === "-" ? "-" : ""}${digits}`);
  const number = Number(value);
  return Number.isSafeInteger(number) ? (number === 0 ? 0 : number) : value;
}

// Unambiguous, so that a long text that is not a number is rejected in one pass.
const DIGITS = "\\d+(?:_\\d+)*";
const FLOAT = new RegExp(
  `^[+-]?(?:${DIGITS}(?:\\.(?:${DIGITS})?)?|\\.${DIGITS})(?:[eE][+-]?${DIGITS})?$`,
);

/** Parses a float, also `"1_000.5"`, `"1e3"`, `"inf"` and `"nan"`. */
export function parseFloatText(text: string): number | undefined {
  // Pydantic rejects underscores together with surrounding blanks.
  const trimmed = text.includes("_") ? text : text.trim();
  if (/^[+-]?(inf|infinity)$/i.test(trimmed)) {
    return trimmed.startsWith("-") ? -Infinity : Infinity;
  }
  if (/^[+-]?nan$/i.test(trimmed)) return NaN;
  return FLOAT.test(trimmed) ? Number(trimmed.replaceAll("_", "")) : undefined;
}

/** Parses a boolean. */
export function parseBooleanText(text: string): boolean | undefined {
  switch (text.toLowerCase()) {
    case "1":
    case "true":
    case "t":
    case "yes":
    case "y":
    case "on":
      return true;
    case "0":
    case "false":
    case "f":
    case "no":
    case "n":
    case "off":
      return false;
    default:
      return undefined;
  }
}

/** Formats a limit for messages, without an exponent. */
export function formatLimit(value: number | bigint): string {
  if (typeof value === "bigint" || !Number.isFinite(value)) return String(value);
  const [, sign = "", whole = "", fraction = "", exponent] =
    /^(-?)(\d+)(?:\.(\d+))?e([+-]\d+)$/.exec(String(value)) ?? [];
  if (exponent === undefined) return String(value);
  const shift = Number(exponent);
  const digits = whole + fraction;
  return shift < 0
    ? `${sign}0.${"0".repeat(-shift - 1)}${digits}`
    : `${sign}${digits.padEnd(shift + 1, "0")}`;
}

/** Returns true for a multiple, with Pydantic's tolerance for binary fractions. */
export function isMultiple(value: number | bigint, of: number | bigint): boolean {
  if (of === 0 || of === 0n) return true;
  if (typeof value === "bigint" || typeof of === "bigint") {
    if (isWhole(value) && isWhole(of)) return BigInt(value) % BigInt(of) === 0n;
    const [number, step] = [parseDecimalText(String(value)), parseDecimalText(String(of))];
    return typeof number === "object" && typeof step === "object" &&
        isDecimalMultiple(number, step) || isMultiple(Number(value), Number(of));
  }
  if (Number.isInteger(value) && Number.isInteger(of)) return value % of === 0;
  const quotient = value / of;
  const whole = Math.sign(quotient) * Math.round(Math.abs(quotient));
  // Infinities and NaN must pass here: the limits check them.
  return !(Math.abs(value - whole * of) > ROOM) || isExactDecimal(value, of);
}

// Floats beyond 2^53 are far apart, but their decimal texts may be multiples.
function isExactDecimal(value: number, of: number): boolean {
  const [number, step] = [parseDecimalText(String(value)), parseDecimalText(String(of))];
  return typeof number === "object" && typeof step === "object" && isDecimalMultiple(number, step);
}

/** Returns true if Python's remainder is zero, without a tolerance. */
export function isExactMultiple(value: number | bigint, of: number | bigint): boolean {
  if (Number(of) === 0) return true;
  return isWhole(value) && isWhole(of)
    ? BigInt(value) % BigInt(of) === 0n
    : Number(value) % Number(of) === 0;
}

function isWhole(value: number | bigint): boolean {
  return typeof value === "bigint" || Number.isInteger(value);
}

/** Maximum digits of a decimal that are kept. */
const MAX_DECIMAL_DIGITS = 200;

/** A decimal number: `digits` times ten to the `exponent`. */
export interface Decimal {
  readonly digits: bigint;
  readonly exponent: number;
}

/** Parses a number like Python's `Decimal`; `"not finite"` for infinities and NaN. */
export function parseDecimalText(text: string): Decimal | "not finite" | undefined {
  // Python accepts the digits of every script, and underscores anywhere.
  const plain = text.trim().replaceAll("_", "").replace(/\p{Nd}/gu, asciiDigit);
  if (/^[+-]?(inf|infinity|s?nan\d*)$/i.test(plain)) return "not finite";
  const match = /^([+-]?)(?:(\d+)(?:\.(\d*))?|\.(\d+))(?:[eE]([+-]?\d+))?$/.exec(plain);
  if (match === null) return undefined;
  const fraction = match[4] ?? match[3] ?? "";
  const all = `${match[2] ?? ""}${fraction}`.replace(/^0+/, "");
  // Digits beyond those of any limit do not affect the result, and large integers are slow.
  const digits = BigInt(all.slice(0, MAX_DECIMAL_DIGITS) || "0");
  return {
    digits: match[1] === "-" ? -digits : digits,
    exponent: Number(match[5] ?? 0) - fraction.length +
      Math.max(0, all.length - MAX_DECIMAL_DIGITS),
  };
}

function asciiDigit(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x80) return character;
  // The ten digits of a script are consecutive, starting with zero.
  let zero = code;
  while (zero > code - 9 && /^\p{Nd}$/u.test(String.fromCodePoint(zero - 1))) zero--;
  return String((code - zero) % 10);
}

/** Compares two decimals: negative, zero or positive. Does not expand huge exponents. */
export function compareDecimals(a: Decimal, b: Decimal): number {
  const signs = sign(a.digits) - sign(b.digits);
  if (signs !== 0 || a.digits === 0n) return signs;
  const sizes = magnitude(a) - magnitude(b);
  if (sizes !== 0) return sizes * sign(a.digits);
  const shift = a.exponent - b.exponent;
  const left = shift > 0 ? a.digits * 10n ** BigInt(shift) : a.digits;
  const right = shift < 0 ? b.digits * 10n ** BigInt(-shift) : b.digits;
  return left < right ? -1 : left > right ? 1 : 0;
}

/** Returns true for a multiple; false, like Python, if the quotient has more than 28 digits. */
export function isDecimalMultiple(value: Decimal, of: Decimal): boolean {
  if (value.digits === 0n || of.digits === 0n) return true;
  if (magnitude(value) - magnitude(of) > 28) return false;
  const shift = value.exponent - of.exponent;
  if (shift < -1_000) return false;
  const left = shift > 0 ? value.digits * 10n ** BigInt(shift) : value.digits;
  const right = shift < 0 ? of.digits * 10n ** BigInt(-shift) : of.digits;
  return left % right === 0n;
}

function sign(value: bigint): number {
  return value < 0n ? -1 : value > 0n ? 1 : 0;
}

// Returns the power of ten of the first digit.
function magnitude(value: Decimal): number {
  return (value.digits < 0n ? -value.digits : value.digits).toString().length + value.exponent;
}
