import { countKeyword, type JsonSchema, keyword, numberKeyword } from "../contract/mod.ts";
import { counted } from "../counted.ts";
import {
  dateTimeFromTimestamp,
  durationProblemOfSeconds,
  isMidnight,
  type Time,
  timeFromSeconds,
} from "./date_time.ts";
import { type Format, formatOf } from "./formats.ts";
import { checkJsonText } from "./json_in_text.ts";
import {
  compareDecimals,
  type Decimal,
  exceedsInt64,
  formatLimit,
  isDecimalMultiple,
  isMultiple,
  parseBooleanText,
  parseDecimalText,
  parseFloatText,
  parseIntegerText,
} from "./numbers.ts";
import { compilePattern } from "./pattern/mod.ts";
import { type Check, type Compiler, Exactness, FAIL, type Run } from "./run.ts";

const INTEGER = "Input should be a valid integer";
const NUMBER = "Input should be a valid number";
const BOOLEAN = "Input should be a valid boolean";
const TOO_LARGE = "Unable to parse input string as an integer, exceeded maximum size";

export function checkNull({ run }: Compiler): Check {
  return (value) => value === null ? value : run.fail("none_required", "Input should be None");
}

export function checkBoolean({ run, lax }: Compiler): Check {
  return (value) => {
    if (typeof value === "boolean") return value;
    let read: boolean | undefined;
    if (typeof value === "string") read = parseBooleanText(value);
    else if (value === 0 || value === 1) read = value === 1;
    else if (!isInt64(value)) {
      return run.fail("bool_type", BOOLEAN);
    }
    if (read === undefined) {
      return run.fail("bool_parsing", `${BOOLEAN}, unable to interpret input`);
    }
    if (!lax) return run.fail("bool_type", BOOLEAN);
    run.floor(Exactness.Lax);
    return read;
  };
}

function isInt64(value: unknown): boolean {
  return (typeof value === "bigint" || typeof value === "number" && Number.isInteger(value)) &&
    !exceedsInt64(value);
}

export function checkInteger({ run, lax }: Compiler, schema: JsonSchema): Check {
  const range = checkRange(run, schema);
  const read = (value: unknown): unknown => {
    if (typeof value === "bigint") return value;
    if (typeof value === "number") {
      if (Number.isSafeInteger(value)) return value;
      if (!Number.isFinite(value)) {
        return run.fail("finite_number", "Input should be a finite number");
      }
      if (!Number.isInteger(value)) {
        return run.fail("int_from_float", `${INTEGER}, got a number with a fractional part`);
      }
      // An integer of this size would be a bigint: this was a float.
      return exceedsInt64(value) ? run.fail("int_parsing_size", TOO_LARGE) : value;
    }
    if (typeof value === "string") {
      const parsed = parseIntegerText(value);
      if (parsed === undefined) {
        return run.fail("int_parsing", `${INTEGER}, unable to parse string as an integer`);
      }
      if (parsed === "too large") return run.fail("int_parsing_size", TOO_LARGE);
      if (!lax) return run.fail("int_type", INTEGER);
      run.floor(Exactness.Lax);
      return parsed;
    }
    if (typeof value === "boolean" && lax) {
      run.floor(Exactness.Lax);
      return value ? 1 : 0;
    }
    return run.fail("int_type", INTEGER);
  };
  return withRange(read, range);
}

export function checkNumber({ run, lax }: Compiler, schema: JsonSchema): Check {
  const range = checkRange(run, schema);
  const read = (value: unknown): unknown => {
    if (typeof value === "number") {
      // JSON does not distinguish 1 from 1.0: in a union with int, a whole number is an int.
      if (Number.isInteger(value)) run.floor(Exactness.Strict);
      return value;
    }
    if (typeof value === "bigint") {
      run.floor(Exactness.Strict);
      return Number.isFinite(Number(value)) ? value : run.fail("float_type", NUMBER);
    }
    if (typeof value === "string") {
      const parsed = parseFloatText(value);
      if (parsed === undefined) {
        return run.fail("float_parsing", `${NUMBER}, unable to parse string as a number`);
      }
      if (!lax) return run.fail("float_type", NUMBER);
      run.floor(Exactness.Lax);
      return parsed;
    }
    if (typeof value === "boolean" && lax) {
      run.floor(Exactness.Lax);
      return value ? 1 : 0;
    }
    return run.fail("float_type", NUMBER);
  };
  return withRange(read, range);
}

