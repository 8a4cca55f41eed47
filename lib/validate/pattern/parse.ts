import {
  allOfSets,
  anyOfSets,
  caseless,
  type CharSet,
  classOf,
  DIGITS,
  EVERYTHING,
  negated,
  NOT_NEWLINE,
  posixClass,
  rangesOf,
  SPACES,
  WORD,
} from "./char_set.ts";

/** A regular expression as a tree. */
export type PatternNode =
  | { readonly kind: "set"; readonly set: CharSet; readonly literal?: string }
  | { readonly kind: "sequence"; readonly items: readonly PatternNode[] }
  | { readonly kind: "choice"; readonly options: readonly PatternNode[] }
  | {
    readonly kind: "repeat";
    readonly item: PatternNode;
    readonly min: number;
    readonly max: number;
    readonly mode: "greedy" | "lazy" | "possessive";
  }
  | { readonly kind: "group"; readonly item: PatternNode; readonly index: number }
  | { readonly kind: "atomic"; readonly item: PatternNode }
  | { readonly kind: "assert"; readonly what: Assertion }
  | {
    readonly kind: "look";
    readonly behind: boolean;
    readonly negative: boolean;
    readonly item: PatternNode;
  }
  | { readonly kind: "same"; readonly group: number };

export type Assertion = "start" | "end" | "lineStart" | "lineEnd" | "word" | "notWord";

/** A parsed pattern. */
export interface Pattern {
  readonly root: PatternNode;
  /** True if it needs backtracking: look-around, back references, atomic groups. */
  readonly needsBacktracking: boolean;
}

interface Flags {
  readonly ignoreCase: boolean;
  readonly dotAll: boolean;
  readonly multiline: boolean;
  readonly extended: boolean;
}

/** Longer patterns are not parsed; real ones are shorter. */
const MAX_LENGTH = 5_000;
const MAX_REPEAT = 100_000;
const MAX_DEPTH = 200;

/**
 * Parses a regular expression of the dialects that Python backends use: the Rust crate regex (Pydantic's default),
 * Python's `re`, and JavaScript.
 *
 * @returns undefined if it cannot be parsed
 */
export function parsePattern(source: string): Pattern | undefined {
  if (source.length > MAX_LENGTH) return undefined;
  try {
    return new Parser(source).parse();
  } catch (error) {
    if (error instanceof PatternError) return undefined;
    throw error;
  }
}

class PatternError extends Error {}

class Parser {
  readonly #source: string;
  #at = 0;
  #groups = 0;
  #depth = 0;
  #needsBacktracking = false;
  readonly #names = new Map<string, number>();

  constructor(source: string) {
    this.#source = source;
  }

