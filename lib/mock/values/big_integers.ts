import type { BigLimits } from "./number_limits.ts";
import type { Random } from "./random.ts";

/** Maximum distance of a value from the limit that it starts at. */
const SPAN = 1_000n;

/** Generates an integer within large limits: close to zero, or to the limit that is. Undefined if no multiple is within them. */
export function bigIntegerWithin(
  { min, max, multipleOf }: BigLimits,
  random: Random,
): bigint | number | undefined {
  const size = multipleOf < 0n ? -multipleOf : multipleOf;
  let [low, high] = [
    min === undefined ? undefined : up(min, size),
    max === undefined ? undefined : -up(-max, size),
  ];
  if (low === undefined || low < 0n && (high === undefined || high >= 0n)) {
    // Zero is within the limits, or the upper one is the closer one.
    if (high === undefined || high >= 0n) low = 0n;
    else low = high - SPAN * size;
    if (min !== undefined && low < min) low = up(min, size);
  }
  high ??= low + SPAN * size;
  if (low > high) return undefined;
  const count = (high - low) / size;
  const steps = BigInt(Math.floor(random() * Number(count < SPAN ? count + 1n : SPAN)));
  const value = low + steps * size;
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

/** The smallest multiple that is not below a value. */
function up(value: bigint, size: bigint): bigint {
  const rest = value % size;
  return rest === 0n ? value : value - rest + (rest > 0n ? size : 0n);
}
