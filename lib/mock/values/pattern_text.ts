import { type CharSet, parsePattern, type PatternNode } from "../../validate/mod.ts";
import { integerBetween, type Random } from "./random.ts";

/** Makes texts of one pattern. */
export type PatternText = (random: Random) => string;

// What is tried for a character, the plainest first: readable texts from the sets that allow them.
const ALPHABETS = [
  "abcdefghijklmnopqrstuvwxyz",
  "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
  "0123456789",
  " -_.,:;/@#+*=!?%&$'\"()[]{}<>|^~`\\",
].map((letters) => Array.from(letters, (letter) => letter.codePointAt(0)!));
/** Where other scripts are looked for, until enough is found. */
const LAST_CODE = 0x2ffff;
const ENOUGH = 40;
/** More repetitions than the least that `*`, `+` and `{n,}` make. */
const MORE = 4;

/**
 * Makes texts that a pattern probably takes: look-around is honoured as far as it only asks for certain characters, so
 * the caller tests what comes out and tries again.
 *
 * @param lengths Shorter and longer texts are tried where the pattern allows them.
 * @returns Nothing where the pattern cannot be read.
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
    // Which repetitions are long differs from try to try, so that a length between two limits is found.
    const more = Math.floor(random() * 3);
    const base = more === 0 ? 0 : more === 1 ? MORE : Math.max(MORE, Math.min(lengths.min, 4_000));
    const make = (node: PatternNode): string => {
      switch (node.kind) {
        case "set":
          return node.literal ?? character(node.set, random);
        case "sequence":
          return node.items.map(make).join("");
        case "choice":
          return make(node.options[Math.floor(random() * node.options.length)]!);
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
        case "assert":
        case "look":
          return "";
      }
    };
    let text = make(parsed.root);
    // A pattern that may be found anywhere in the text leaves room before and behind.
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
    // What a look-ahead asks for must stand somewhere.
    if (wanted.length > 0 && random() < 0.5) {
      const other = wanted[Math.floor(random() * wanted.length)]!;
      const both = ALPHABETS.flat().filter((code) => set.has(code) && other.has(code));
      if (both.length > 0) return String.fromCodePoint(both[Math.floor(random() * both.length)]!);
    }
    return String.fromCodePoint(codes[Math.floor(random() * codes.length)]!);
  }
}

function candidatesOf(set: CharSet): readonly number[] {
  const plain = ALPHABETS.slice(0, 3).flatMap((codes) => codes.filter((code) => set.has(code)));
  if (plain.length > 0) {
    // A set that takes everything gives small letters and digits: the rest only makes it ugly.
    const lower = ALPHABETS[0]!.filter((code) => set.has(code));
    return plain.length === 62 ? [...lower, ...ALPHABETS[2]!] : plain;
  }
  const signs = ALPHABETS[3]!.filter((code) => set.has(code));
  if (signs.length > 0) return signs;
  const found: number[] = [];
  for (let code = 0; code <= LAST_CODE && found.length < ENOUGH; code++) {
    if (code >= 0xd800 && code <= 0xdfff) continue;
    if (set.has(code)) found.push(code);
  }
  // Control characters only where there is nothing else.
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
      // `.` asks for nothing.
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
      return node.items.length > 0 && startsAtStart(node.items[0]!);
    case "group":
    case "atomic":
      return startsAtStart(node.item);
    case "choice":
      return node.options.every(startsAtStart);
    default:
      return false;
  }
}
