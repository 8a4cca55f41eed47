/**
 * Inclusion of regular expressions, for common patterns: classes, groups, alternatives, repetitions, anchors at the ends.
 * Anything else is not decided.
 */

/** A set of code points as sorted ranges that do not touch. */
type Ranges = readonly (readonly [from: number, to: number])[];

type Pattern =
  | { readonly kind: "set"; readonly ranges: Ranges }
  | { readonly kind: "sequence"; readonly parts: readonly Pattern[] }
  | { readonly kind: "choice"; readonly options: readonly Pattern[] }
  | { readonly kind: "repeat"; readonly part: Pattern; readonly min: number; readonly max: number };

interface State {
  readonly edges: { readonly ranges: Ranges; readonly to: number }[];
  readonly jumps: number[];
}

interface Automaton {
  readonly states: State[];
  readonly end: number;
}

const LAST = 0x10ffff;
const ANY: Ranges = [[0, LAST]];
const MAX_STATES = 400;
const MAX_PAIRS = 4_000;

/** Returns true if `second` matches all texts that `first` (undefined: every text) matches; undefined if undecided. */
export function includesPattern(first: string | undefined, second: string): boolean | undefined {
  const wanted = first === undefined ? automaton(ANYTHING) : compile(first);
  const offered = compile(second);
  return wanted === undefined || offered === undefined ? undefined : includes(wanted, offered);
}

/** Returns a few texts that a pattern matches; none if the pattern cannot be parsed. */
export function patternSamples(source: string): string[] {
  if (source.length > 300) return [];
  const parsed = new Parser(source).parse();
  return parsed === undefined ? [] : samplesOf(parsed);
}

const MAX_SAMPLES = 6;

function samplesOf(pattern: Pattern): string[] {
  switch (pattern.kind) {
    case "set": {
      const points = pattern.ranges.flatMap(([from, to]) => from === to ? [from] : [from, to]);
      const letter = pattern.ranges.some(([from, to]) => from <= 0x61 && to >= 0x61) ? ["a"] : [];
      return [...letter, ...points.map((point) => String.fromCodePoint(point))].slice(0, 2);
    }
    case "choice":
      return pattern.options.flatMap(samplesOf).slice(0, MAX_SAMPLES);
    case "sequence":
      return pattern.parts.map(samplesOf).reduce<string[]>(
        (texts, next) =>
          texts.flatMap((text) => next.map((more) => text + more)).slice(0, MAX_SAMPLES),
        [""],
      );
    case "repeat": {
      const parts = samplesOf(pattern.part);
      const counts = new Set([pattern.min, Math.min(pattern.max, pattern.min + 1)]);
      return [...counts].filter((count) => count < 100)
        .flatMap((count) => count === 0 ? [""] : parts.map((part) => part.repeat(count)))
        .slice(0, MAX_SAMPLES);
    }
  }
}

const ANYTHING: Pattern = {
  kind: "repeat",
  part: { kind: "set", ranges: ANY },
  min: 0,
  max: Infinity,
};

function compile(source: string): Automaton | undefined {
  if (source.length > 300) return undefined;
  const parsed = new Parser(source).parse();
  return parsed === undefined ? undefined : automaton(parsed);
}

// Walks both automata at once: a text that only the first accepts is a counterexample.
function includes(first: Automaton, second: Automaton): boolean | undefined {
  const start = [close(first, [0]), close(second, [0])] as const;
  const queue = [start];
  const seen = new Set([pairKey(start)]);
  for (let at = 0; at < queue.length; at++) {
    if (queue.length > MAX_PAIRS) return undefined;
    const [a, b] = queue[at] as readonly [number[], number[]];
    if (a.includes(first.end) && !b.includes(second.end)) return false;
    for (const point of samplePoints(first, a, second, b)) {
      const nextA = step(first, a, point);
      // No text of the first continues here: not a counterexample.
      if (nextA.length === 0) continue;
      const pair = [nextA, step(second, b, point)] as const;
      const key = pairKey(pair);
      if (!seen.has(key)) {
        seen.add(key);
        queue.push(pair);
      }
    }
  }
  return true;
}

function pairKey([a, b]: readonly [readonly number[], readonly number[]]): string {
  return `${a.join()}/${b.join()}`;
}

