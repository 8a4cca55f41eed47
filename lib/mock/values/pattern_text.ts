import { type CharSet, parsePattern, type PatternNode } from "../../validate/mod.ts";
import { integerBetween, pick, type Random } from "./random.ts";

/** Generates texts that match one pattern. */
export type PatternText = (random: Random) => string;

const codesOf = (letters: string) => Array.from(letters, (letter) => letter.codePointAt(0) ?? 0);
// Candidates for a character, the most readable ones first.
const LOWER = codesOf("abcdefghijklmnopqrstuvwxyz");
const UPPER = codesOf("ABCDEFGHIJKLMNOPQRSTUVWXYZ");
const DIGITS = codesOf("0123456789");
const SIGNS = codesOf(" -_.,:;/@#+*=!?%&$'\"()[]{}<>|^~`\\");
const LETTERS_AND_DIGITS = [...LOWER, ...UPPER, ...DIGITS];
const ASCII = [...LETTERS_AND_DIGITS, ...SIGNS];
/** The end of the search for characters of other scripts. */
const LAST_CODE = 0x2ffff;
/** Characters of other scripts after which the search ends. */
const ENOUGH = 40;
/** Repetitions above the minimum for `*`, `+` and `{n,}`. */
const MORE = 4;

/**
 * Makes a generator of texts that probably match a pattern. Look-around is respected only as far as it requires certain
 * characters, so the caller must validate each text and retry.
 *
 * @param lengths Lengths to aim for where the pattern allows several.
 * @returns `undefined` if the pattern cannot be parsed
 */
export function patternText(
  source: string,
  lengths: { readonly min: number; readonly max: number },
): PatternText | undefined {
  const parsed = parsePattern(source);
  if (parsed === undefined) return undefined;
  const wanted: CharSet[] = [];
  collectWanted(parsed.root, wanted);
  const candidates = new Map<CharSet, readonly number[]>();
  const isOpenStart = !startsAtStart(parsed.root);
  return (random) => {
    const groups = new Map<number, string>();
    // The length of repetitions varies between attempts, so that one of them meets the limits.
    const more = Math.floor(random() * 3);
    const base = more === 0 ? 0 : more === 1 ? MORE : Math.max(MORE, Math.min(lengths.min, 4_000));
    const make = (node: PatternNode): string => {
      switch (node.kind) {
        case "set":
          return node.literal ?? character(node.set, random);
        case "sequence":
          return node.items.map(make).join("");
        case "choice":
          return make(pick(random, node.options));
        case "repeat": {
          const max = Math.min(node.max, node.min + base);
          let count = integerBetween(random, node.min, max);
          if (random() < 0.3) count = max;
          let text = "";
          while (count-- > 0 && text.length <= 20_000) text += make(node.item);
          return text;
        }
        case "group": {
          const text = make(node.item);
          groups.set(node.index, text);
          return text;
        }
        case "atomic":
          return make(node.item);
        case "same":
          return groups.get(node.group) ?? "";
        case "look":
          // A look-behind requires a text before the match.
          return node.behind && !node.negative ? make(node.item) : "";
        case "assert":
          return "";
      }
    };
    let text = make(parsed.root);
    // An unanchored pattern leaves room before and after the match.
    while (text.length < lengths.min && text.length < 10_000) {
      text = isOpenStart && random() < 0.5 ? `a${text}` : `${text}a`;
    }
    return text;
  };

  function character(set: CharSet, random: Random): string {
    let codes = candidates.get(set);
    if (codes === undefined) {
      codes = candidatesOf(set);
      candidates.set(set, codes);
    }
    if (codes.length === 0) return "";
    // A character that a look-ahead requires must occur somewhere.
    if (wanted.length > 0 && random() < 0.5) {
      const other = pick(random, wanted);
      const both = ASCII.filter((code) => set.has(code) && other.has(code));
      if (both.length > 0) return String.fromCodePoint(pick(random, both));
    }
    return String.fromCodePoint(pick(random, codes));
  }
}

/** Makes a generator of texts that probably match several patterns; undefined without one that can be parsed. */
export function patternsText(
  sources: readonly string[],
  lengths: { readonly min: number; readonly max: number },
): PatternText | undefined {
  const makes = sources.flatMap((source) => patternText(source, lengths) ?? []);
  const [first] = makes;
  if (makes.length < 2) return first;
  // One text may match all of them, or the texts of all, one after the other.
  return (random) => {
    const index = integerBetween(random, 0, makes.length + 1);
    const one = makes[index];
    if (one !== undefined) return one(random);
    const texts = makes.map((make) => make(random));
    return (index === makes.length ? texts : texts.reverse()).join("");
  };
}

function candidatesOf(set: CharSet): readonly number[] {
  const plain = LETTERS_AND_DIGITS.filter((code) => set.has(code));
  if (plain.length > 0) {
    // A set with all letters and digits: lower case and digits are the most readable.
    return plain.length === LETTERS_AND_DIGITS.length ? [...LOWER, ...DIGITS] : plain;
  }
  const signs = SIGNS.filter((code) => set.has(code));
  if (signs.length > 0) return signs;
  const found: number[] = [];
  for (let code = 0; code <= LAST_CODE && found.length < ENOUGH; code++) {
    if (code >= 0xd800 && code <= 0xdfff) continue;
    if (set.has(code)) found.push(code);
  }
  // Control characters are the last resort.
  const visible = found.filter((code) => code > 0x1f && (code < 0x7f || code > 0x9f));
  return visible.length > 0 ? visible : found;
}

function collectWanted(node: PatternNode, wanted: CharSet[]): void {
  switch (node.kind) {
    case "look":
      if (!node.negative) collectSets(node.item, wanted);
      return;
    case "sequence":
      for (const item of node.items) collectWanted(item, wanted);
      return;
    case "choice":
      for (const option of node.options) collectWanted(option, wanted);
      return;
    case "repeat":
    case "group":
    case "atomic":
      collectWanted(node.item, wanted);
      return;
    default:
      return;
  }
}

function collectSets(node: PatternNode, wanted: CharSet[]): void {
  switch (node.kind) {
    case "set":
      // `.` does not require a character.
      if (!(node.set.has(0x61) && node.set.has(0x30) && node.set.has(0x20))) wanted.push(node.set);
      return;
    case "sequence":
      for (const item of node.items) collectSets(item, wanted);
      return;
    case "choice":
      for (const option of node.options) collectSets(option, wanted);
      return;
    case "repeat":
      if (node.min > 0) collectSets(node.item, wanted);
      return;
    case "group":
    case "atomic":
      collectSets(node.item, wanted);
      return;
    default:
      return;
  }
}

function startsAtStart(node: PatternNode): boolean {
  switch (node.kind) {
    case "assert":
      return node.what === "start";
    case "sequence":
      return node.items.slice(0, 1).some(startsAtStart);
    case "group":
    case "atomic":
      return startsAtStart(node.item);
    case "choice":
      return node.options.every(startsAtStart);
    default:
      return false;
  }
}
