import { endsWith, type Hint, mentions } from "./hints.ts";
import type { NumberLimits } from "./number_limits.ts";
import { integerBetween, type Random } from "./random.ts";

/** Makes a generator of numbers within limits that suit a name. It returns `undefined` if the limits are empty. */
export function numberMaker(
  limits: NumberLimits,
  hint: Hint,
): (random: Random) => number | undefined {
  const range = rangeFor(hint, limits.isInteger);
  return (random) => numberWithin(limits, range, random);
}

function numberWithin(
  limits: NumberLimits,
  [wantedMin, wantedMax, digits]: readonly [number, number, number],
  random: Random,
): number | undefined {
  const { isInteger, multipleOf } = limits;
  if (!(limits.min <= limits.max)) return undefined;
  let [min, max] = [Math.max(limits.min, wantedMin), Math.min(limits.max, wantedMax)];
  // The range of the name lies outside the limits: use the end of the limits that is closer to it.
  if (min > max) {
    if (limits.min > wantedMax) {
      [min, max] = [limits.min, Math.min(limits.max, limits.min + span(limits.min))];
    } else [min, max] = [Math.max(limits.min, limits.max - span(limits.max)), limits.max];
  }
  if (multipleOf !== undefined && multipleOf > 0) {
    return multiple(min, max, multipleOf, limits, random);
  }
  if (isInteger) {
    let [low, high] = [Math.ceil(min), Math.floor(max)];
    if (low > high) [low, high] = [Math.ceil(limits.min), Math.floor(limits.max)];
    if (low > high) return undefined;
    return integerBetween(random, low, Math.min(high, low + 2 ** 32));
  }
  const value = round(min + random() * (max - min), digits);
  return value >= limits.min && value <= limits.max ? value : min + (max - min) / 2;
}

function span(from: number): number {
  return Math.max(100, Math.abs(from));
}

function multiple(
  min: number,
  max: number,
  of: number,
  limits: NumberLimits,
  random: Random,
): number | undefined {
  const inverse = Math.round(1 / of);
  // Division is exact where multiplication is not: 1999 / 100 is 19.99, 1999 * 0.01 is not.
  const isInverse = inverse > 1 && Math.abs(1 / inverse - of) < Number.EPSILON;
  const value = (count: number) => isInverse ? count / inverse : count * of;
  const counts = (
    low: number,
    high: number,
  ): [number, number] => [Math.ceil(low / of - 1e-9), Math.floor(high / of + 1e-9)];
  let [low, high] = counts(min, max);
  // Few multiples are in the range of the name: a set needs different ones.
  if (high - low < 2) {
    const [least, most] = counts(limits.min, limits.max);
    if (least > most) return undefined;
    low = Math.max(least, Math.min(low, most - 9, 0));
    high = Math.min(most, Math.max(high, low + 9));
  }
  high = Math.min(high, low + 2 ** 32);
  let result = value(low);
  for (let attempt = 0; attempt < 50; attempt++) {
    result = value(integerBetween(random, low, high));
    const isWithin = result >= limits.min && result <= limits.max &&
      (!limits.isInteger || Number.isInteger(result));
    // Strict validators of JSON Schema require an integral quotient in doubles.
    if (isWithin && Number.isInteger(result / of)) return result;
  }
  return result;
}

function round(value: number, digits: number): number {
  const factor = 10 ** digits;
  return Math.round(value * factor) / factor;
}

/** The range that a name suggests, and the number of decimals. */
function rangeFor(hint: Hint, isInteger: boolean): [number, number, number] {
  if (mentions(hint, "latitude", "lat")) return [-60, 70, 5];
  if (mentions(hint, "longitude", "lng", "lon", "long")) return [-180, 180, 5];
  if (mentions(hint, "status code", "http status")) return [200, 204, 0];
  if (mentions(hint, "cents", "pence")) return [500, 50_000, 0];
  // Unix time in seconds, or in the unit that the limits allow.
  if (
    endsWith(hint, "timestamp") || endsWith(hint, "at") || mentions(hint, "unix time", "epoch") ||
    isInteger && endsWith(hint, "created", "updated", "modified", "expires")
  ) return [1_735_689_600, 1_790_000_000, 0];
  if (mentions(hint, "rate") && mentions(hint, "tax", "vat")) {
    return isInteger ? [0, 25, 0] : [0, 25, 1];
  }
  if (mentions(hint, "humidity", "battery")) return [20, 95, 0];
  if (mentions(hint, "temperature", "temp")) return [-10, 35, 1];
  if (mentions(hint, "house number", "street number")) return [1, 120, 0];
  if (
    mentions(
      hint,
      "price",
      "amount",
      "cost",
      "fee",
      "salary",
      "balance",
      "revenue",
      "subtotal",
      "tax",
    ) ||
    endsWith(hint, "total") && !isInteger
  ) {
    return [5, 500, isInteger ? 0 : 2];
  }
  if (endsWith(hint, "percent", "percentage", "progress")) return [0, 100, 1];
  if (endsWith(hint, "probability", "ratio", "confidence", "fraction", "share")) {
    return isInteger ? [0, 1, 0] : [0, 1, 3];
  }
  if (endsWith(hint, "rating", "stars")) return [1, 5, 1];
  if (endsWith(hint, "score")) return [0, 100, 1];
  if (endsWith(hint, "age")) return [18, 80, 0];
  if (endsWith(hint, "year")) return [2020, 2027, 0];
  if (endsWith(hint, "month")) return [1, 12, 0];
  if (endsWith(hint, "day")) return [1, 28, 0];
  if (endsWith(hint, "hour", "hours")) return [0, 23, 0];
  if (endsWith(hint, "minute", "minutes", "second", "seconds")) return [0, 59, 0];
  if (endsWith(hint, "port")) return [1024, 65_535, 0];
  if (endsWith(hint, "quantity", "qty")) return [1, 12, isInteger ? 0 : 1];
  if (endsWith(hint, "page", "version", "revision", "level", "rank", "priority")) return [1, 9, 0];
  if (endsWith(hint, "limit")) return [5, 50, 0];
  if (endsWith(hint, "offset", "skip")) return [0, 40, 0];
  if (endsWith(hint, "count", "total", "stock", "size", "length", "views", "likes")) {
    return [0, 250, 0];
  }
  if (endsWith(hint, "bytes")) return [512, 4_000_000, 0];
  if (endsWith(hint, "id", "number", "no")) return [1, 9_999, 0];
  if (mentions(hint, "weight", "height", "width", "depth", "distance")) {
    return [1, 200, 1];
  }
  if (endsWith(hint, "duration", "ms", "latency")) return [1, 900, isInteger ? 0 : 1];
  return isInteger ? [0, 100, 0] : [0, 100, 2];
}