// One code point of each class that the edges distinguish.
function samplePoints(
  first: Automaton,
  a: readonly number[],
  second: Automaton,
  b: readonly number[],
): number[] {
  const points = new Set<number>([0]);
  for (const [machine, states] of [[first, a], [second, b]] as const) {
    for (const state of states) {
      for (const { ranges } of machine.states[state]?.edges ?? []) {
        for (const [from, to] of ranges) {
          points.add(from);
          if (to < LAST) points.add(to + 1);
        }
      }
    }
  }
  return [...points];
}

function step(machine: Automaton, states: readonly number[], point: number): number[] {
  const next: number[] = [];
  for (const state of states) {
    for (const { ranges, to } of machine.states[state]?.edges ?? []) {
      if (ranges.some(([from, last]) => point >= from && point <= last)) next.push(to);
    }
  }
  return close(machine, next);
}

function close(machine: Automaton, states: readonly number[]): number[] {
  const found = new Set(states);
  for (const state of found) {
    for (const jump of machine.states[state]?.jumps ?? []) found.add(jump);
  }
  return [...found].sort((x, y) => x - y);
}

function automaton(pattern: Pattern): Automaton | undefined {
  const states: State[] = [];
  const add = (): number => states.push({ edges: [], jumps: [] }) - 1;
  const jump = (from: number, to: number) => states[from]?.jumps.push(to);
  const build = (part: Pattern, from: number): number | undefined => {
    if (states.length > MAX_STATES) return undefined;
    switch (part.kind) {
      case "set": {
        const to = add();
        states[from]?.edges.push({ ranges: part.ranges, to });
        return to;
      }
      case "sequence": {
        let at: number | undefined = from;
        for (const inner of part.parts) {
          if (at === undefined) return undefined;
          at = build(inner, at);
        }
        return at;
      }
      case "choice": {
        const end = add();
        for (const option of part.options) {
          const begin = add();
          jump(from, begin);
          const last = build(option, begin);
          if (last === undefined) return undefined;
          jump(last, end);
        }
        return end;
      }
      case "repeat": {
        let at = from;
        for (let count = 0; count < part.min; count++) {
          const next = build(part.part, at);
          if (next === undefined) return undefined;
          at = next;
        }
        if (part.max === Infinity) {
          const loop = add();
          jump(at, loop);
          const last = build(part.part, loop);
          if (last === undefined) return undefined;
          jump(last, loop);
          return loop;
        }
        const end = add();
        jump(at, end);
        for (let count = part.min; count < part.max; count++) {
          const next = build(part.part, at);
          if (next === undefined) return undefined;
          at = next;
          jump(at, end);
        }
        return end;
      }
    }
  };
  add();
  const end = build(pattern, 0);
  return end === undefined || states.length > MAX_STATES ? undefined : { states, end };
}

// Parses a pattern; unknown syntax makes the result undefined.
class Parser {
  readonly #points: readonly string[];
  #at = 0;
  #failed = false;

  constructor(source: string) {
    this.#points = [...source];
  }

  parse(): Pattern | undefined {
    // An anchor beside an alternative belongs to one option only.
    const begins = this.#take("^");
    const ends = this.#points.at(-1) === "$" && this.#points.at(-2) !== "\\";
    const last = this.#points.length - (ends ? 1 : 0);
    const inner = this.#choice(last);
    if (this.#failed || this.#at !== last) return undefined;
    if ((begins || ends) && inner.kind === "choice") return undefined;
    const parts = [...(begins ? [] : [ANYTHING]), inner, ...(ends ? [] : [ANYTHING])];
    return { kind: "sequence", parts };
  }

  #take(text: string): boolean {
    if (this.#points[this.#at] !== text) return false;
    this.#at++;
    return true;
  }

  #fail(): Pattern {
    this.#failed = true;
    return { kind: "sequence", parts: [] };
  }

