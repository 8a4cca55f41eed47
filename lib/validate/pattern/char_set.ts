/** A set of code points: ranges and Unicode classes, optionally negated or intersected. */
export interface CharSet {
  has(code: number): boolean;
}

/** Creates a set from ranges, both ends included. */
export function rangesOf(...ranges: readonly (readonly [number, number])[]): CharSet {
  return { has: (code) => ranges.some(([low, high]) => code >= low && code <= high) };
}

/** Creates a set of the code points that a one-character expression matches. */
export function classOf(expression: RegExp): CharSet {
  return { has: (code) => expression.test(String.fromCodePoint(code)) };
}

export function anyOfSets(sets: readonly CharSet[]): CharSet {
  const [only] = sets;
  return only !== undefined && sets.length === 1
    ? only
    : { has: (code) => sets.some((set) => set.has(code)) };
}

export function allOfSets(a: CharSet, b: CharSet): CharSet {
  return { has: (code) => a.has(code) && b.has(code) };
}

export function negated(set: CharSet): CharSet {
  return { has: (code) => !set.has(code) };
}

/** Adds the upper and lower case of each letter. */
export function caseless(set: CharSet): CharSet {
  return {
    has(code) {
      if (set.has(code)) return true;
      const character = String.fromCodePoint(code);
      return [character.toLowerCase(), character.toUpperCase()]
        .some((other) => [...other].length === 1 && set.has(other.codePointAt(0) ?? -1));
    },
  };
}

// Unicode's definition, which the Rust crate regex uses: digits and letters of every script.
export const DIGITS = classOf(/\p{Nd}/u);
export const SPACES = classOf(/\p{White_Space}/u);
export const WORD = classOf(/[\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\p{Join_Control}]/u);
export const EVERYTHING: CharSet = { has: () => true };
export const NOT_NEWLINE: CharSet = { has: (code) => code !== 10 };

const POSIX: Readonly<Record<string, CharSet>> = {
  alpha: classOf(/[a-zA-Z]/),
  digit: classOf(/[0-9]/),
  alnum: classOf(/[a-zA-Z0-9]/),
  upper: classOf(/[A-Z]/),
  lower: classOf(/[a-z]/),
  space: classOf(/[\t-\r ]/),
  punct: classOf(/[!-/:-@[-`{-~]/),
  xdigit: classOf(/[0-9a-fA-F]/),
  word: classOf(/\w/),
  blank: classOf(/[ \t]/),
  cntrl: rangesOf([0, 31], [127, 127]),
  print: rangesOf([32, 126]),
  graph: rangesOf([33, 126]),
  ascii: rangesOf([0, 127]),
};

/** Returns the POSIX class `[:name:]`; undefined if it does not exist. */
export function posixClass(name: string): CharSet | undefined {
  return Object.hasOwn(POSIX, name) ? POSIX[name] : undefined;
}
