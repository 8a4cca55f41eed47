import type { Direction } from "../contract/mod.ts";
import type { NumberBranch, StringBranch } from "./branch.ts";
import { describeBranch } from "./describe_branch.ts";
import { excluded, type Inclusion, unclear, YES } from "./inclusion.ts";
import { includesPattern } from "./pattern_inclusion.ts";
import { FORMAT_SAMPLES, formatAccepts, formatIncludes } from "./text_formats.ts";

/** Compares two branches of numbers. */
export function compareNumbers(a: NumberBranch, b: NumberBranch): Inclusion {
  const first = describeBranch(a);
  const second = describeBranch(b);
  const below = a.min < b.min || (a.min === b.min && b.minOpen && !a.minOpen);
  const above = a.max > b.max || (a.max === b.max && b.maxOpen && !a.maxOpen);
  // With a step, the ends of the range may not be values.
  const stepped = a.multiples.length > 0;
  if (below || above) {
    return stepped ? unclear("multiple", first, second) : excluded("range", first, second);
  }
  const whole = a.integer || a.multiples.some((step) => Number.isInteger(step));
  if (b.integer && !whole) {
    return a.min === a.max || stepped
      ? unclear("multiple", first, second)
      : excluded("types", first, second);
  }
  let maybe = false;
  for (const step of b.multiples) {
    const isImplied = a.multiples.some((mine) =>
      mine === step || (Number.isInteger(mine) && Number.isInteger(step) && mine % step === 0)
    ) || (step === 1 && whole);
    if (isImplied) {
      continue;
    }
    if (stepped || Number(a.max) - Number(a.min) < 1e6 || !Number.isInteger(step)) {
      maybe = true;
    } else return excluded("range", first, second);
  }
  return maybe ? unclear("multiple", first, second) : YES;
}

/** Compares two branches of strings. */
export function compareStrings(a: StringBranch, b: StringBranch, direction: Direction): Inclusion {
  const first = describeBranch(a);
  const second = describeBranch(b);
  const shaped = a.patterns.length > 0 || a.formats.length > 0;
  // Nearly every format needs characters.
  const isEmptyAllowed = a.formats.every((name) => formatAccepts(name, "", direction) !== false);
  const least = isEmptyAllowed ? a.minLength : Math.max(a.minLength, 1);
  const isLongEnough = least >= b.minLength || hasLength(a, b.minLength, Infinity);
  const isShortEnough = a.maxLength <= b.maxLength || hasLength(a, 0, b.maxLength);
  if (!isLongEnough || !isShortEnough) {
    return shaped ? unclear("pattern", first, second) : excluded("range", first, second);
  }
  let maybe = false;
  for (const format of b.formats) {
    const known = a.formats.map((each) => formatIncludes(each, format, direction));
    if (known.includes(true)) continue;
    if (shaped || !FORMAT_SAMPLES.has(format)) maybe = true;
    else return excluded("range", first, second);
  }
  if (maybe) return unclear("format", first, second);
  for (const pattern of b.patterns) {
    if (a.patterns.includes(pattern)) continue;
    const included = includesAnyPattern(a.patterns, pattern);
    if (included === true) continue;
    const narrowed = a.formats.length > 0 || a.minLength > 0 || a.maxLength < Infinity;
    if (included === undefined || narrowed) maybe = true;
    else return excluded("range", first, second);
  }
  return maybe ? unclear("pattern", first, second) : YES;
}

const MAX_LENGTH = 64;

// Returns true if a pattern allows only texts of such a length.
function hasLength({ patterns }: StringBranch, least: number, most: number): boolean {
  if (least > MAX_LENGTH || (most !== Infinity && most > MAX_LENGTH)) return false;
  // A class of every character but one that is not a character.
  const wanted = `^[^\ufffe]{${least},${most === Infinity ? "" : most}}$`;
  return patterns.some((pattern) => includesPattern(pattern, wanted) === true);
}

// One pattern decides; of several, each may exclude the counterexamples of the others.
function includesAnyPattern(patterns: readonly string[], wanted: string): boolean | undefined {
  if (patterns.length < 2) return includesPattern(patterns[0], wanted);
  return patterns.some((each) => includesPattern(each, wanted) === true) ? true : undefined;
}