// Adds the check of the limits, if there are any.
function withRange(read: Check, range: ReturnType<typeof checkRange>): Check {
  if (range === undefined) return read;
  return (value) => {
    const number = read(value);
    return number === FAIL || !range(number as number) ? FAIL : number;
  };
}

/** Checks the limits of numbers in Pydantic's order; undefined without limits. */
export function checkRange(
  run: Run,
  schema: JsonSchema,
): ((value: number | bigint) => boolean) | undefined {
  const multipleOf = numberKeyword(schema, "multipleOf");
  const maximum = numberKeyword(schema, "maximum");
  const below = numberKeyword(schema, "exclusiveMaximum");
  const minimum = numberKeyword(schema, "minimum");
  const above = numberKeyword(schema, "exclusiveMinimum");
  if ([multipleOf, maximum, below, minimum, above].every((limit) => limit === undefined)) {
    return undefined;
  }
  const fail = (type: string, words: string, limit: number | bigint) => {
    run.fail(type, `Input should be ${words} ${formatLimit(limit)}`);
    return false;
  };
  return (value) => {
    if (multipleOf !== undefined && !isMultiple(value, multipleOf)) {
      return fail("multiple_of", "a multiple of", multipleOf);
    }
    // Written so that NaN fails, like in Pydantic.
    if (maximum !== undefined && !(value <= maximum)) {
      return fail("less_than_equal", "less than or equal to", maximum);
    }
    if (below !== undefined && !(value < below)) return fail("less_than", "less than", below);
    if (minimum !== undefined && !(value >= minimum)) {
      return fail("greater_than_equal", "greater than or equal to", minimum);
    }
    if (above !== undefined && !(value > above)) return fail("greater_than", "greater than", above);
    return true;
  };
}

/** Validates a `Decimal`: a number, or a string with one. The limits are in the schema of the number. */
export function checkDecimal({ run }: Compiler, number: JsonSchema): Check {
  const limit = (name: string) => {
    const value = numberKeyword(number, name);
    if (value === undefined) return undefined;
    return { value, decimal: parseDecimalText(String(value)) as Decimal };
  };
  const limits = [
    ["multipleOf", "multiple_of", "a multiple of", isDecimalMultiple],
    [
      "maximum",
      "less_than_equal",
      "less than or equal to",
      (a: Decimal, b: Decimal) => compareDecimals(a, b) <= 0,
    ],
    [
      "exclusiveMaximum",
      "less_than",
      "less than",
      (a: Decimal, b: Decimal) => compareDecimals(a, b) < 0,
    ],
    [
      "minimum",
      "greater_than_equal",
      "greater than or equal to",
      (a: Decimal, b: Decimal) => compareDecimals(a, b) >= 0,
    ],
    [
      "exclusiveMinimum",
      "greater_than",
      "greater than",
      (a: Decimal, b: Decimal) => compareDecimals(a, b) > 0,
    ],
  ] as const;
  const checks = limits.flatMap(([name, type, words, passes]) => {
    const found = limit(name);
    return found === undefined ? [] : [{ type, words, passes, ...found }];
  });
  return (value) => {
    if (typeof value !== "number" && typeof value !== "bigint" && typeof value !== "string") {
      return run.fail(
        "decimal_type",
        "Decimal input should be an integer, float, string or Decimal object",
      );
    }
    if (typeof value === "string") run.floor(Exactness.Lax);
    else run.floor(Exactness.Strict);
    const decimal = parseDecimalText(String(value));
    if (decimal === undefined) {
      return run.fail("decimal_parsing", "Input should be a valid decimal");
    }
    if (decimal === "not finite") {
      return run.fail("finite_number", "Input should be a finite number");
    }
    for (const check of checks) {
      if (!check.passes(decimal, check.decimal)) {
        return run.fail(check.type, `Input should be ${check.words} ${formatLimit(check.value)}`);
      }
    }
    return value;
  };
}

/** Maximum length of Pydantic's `HttpUrl`; no other URL type has this limit. */
const HTTP_MAX_LENGTH = 2083;

