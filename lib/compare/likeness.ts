/** How alike two names are: 1 equal, 0 nothing in common (one minus the edit distance over the longer length). */
export function likeness(a: string, b: string): number {
  const [x, y] = [a.toLowerCase().slice(0, 80), b.toLowerCase().slice(0, 80)];
  if (x === y) return 1;
  let previous = Array.from({ length: y.length + 1 }, (_, index) => index);
  for (let row = 1; row <= x.length; row++) {
    const current = [row];
    for (let column = 1; column <= y.length; column++) {
      current.push(Math.min(
        (previous[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        (previous[column - 1] ?? 0) + (x[row - 1] === y[column - 1] ? 0 : 1),
      ));
    }
    previous = current;
  }
  return 1 - (previous[y.length] ?? 0) / Math.max(x.length, y.length, 1);
}

/** One thing that may have got another name. */
export interface Candidate {
  readonly name: string;
  /** What stays when only the name changes. */
  readonly shape: string;
  /** Whether the shape is rare enough to tell by itself. */
  readonly telling: boolean;
}

const MAX_PAIRS = 40_000;

/** Pairs of a name that is gone and a new one that probably is the same thing; each name in one pair at most. */
export function guessRenames(
  gone: readonly Candidate[],
  added: readonly Candidate[],
): Map<string, string> {
  const byShape = new Map<string, Candidate[]>();
  for (const candidate of added) {
    byShape.set(candidate.shape, [...byShape.get(candidate.shape) ?? [], candidate]);
  }
  const pairs: { from: string; to: string; score: number }[] = [];
  const goneOf = new Map<string, number>();
  for (const { shape } of gone) goneOf.set(shape, (goneOf.get(shape) ?? 0) + 1);
  for (const old of gone) {
    const alike = byShape.get(old.shape) ?? [];
    // One of a rare shape went and one came: the names need not be alike.
    const only = alike.length === 1 && goneOf.get(old.shape) === 1;
    for (const candidate of alike) {
      const score = likeness(old.name, candidate.name);
      if (score >= (old.telling ? only ? 0 : 0.2 : 0.5)) {
        pairs.push({ from: old.name, to: candidate.name, score: score + 1 });
      }
      if (pairs.length > MAX_PAIRS) return new Map();
    }
  }
  // A name that is nearly the same tells more than a shape that changed with it.
  if (gone.length * added.length <= MAX_PAIRS) {
    for (const old of gone) {
      for (const candidate of added) {
        if (old.shape === candidate.shape) continue;
        const score = likeness(old.name, candidate.name);
        if (score >= 0.8) pairs.push({ from: old.name, to: candidate.name, score });
      }
    }
  }
  const renames = new Map<string, string>();
  const taken = new Set<string>();
  for (
    const { from, to } of pairs.sort((a, b) => b.score - a.score || (a.from < b.from ? -1 : 1))
  ) {
    if (renames.has(from) || taken.has(to)) continue;
    renames.set(from, to);
    taken.add(to);
  }
  return renames;
}
