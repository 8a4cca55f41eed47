import { type Hint, mentions } from "./hints.ts";
import { integerBetween, type Random } from "./random.ts";

const BIRTHS = ["birth", "birthday", "birthdate", "born", "dob"];
const FUTURE = [
  "expires",
  "expiry",
  "expiration",
  "due",
  "deadline",
  "valid",
  "until",
  "end",
  "ends",
  "next",
  "renewal",
  "delivery",
];
const RECENT = [
  "updated",
  "modified",
  "last",
  "seen",
  "changed",
  "closed",
  "finished",
  "shipped",
];

/** A date: births decades ago, deadlines in the future, all others in the last two years. */
export function dateText(random: Random, hint: Hint): string {
  return new Date(dayFor(random, hint) * 86_400_000).toISOString().slice(0, 10);
}

/** A date, as in {@link dateText}, with a time in UTC. */
export function dateTimeText(random: Random, hint: Hint): string {
  const seconds = dayFor(random, hint) * 86_400 + integerBetween(random, 6 * 3600, 22 * 3600);
  return `${new Date(seconds * 1000).toISOString().slice(0, 19)}Z`;
}

/** A time of day without an offset. */
export function timeText(random: Random): string {
  const two = (value: number) => String(value).padStart(2, "0");
  return `${two(integerBetween(random, 6, 21))}:${two(integerBetween(random, 0, 59))}:00`;
}

/** Days since 1970. */
function dayFor(random: Random, hint: Hint): number {
  if (mentions(hint, ...BIRTHS)) return integerBetween(random, -6_000, 13_000);
  if (mentions(hint, ...FUTURE)) return integerBetween(random, 20_820, 21_550);
  if (mentions(hint, ...RECENT)) return integerBetween(random, 20_650, 20_778);
  return integerBetween(random, 20_090, 20_640);
}