  #choice(end: number): Pattern {
    const options = [this.#sequence(end)];
    while (this.#at < end && !this.#failed && this.#take("|")) options.push(this.#sequence(end));
    const [only] = options;
    return options.length === 1 && only !== undefined ? only : { kind: "choice", options };
  }

  #sequence(end: number): Pattern {
    const parts: Pattern[] = [];
    while (this.#at < end && !this.#failed) {
      const next = this.#points[this.#at];
      if (next === "|" || next === ")") break;
      parts.push(this.#repeated(end));
    }
    return { kind: "sequence", parts };
  }

  #repeated(end: number): Pattern {
    const part = this.#atom(end);
    if (this.#failed || this.#at >= end) return part;
    const bounds = this.#bounds(end);
    if (bounds === undefined) return part;
    // A lazy quantifier matches the same texts; other double quantifiers are not supported.
    this.#take("?");
    if (this.#at < end && /[*+?{]/.test(this.#points[this.#at] ?? "")) return this.#fail();
    const [min, max] = bounds;
    if (min > 100 || (max !== Infinity && max > 100) || max < min) return this.#fail();
    return { kind: "repeat", part, min, max };
  }

  #bounds(end: number): [number, number] | undefined {
    if (this.#take("*")) return [0, Infinity];
    if (this.#take("+")) return [1, Infinity];
    if (this.#take("?")) return [0, 1];
    if (this.#points[this.#at] !== "{") return undefined;
    const text = this.#points.slice(this.#at, end).join("");
    const match = /^\{(\d+)(,(\d*))?\}/.exec(text);
    if (match === null) {
      this.#failed = true;
      return undefined;
    }
    this.#at += match[0].length;
    const min = Number(match[1]);
    return [min, match[2] === undefined ? min : match[3] === "" ? Infinity : Number(match[3])];
  }

  #atom(end: number): Pattern {
    const point = this.#points[this.#at++] ?? "";
    if (point === "(") {
      if (this.#take("?") && !this.#take(":")) return this.#fail();
      const inner = this.#choice(end);
      return this.#at < end && this.#take(")") ? inner : this.#fail();
    }
    if (point === "[") return this.#class(end);
    // Engines differ in the line ends that a dot excludes.
    if (point === "\\") return this.#escape();
    return /[.^$*+?{}\])]/.test(point) ? this.#fail() : single(point);
  }

  #escape(): Pattern {
    const point = this.#points[this.#at++] ?? "";
    if (point === "d") return { kind: "set", ranges: DIGITS };
    return /[\w\s]/.test(point) || point === "" ? this.#fail() : single(point);
  }

  #class(end: number): Pattern {
    const negated = this.#take("^");
    const ranges: [number, number][] = [];
    while (this.#at < end && this.#points[this.#at] !== "]") {
      const from = this.#classPoint();
      if (from === undefined) return this.#fail();
      if (typeof from !== "number") {
        ranges.push(...from.map(([low, high]): [number, number] => [low, high]));
        continue;
      }
      const isRange = this.#points[this.#at] === "-" && this.#points[this.#at + 1] !== "]";
      if (!isRange) {
        ranges.push([from, from]);
        continue;
      }
      this.#at++;
      const to = this.#classPoint();
      if (typeof to !== "number" || to < from) return this.#fail();
      ranges.push([from, to]);
    }
    if (this.#at >= end || !this.#take("]")) return this.#fail();
    return { kind: "set", ranges: negated ? complement(ranges) : ranges };
  }

  #classPoint(): number | Ranges | undefined {
    const point = this.#points[this.#at++] ?? "";
    if (point === "[" || point === "&" || point === "~") return undefined;
    if (point !== "\\") return point.codePointAt(0);
    const escaped = this.#points[this.#at++] ?? "";
    if (escaped === "d") return DIGITS;
    return /[\w\s]/.test(escaped) || escaped === "" ? undefined : escaped.codePointAt(0);
  }
}

// JSON Schema uses ECMA 262, where \d is "0" to "9".
const DIGITS: Ranges = [[0x30, 0x39]];

function single(point: string): Pattern {
  const code = point.codePointAt(0) ?? 0;
  return { kind: "set", ranges: [[code, code]] };
}

function complement(ranges: readonly (readonly [number, number])[]): Ranges {
  const result: [number, number][] = [];
  let from = 0;
  for (const [low, high] of [...ranges].sort((a, b) => a[0] - b[0])) {
    if (low > from) result.push([from, low - 1]);
    from = Math.max(from, high + 1);
  }
  if (from <= LAST) result.push([from, LAST]);
  return result;
}
