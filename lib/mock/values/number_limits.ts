import { type JsonObject, numberKeyword } from "../../contract/mod.ts";

/** The limits of a number, both ends included. */
export interface NumberLimits {
  readonly isInteger: boolean;
  readonly min: number;
  readonly max: number;
  readonly multipleOf: number | undefined;
}

/** The limits of integers that a `number` cannot represent exactly. An absent one does not limit. */
export interface BigLimits {
  readonly min: bigint | undefined;
  readonly max: bigint | undefined;
  readonly multipleOf: bigint;
}

/** Reads the limits of a number from its schema. */
export function numberLimits(schema: JsonObject): NumberLimits {
  const isInteger = schema["type"] === "integer";
  const bounds = boundsOf(schema, isInteger);
  // Numbers stay small unless a limit demands others.
  const isLarge = [bounds.min, bounds.max].some((bound) =>
    bound !== undefined && Math.abs(Number(bound)) > Number.MAX_SAFE_INTEGER
  );
  const most = isLarge ? Number.MAX_VALUE : Number.MAX_SAFE_INTEGER;
  const multipleOf = numberKeyword(schema, "multipleOf");
  return {
    isInteger,
    min: bounds.min === undefined ? -most : Number(bounds.min),
    max: bounds.max === undefined ? most : Number(bounds.max),
    multipleOf: multipleOf === undefined ? undefined : Number(multipleOf),
  };
}

/** Reads the limits of an integer of which a limit or the multiple is large; undefined for others. */
export function bigLimits(schema: JsonObject): BigLimits | undefined {
  const multipleOf = numberKeyword(schema, "multipleOf");
  // A large number with a whole step is an integer as well.
  if (schema["type"] !== "integer" && !Number.isInteger(Number(multipleOf ?? NaN))) {
    return undefined;
  }
  const { min, max } = boundsOf(schema, true);
  const step = multipleOf === undefined ? 1n : integerStep(multipleOf);
  const isBig = [min, max, multipleOf].some((bound) =>
    bound !== undefined && !(Math.abs(Number(bound)) < Number.MAX_SAFE_INTEGER)
  );
  if (!isBig && Number.isInteger(Number(multipleOf ?? 1))) return undefined;
  const integer = (bound: number | bigint | undefined, round: (value: number) => number) =>
    bound === undefined || typeof bound === "number" && !Number.isFinite(bound)
      ? undefined
      : BigInt(typeof bound === "bigint" ? bound : round(bound));
  return {
    min: integer(min, Math.ceil),
    max: integer(max, Math.floor),
    multipleOf: step,
  };
}

/** The smallest integer that is a multiple of a number: 3 for 1.5. */
function integerStep(multipleOf: number | bigint): bigint {
  if (typeof multipleOf === "bigint") return multipleOf || 1n;
  const [, digits = "1", exponent = "0"] = /^(.*?)(?:e(.*))?$/.exec(String(multipleOf)) ?? [];
  const fraction = /\.(\d+)/.exec(digits)?.[1] ?? "";
  const numerator = BigInt(digits.replace(".", ""));
  const shift = Number(exponent) - fraction.length;
  if (shift >= 0) return numerator * 10n ** BigInt(shift) || 1n;
  let [divisor, rest] = [numerator, 10n ** BigInt(-shift)];
  while (rest !== 0n) [divisor, rest] = [rest, divisor % rest];
  return numerator / divisor || 1n;
}

type Bound = number | bigint | undefined;

function boundsOf(schema: JsonObject, isInteger: boolean): { min: Bound; max: Bound } {
  const bound = (name: string, exclusive: string, sign: 1 | -1): Bound => {
    const closed = numberKeyword(schema, name);
    const open = numberKeyword(schema, exclusive);
    const inner = open === undefined ? undefined : inward(open, sign, isInteger);
    if (closed === undefined || inner === undefined) return closed ?? inner;
    return (closed > inner) === (sign > 0) ? closed : inner;
  };
  return {
    min: bound("minimum", "exclusiveMinimum", 1),
    max: bound("maximum", "exclusiveMaximum", -1),
  };
}

/** The number next to an exclusive limit. */
function inward(open: number | bigint, sign: 1 | -1, isInteger: boolean): number | bigint {
  if (isInteger) {
    if (typeof open === "bigint") return open + BigInt(sign);
    const next = sign > 0 ? Math.floor(open) + 1 : Math.ceil(open) - 1;
    // Beyond 2^53, adding one to a float changes nothing.
    return Number.isSafeInteger(next) ? next : BigInt(Math.trunc(open)) + BigInt(sign);
  }
  const number = Number(open);
  return number + sign * Math.max(Number.MIN_VALUE, Math.abs(number) * Number.EPSILON);
}
