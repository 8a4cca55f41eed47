import { WORD } from "./char_set.ts";
import type { Assertion, Pattern, PatternNode } from "./parse.ts";

/** Maximum steps of a match, which take some milliseconds. */
const MAX_STEPS = 200_000;
/** Maximum nested continuations, well below the stack limit of the engines. */
const MAX_DEPTH = 1_500;

/** Continues the match at a position; returns true if the rest matches. */
type Next = (position: number) => boolean;
type Matcher = (position: number, next: Next) => boolean;

class LimitReached extends Error {}

interface Run {
  readonly codes: readonly number[];
  readonly groups: (readonly [number, number] | undefined)[];
  steps: number;
  depth: number;
}

/**
 * Searches a pattern in a text by backtracking, for patterns that a linear engine cannot run. The work is limited.
 *
 * @returns true if the text contains a match; undefined if the limit was reached
 */
export function searchPattern(pattern: Pattern, text: string): boolean | undefined {
  const codes = Array.from(text, (character) => character.codePointAt(0) ?? 0);
  const run: Run = { codes, groups: [], steps: 0, depth: 0 };
  const matcher = build(pattern.root, run);
  try {
    for (let start = 0; start <= codes.length; start++) {
      run.groups.length = 0;
      if (matcher(start, () => true)) return true;
    }
    return false;
  } catch (error) {
    // The engine's own stack may be smaller than the nesting.
    if (error instanceof LimitReached || error instanceof RangeError) return undefined;
    throw error;
  }
}

function build(node: PatternNode, run: Run): Matcher {
  const { codes } = run;
  const step = () => {
    if (++run.steps > MAX_STEPS) throw new LimitReached();
  };
  switch (node.kind) {
    case "set":
      return (position, next) => {
        step();
        return position < codes.length && node.set.has(codes[position] ?? -1) && next(position + 1);
      };
    case "sequence":
      return sequence(node.items, run);
    case "choice": {
      const options = node.options.map((option) => build(option, run));
      return (position, next) => options.some((option) => option(position, next));
    }
    case "repeat":
      return node.item.kind === "set"
        ? repeatSet(node, node.item.set, run, step)
        : repeatAny(node, run, step);
    case "group": {
      const item = build(node.item, run);
      return (position, next) =>
        item(position, (after) => {
          const before = run.groups[node.index];
          run.groups[node.index] = [position, after];
          if (next(after)) return true;
          run.groups[node.index] = before;
          return false;
        });
    }
    case "atomic": {
      const item = build(node.item, run);
      return (position, next) => {
        let end = -1;
        return item(position, (after) => {
          end = after;
          return true;
        }) && next(end);
      };
    }
    case "assert":
      return (position, next) => {
        step();
        return isAssertionTrue(node.what, codes, position) && next(position);
      };
    case "look": {
      const item = build(node.item, run);
      const lengths = node.behind ? lengthsOf(node.item) : undefined;
      return (position, next) => {
        const found = lengths === undefined
          ? item(position, () => true)
          : endsAt(item, position, lengths, step);
        return found !== node.negative && next(position);
      };
    }
    case "same":
      return (position, next) => {
        const group = run.groups[node.group];
        if (group === undefined) return false;
        const length = group[1] - group[0];
        for (let index = 0; index < length; index++) {
          step();
          if (codes[position + index] !== codes[group[0] + index]) return false;
        }
        return next(position + length);
      };
  }
}

function sequence(nodes: readonly PatternNode[], run: Run): Matcher {
  const items = nodes.map((item, index) => {
    const matcher = build(item, run);
    const next = nodes[index + 1];
    // The next character is the cheaper condition.
    return item.kind === "look" && next?.kind === "set"
      ? (position: number, rest: Next) =>
        next.set.has(run.codes[position] ?? -1) && matcher(position, rest)
      : matcher;
  });
  const from = (index: number, position: number, next: Next): boolean => {
    const item = items[index];
    return item === undefined
      ? next(position)
      : item(position, (after) => from(index + 1, after, next));
  };
  return (position, next) => from(0, position, next);
}

/** The least and the greatest number of characters that a node matches. */
type Lengths = readonly [least: number, most: number];

function endsAt(
  item: Matcher,
  position: number,
  [least, most]: Lengths,
  step: () => void,
): boolean {
  for (let start = position - least; start >= Math.max(0, position - most); start--) {
    // An item that fails at once takes no steps of its own.
    step();
    if (item(start, (after) => after === position)) return true;
  }
  return false;
}

function lengthsOf(node: PatternNode): Lengths {
  switch (node.kind) {
    case "set":
      return [1, 1];
    case "sequence":
      return node.items.map(lengthsOf).reduce(
        ([least, most], [low, high]) => [least + low, most + high] as const,
        [0, 0] as const,
      );
    case "choice": {
      const lengths = node.options.map(lengthsOf);
      return [
        Math.min(...lengths.map(([least]) => least)),
        Math.max(...lengths.map(([, most]) => most)),
      ];
    }
    case "repeat": {
      const [least, most] = lengthsOf(node.item);
      return [least * node.min, most === 0 || node.max === 0 ? 0 : most * node.max];
    }
    case "group":
    case "atomic":
      return lengthsOf(node.item);
    case "same":
      return [0, Infinity];
    case "assert":
    case "look":
      return [0, 0];
  }
}

type Repeat = Extract<PatternNode, { kind: "repeat" }>;

function repeatSet(
  node: Repeat,
  set: { has(code: number): boolean },
  { codes }: Run,
  step: () => void,
): Matcher {
  return (position, next) => {
    step();
    const limit = Math.min(codes.length, position + node.max);
    let end = position;
    if (node.mode === "lazy") {
      for (;;) {
        step();
        if (end - position >= node.min && next(end)) return true;
        if (end >= limit || !set.has(codes[end] ?? -1)) return false;
        end++;
      }
    }
    while (end < limit && set.has(codes[end] ?? -1)) {
      step();
      end++;
    }
    if (node.mode === "possessive") return end - position >= node.min && next(end);
    for (; end - position >= node.min; end--) {
      step();
      if (next(end)) return true;
    }
    return false;
  };
}

function repeatAny(node: Repeat, run: Run, step: () => void): Matcher {
  const item = build(node.item, run);
  const from = (count: number, position: number, next: Next): boolean => {
    step();
    if (++run.depth > MAX_DEPTH) throw new LimitReached();
    const more = () =>
      count < node.max &&
      item(position, (after) =>
        (after > position || count < node.min) && from(count + 1, after, next));
    const enough = () => count >= node.min && next(position);
    const found = node.mode === "lazy" ? enough() || more() : more() || enough();
    run.depth--;
    return found;
  };
  if (node.mode !== "possessive") return (position, next) => from(0, position, next);
  return (position, next) => {
    let end = -1;
    return from(0, position, (after) => {
      end = after;
      return true;
    }) && next(end);
  };
}

function isAssertionTrue(what: Assertion, codes: readonly number[], position: number): boolean {
  switch (what) {
    case "start":
      return position === 0;
    case "end":
      return position === codes.length;
    case "lineStart":
      return position === 0 || codes[position - 1] === 10;
    case "lineEnd":
      return position === codes.length || codes[position] === 10;
    default: {
      const before = position > 0 && WORD.has(codes[position - 1] ?? -1);
      const after = position < codes.length && WORD.has(codes[position] ?? -1);
      return (before !== after) === (what === "word");
    }
  }
}