  parse(): Pattern {
    const flags = { ignoreCase: false, dotAll: false, multiline: false, extended: false };
    const root = this.#choice(flags);
    if (this.#at < this.#source.length) throw new PatternError();
    return { root, needsBacktracking: this.#needsBacktracking };
  }

  #peek(text: string): boolean {
    return this.#source.startsWith(text, this.#at);
  }

  #take(text: string): boolean {
    if (!this.#peek(text)) return false;
    this.#at += text.length;
    return true;
  }

  #match(expression: RegExp): RegExpExecArray | null {
    expression.lastIndex = this.#at;
    const match = expression.exec(this.#source);
    if (match !== null) this.#at = expression.lastIndex;
    return match;
  }

  #choice(flags: Flags): PatternNode {
    if (++this.#depth > MAX_DEPTH) throw new PatternError();
    const options: PatternNode[] = [];
    let current = flags;
    do {
      const items: PatternNode[] = [];
      while (this.#at < this.#source.length && !this.#peek("|") && !this.#peek(")")) {
        if (current.extended && this.#match(/(?:\s|#[^\n]*(?:\n|$))+/y) !== null) continue;
        // A group of flags alone applies to the end of the enclosing group.
        const inline = this.#match(/\(\?([imsxuUaL]*)(?:-([imsx]+))?\)/y);
        if (inline !== null) {
          current = withFlags(current, inline[1] ?? "", inline[2] ?? "");
          continue;
        }
        if (this.#match(/\(\?#[^)]*\)/y) !== null) continue;
        items.push(this.#repeated(this.#atom(current)));
      }
      options.push(onlyOf(items) ?? { kind: "sequence", items });
    } while (this.#take("|"));
    this.#depth--;
    return onlyOf(options) ?? { kind: "choice", options };
  }

  #repeated(item: PatternNode): PatternNode {
    let node = item;
    for (;;) {
      const match = this.#match(/(?:([*+?])|\{(\d+)(,(\d*))?\}|\{,(\d+)\})([?+]?)/y);
      if (match === null) return node;
      let min = 0;
      let max = Infinity;
      if (match[1] === "+") min = 1;
      else if (match[1] === "?") max = 1;
      else if (match[2] !== undefined) {
        min = Number(match[2]);
        max = match[3] === undefined ? min : match[4] === "" ? Infinity : Number(match[4]);
      } else if (match[5] !== undefined) max = Number(match[5]);
      if (min > max || min > MAX_REPEAT) throw new PatternError();
      if (match[6] === "+") this.#needsBacktracking = true;
      const mode = match[6] === "?" ? "lazy" : match[6] === "+" ? "possessive" : "greedy";
      node = { kind: "repeat", item: node, min, max, mode };
    }
  }

  #atom(flags: Flags): PatternNode {
    const character = String.fromCodePoint(this.#source.codePointAt(this.#at) ?? 0);
    switch (character) {
      case "(":
        return this.#group(flags);
      case "[":
        this.#at++;
        return { kind: "set", set: cased(this.#class(flags), flags) };
      case ".":
        this.#at++;
        return { kind: "set", set: flags.dotAll ? EVERYTHING : NOT_NEWLINE };
      case "^":
        this.#at++;
        return { kind: "assert", what: flags.multiline ? "lineStart" : "start" };
      case "$":
        this.#at++;
        return { kind: "assert", what: flags.multiline ? "lineEnd" : "end" };
      case "*":
      case "+":
      case "?":
        throw new PatternError();
      case "\\":
        return this.#escape(flags);
      default:
        this.#at += character.length;
        return literal(character, flags);
    }
  }

  #group(flags: Flags): PatternNode {
    const close = (node: PatternNode) => {
      if (!this.#take(")")) throw new PatternError();
      return node;
    };
    const look = this.#match(/\(\?(<?)([=!])/y);
    if (look !== null) {
      this.#needsBacktracking = true;
      const item = this.#choice(flags);
      return close({ kind: "look", behind: look[1] === "<", negative: look[2] === "!", item });
    }
    if (this.#take("(?>")) {
      this.#needsBacktracking = true;
      return close({ kind: "atomic", item: this.#choice(flags) });
    }
    const same = this.#match(/\(\?P=(\w+)\)/y);
    if (same !== null) return this.#sameAs(this.#names.get(same[1] ?? ""));
    const scoped = this.#match(/\(\?([imsxuUaL]*)(?:-([imsx]+))?:/y);
    if (scoped !== null) {
      return close(this.#choice(withFlags(flags, scoped[1] ?? "", scoped[2] ?? "")));
    }
    const named = this.#match(/\(\?P?<([A-Za-z_][\w.[\]]*)>/y);
    if (named === null && !this.#take("(")) throw new PatternError();
    if (named === null && this.#peek("?")) throw new PatternError();
    const index = ++this.#groups;
    if (named !== null) this.#names.set(named[1] ?? "", index);
    return close({ kind: "group", item: this.#choice(flags), index });
  }

  #sameAs(group: number | undefined): PatternNode {
    if (group === undefined || group > this.#groups) throw new PatternError();
    this.#needsBacktracking = true;
    return { kind: "same", group };
  }

  #escape(flags: Flags): PatternNode {
    const assertion = this.#match(/\\([AzZbB])/y);
    if (assertion !== null) {
      const what = { A: "start", z: "end", Z: "end", b: "word", B: "notWord" } as const;
      return { kind: "assert", what: what[assertion[1] as keyof typeof what] };
    }
    const named = this.#match(/\\k<(\w+)>/y);
    if (named !== null) return this.#sameAs(this.#names.get(named[1] ?? ""));
    const numbered = this.#match(/\\([1-9]\d?)/y);
    if (numbered !== null) return this.#sameAs(Number(numbered[1]));
    const part = this.#escaped();
    return typeof part === "string"
      ? literal(part, flags)
      : { kind: "set", set: cased(part, flags) };
  }

  /** Parses an escape for a character or a set, inside or outside of a class. */
  #escaped(): string | CharSet {
    const property = this.#match(/\\([pP])(?:\{(\^?)([\w=:\s-]+)\}|([A-Z]))/y);
    if (property !== null) {
      const set = propertySet(property[3] ?? property[4] ?? "");
      return (property[1] === "P") !== (property[2] === "^") ? negated(set) : set;
    }
    const code = this.#match(
      /\\(?:x\{([0-9a-fA-F]+)\}|x([0-9a-fA-F]{2})|u\{([0-9a-fA-F]+)\}|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8}))/y,
    );
    if (code !== null) {
      const value = parseInt(code.slice(1).find((digits) => digits !== undefined) ?? "", 16);
      if (value > 0x10ffff) throw new PatternError();
      return String.fromCodePoint(value);
    }
    this.#at++;
    const character = String.fromCodePoint(this.#source.codePointAt(this.#at) ?? 0);
    if (this.#at >= this.#source.length) throw new PatternError();
    this.#at += character.length;
    switch (character) {
      case "d":
        return DIGITS;
      case "D":
        return negated(DIGITS);
      case "w":
        return WORD;
      case "W":
        return negated(WORD);
      case "s":
        return SPACES;
      case "S":
        return negated(SPACES);
      case "n":
        return "\n";
      case "r":
        return "\r";
      case "t":
        return "\t";
      case "f":
        return "\f";
      case "v":
        return "\v";
      case "a":
        return "\u0007";
      case "0":
        return "\0";
      default:
        // An escaped letter without a meaning is an error in every engine that Pydantic uses.
        if (/[A-Za-z]/.test(character)) throw new PatternError();
        return character;
    }
  }

  /** Parses a class up to `]`; the opening bracket has been read. */
  #class(flags: Flags): CharSet {
    if (++this.#depth > MAX_DEPTH) throw new PatternError();
    const isNegated = this.#take("^");
    const sets: CharSet[] = [];
    let cut: CharSet | undefined;
    let isFirst = true;
    for (;;) {
      if (this.#at >= this.#source.length) throw new PatternError();
      if (!isFirst && this.#take("]")) break;
      isFirst = false;
      if (this.#take("&&")) {
        const left = sets.length === 0 ? EVERYTHING : anyOfSets(sets.splice(0));
        cut = cut === undefined ? left : allOfSets(cut, left);
        continue;
      }
      const posix = this.#match(/\[:(\^?)(\w+):\]/y);
      if (posix !== null) {
        const set = posixClass(posix[2] ?? "");
        if (set === undefined) throw new PatternError();
        sets.push(posix[1] === "^" ? negated(set) : set);
        continue;
      }
      // A bracket inside opens a nested class in Rust; in the other dialects it is a literal.
      if (this.#peek("[") && /^\[[^\]]*\][^\]]*\]/.test(this.#source.slice(this.#at))) {
        this.#at++;
        sets.push(this.#class(flags));
        continue;
      }
      sets.push(this.#classItem());
    }
    this.#depth--;
    const last = sets.length === 0 ? rangesOf() : anyOfSets(sets);
    const all = cut === undefined ? last : allOfSets(cut, last);
    const set = flags.ignoreCase ? caseless(all) : all;
    return isNegated ? negated(set) : set;
  }

  #classItem(): CharSet {
    const low = this.#classCharacter();
    if (typeof low !== "string") return low;
    if (!this.#peek("-") || this.#peek("-]") || this.#peek("--")) return one(low);
    const hyphen = this.#at++;
    const high = this.#classCharacter();
    if (typeof high !== "string") {
      // `[a-\d]` is a, hyphen and the digits.
      this.#at = hyphen;
      return one(low);
    }
    const [from, to] = [codeOf(low), codeOf(high)];
    if (from > to) throw new PatternError();
    return rangesOf([from, to]);
  }

  #classCharacter(): string | CharSet {
    if (this.#take("\\b")) return "\b";
    if (this.#peek("\\")) return this.#escaped();
    const character = String.fromCodePoint(this.#source.codePointAt(this.#at) ?? 0);
    if (this.#at >= this.#source.length) throw new PatternError();
    this.#at += character.length;
    return character;
  }
}

function onlyOf(nodes: readonly PatternNode[]): PatternNode | undefined {
  return nodes.length === 1 ? nodes[0] : undefined;
}

function codeOf(character: string): number {
  return character.codePointAt(0) ?? 0;
}

function one(character: string): CharSet {
  const code = codeOf(character);
  return rangesOf([code, code]);
}

function literal(character: string, flags: Flags): PatternNode {
  return { kind: "set", set: cased(one(character), flags), literal: character };
}

function cased(set: CharSet, flags: Flags): CharSet {
  return flags.ignoreCase ? caseless(set) : set;
}

function withFlags(flags: Flags, on: string, off: string): Flags {
  const has = (letter: string, before: boolean) =>
    !off.includes(letter) && (on.includes(letter) || before);
  return {
    ignoreCase: has("i", flags.ignoreCase),
    dotAll: has("s", flags.dotAll),
    multiline: has("m", flags.multiline),
    extended: has("x", flags.extended),
  };
}

function propertySet(name: string): CharSet {
  const plain = name.replaceAll(/[\s_-]/g, "").replace(":", "=");
  const spelled = name.replace(":", "=");
  // JavaScript needs the prefix of scripts; Rust and Python's regex do not.
  for (
    const body of [
      spelled,
      `Script=${spelled}`,
      plain,
      capitalised(spelled),
      `Script=${capitalised(spelled)}`,
    ]
  ) {
    try {
      return classOf(new RegExp(`\\p{${body}}`, "u"));
    } catch {
      // Try the next spelling.
    }
  }
  throw new PatternError();
}

function capitalised(name: string): string {
  return name.replaceAll(
    /[A-Za-z]+/g,
    (word) => word.charAt(0).toUpperCase() + word.slice(1).toLowerCase(),
  );
}