export function checkString(compiler: Compiler, schema: JsonSchema): Check {
  const { run } = compiler;
  const formatName = keyword(schema, "format");
  const maxLength = countKeyword(schema, "maxLength");
  const schemes = formatName === "uri" && maxLength === HTTP_MAX_LENGTH
    ? ["http", "https"]
    : undefined;
  const format = typeof formatName === "string" ? formatOf(formatName, schemes) : undefined;
  if (keyword(schema, "contentMediaType") === "application/json") {
    return checkJsonText(compiler, schema);
  }
  const isUrl = formatName === "uri" || formatName === "multi-host-uri";
  // Pydantic checks the length of an HttpUrl before parsing it, and that of other URLs afterwards.
  const urlLength = isUrl && schemes === undefined ? checkUrlLength(run, schema) : undefined;
  const length = formatName === "binary"
    ? bytesLength(run, schema)
    : urlLength === undefined
    ? textLength(run, schema, isUrl)
    : undefined;
  const test = checkPattern(compiler, schema);
  const numeric = format === undefined || !compiler.lax
    ? undefined
    : numericFormat(run, formatName as string);
  if (format === undefined && length === undefined && test === undefined) {
    return (value) =>
      typeof value === "string" ? value : run.fail("string_type", "Input should be a valid string");
  }
  return (value) => {
    if (typeof value !== "string") {
      if (numeric !== undefined && format !== undefined) return numeric(value, format);
      return format === undefined
        ? run.fail("string_type", "Input should be a valid string")
        : run.failWith(format.notText);
    }
    if (length !== undefined && !length(value)) return FAIL;
    if (test !== undefined && !test(value)) return FAIL;
    if (format !== undefined) {
      if (formatName !== "email" && formatName !== "binary") run.floor(Exactness.Lax);
      const wrong = format.check(value);
      if (wrong !== undefined) return run.failWith(wrong);
      if (urlLength !== undefined && !urlLength(value)) return FAIL;
    }
    return value;
  };
}

/** Checks the length and the pattern of texts; undefined without these keywords. */
export function checkText(
  compiler: Compiler,
  schema: JsonSchema,
): ((text: string) => boolean) | undefined {
  const length = textLength(compiler.run, schema, false);
  const test = checkPattern(compiler, schema);
  if (length === undefined || test === undefined) return length ?? test;
  return (text) => length(text) && test(text);
}

function checkPattern(
  { run, warn }: Compiler,
  schema: JsonSchema,
): ((text: string) => boolean) | undefined {
  const pattern = keyword(schema, "pattern");
  if (typeof pattern !== "string") return undefined;
  const test = compilePattern(pattern, warn);
  if (test === undefined) {
    warn(`The pattern ${JSON.stringify(pattern)} cannot be read: every text is accepted`);
    return undefined;
  }
  return (text) => {
    if (test(text)) return true;
    run.fail("string_pattern_mismatch", `String should match pattern '${pattern}'`);
    return false;
  };
}

function textLength(
  run: Run,
  schema: JsonSchema,
  isUrl: boolean,
): ((text: string) => boolean) | undefined {
  // The error for an empty URL already covers the minimum length.
  const least = isUrl ? undefined : countKeyword(schema, "minLength");
  const most = countKeyword(schema, "maxLength");
  if (least === undefined && most === undefined) return undefined;
  return (text) => {
    // Python counts code points; a string has at most as many as UTF-16 units.
    const isShort = least === undefined && most !== undefined && text.length <= most;
    const length = isShort ? text.length : codePoints(text);
    if (least !== undefined && length < least) {
      run.fail("string_too_short", `String should have at least ${counted(least, "character")}`);
      return false;
    }
    if (most !== undefined && length > most) {
      if (isUrl) run.fail("url_too_long", `URL should have at most ${counted(most, "character")}`);
      else run.fail("string_too_long", `String should have at most ${counted(most, "character")}`);
      return false;
    }
    return true;
  };
}

function checkUrlLength(run: Run, schema: JsonSchema): ((text: string) => boolean) | undefined {
  const most = countKeyword(schema, "maxLength");
  if (most === undefined) return undefined;
  return (text) => {
    const length = codePoints(URL.canParse(text) ? new URL(text).href : text);
    if (length <= most) return true;
    run.fail(
      "too_long",
      `Value should have at most ${counted(most, "item")} after validation, not ${length}`,
    );
    return false;
  };
}

function bytesLength(run: Run, schema: JsonSchema): ((text: string) => boolean) | undefined {
  const least = countKeyword(schema, "minLength");
  const most = countKeyword(schema, "maxLength");
  if (least === undefined && most === undefined) return undefined;
  return (text) => {
    const length = new TextEncoder().encode(text).length;
    if (least !== undefined && length < least) {
      run.fail("bytes_too_short", `Data should have at least ${counted(least, "byte")}`);
      return false;
    }
    if (most !== undefined && length > most) {
      run.fail("bytes_too_long", `Data should have at most ${counted(most, "byte")}`);
      return false;
    }
    return true;
  };
}

