/** A set of code points: ranges and Unicode classes, perhaps turned around, perhaps cut with others. */
export interface CharSet {
  has(code: number): boolean;
}

/** A set of ranges, both ends included. */
export function rangesOf(...ranges: readonly (readonly [number, number])[]): CharSet {
  return { has: (code) => ranges.some(([low, high]) => code >= low && code <= high) };
}

/** A set of the code points that a one-character expression takes. */
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

/** The same letters in upper and lower case. */
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

// As the Rust crate regex has them, which is Unicode's own reading: digits and letters of every script.
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

/** The class `[:name:]` of POSIX; nothing where there is none of that name. */
export function posixClass(name: string): CharSet | undefined {
  return Object.hasOwn(POSIX, name) ? POSIX[name] : undefined;
}