/** Counts the code points of a string. */
export function codePoints(text: string): number {
  let count = text.length;
  for (let index = 0; index < text.length - 1; index++) {
    const code = text.charCodeAt(index);
    if (code >= 0xd800 && code <= 0xdbff) {
      const next = text.charCodeAt(index + 1);
      if (next >= 0xdc00 && next <= 0xdfff) {
        count--;
        index++;
      }
    }
  }
  return count;
}

/** Validates the numbers that lax mode accepts for a format; returns the string that Pydantic would print. */
function numericFormat(
  run: Run,
  name: string,
): ((value: unknown, format: Format) => unknown) | undefined {
  const number = (value: unknown) =>
    typeof value === "number" ? value : typeof value === "bigint" ? Number(value) : undefined;
  switch (name) {
    case "date-time":
      return (value, format) => {
        const timestamp = number(value);
        if (timestamp === undefined) return run.failWith(format.notText);
        run.floor(Exactness.Lax);
        const moment = dateTimeFromTimestamp(timestamp);
        if (typeof moment === "string") {
          return run.fail("datetime_parsing", `Input should be a valid datetime, ${moment}`);
        }
        return `${printDate(moment)}T${printTime(moment.time)}`;
      };
    case "date":
      return (value, format) => {
        const timestamp = number(value);
        if (timestamp === undefined) return run.failWith(format.notText);
        run.floor(Exactness.Lax);
        const moment = dateTimeFromTimestamp(timestamp);
        if (typeof moment === "string") {
          return run.fail(
            "date_from_datetime_parsing",
            `Input should be a valid date or datetime, ${moment}`,
          );
        }
        return isMidnight(moment.time) ? printDate(moment) : run.fail(
          "date_from_datetime_inexact",
          "Datetimes provided to dates should have zero time - e.g. be exact dates",
        );
      };
    case "time":
      return (value, format) => {
        const seconds = number(value);
        if (seconds === undefined) return run.failWith(format.notText);
        run.floor(Exactness.Lax);
        const time = timeFromSeconds(seconds);
        return typeof time === "string"
          ? run.fail("time_parsing", `Input should be in a valid time format, ${time}`)
          : printTime(time);
      };
    case "duration":
      return (value, format) => {
        const seconds = typeof value === "boolean" ? Number(value) : number(value);
        if (seconds === undefined) return run.failWith(format.notText);
        run.floor(Exactness.Lax);
        const problem = durationProblemOfSeconds(seconds);
        return problem === undefined
          ? `${seconds < 0 ? "-" : ""}PT${formatLimit(Math.abs(seconds))}S`
          : run.fail("time_delta_parsing", `Input should be a valid timedelta, ${problem}`);
      };
    case "ipv4":
    case "ipv4network":
    case "ipv4interface":
      return integerAddress(run, (value) => value < 2n ** 32n);
    case "ipv6":
    case "ipv6network":
    case "ipv6interface":
    case "ipvanyaddress":
    case "ipvanynetwork":
    case "ipvanyinterface":
      return integerAddress(run, (value) => value < 2n ** 128n);
    case "fraction":
      return (value, format) =>
        typeof value === "number" || typeof value === "bigint" || typeof value === "boolean"
          ? value
          : run.failWith(format.notText);
    default:
      return undefined;
  }
}

// Python accepts an integer as address, and a boolean as integer.
function integerAddress(run: Run, fits: (value: bigint) => boolean) {
  return (value: unknown, format: Format): unknown => {
    const isInteger = typeof value === "bigint" || typeof value === "boolean" ||
      typeof value === "number" && Number.isSafeInteger(value);
    if (!isInteger) return run.failWith(format.notText);
    const number = BigInt(value);
    run.floor(Exactness.Lax);
    return number >= 0n && fits(number) ? value : run.failWith(format.notText);
  };
}

function printDate(date: { year: number; month: number; day: number }): string {
  return `${pad(date.year, 4)}-${pad(date.month)}-${pad(date.day)}`;
}

function printTime(time: Time): string {
  const fraction = time.microsecond === 0 ? "" : `.${pad(time.microsecond, 6)}`;
  return `${pad(time.hour)}:${pad(time.minute)}:${pad(time.second)}${fraction}Z`;
}

function pad(value: number, width = 2): string {
  return String(value).padStart(width, "0");
}
