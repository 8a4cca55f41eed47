/** Returns the likeness of two names, from 0 to 1 (equal): one minus the edit distance over the longer length. */
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

/** A procedure or model that may have been renamed. */
export interface Candidate {
  readonly name: string;
  /** Text that stays the same if only the name changes. */
  readonly shape: string;
  /** True if the shape is rare enough to identify the candidate. */
  readonly isDistinctive: boolean;
}

const MAX_PAIRS = 40_000;

/** Pairs removed names with added ones that are probably the same. Each name is in at most one pair. */
export function guessRenames(
  removed: readonly Candidate[],
  added: readonly Candidate[],
): Map<string, string> {
  const byShape = new Map<string, Candidate[]>();
  for (const candidate of added) {
    byShape.set(candidate.shape, [...byShape.get(candidate.shape) ?? [], candidate]);
  }
  const pairs: { from: string; to: string; score: number }[] = [];
  const removedOf = new Map<string, number>();
  for (const { shape } of removed) removedOf.set(shape, (removedOf.get(shape) ?? 0) + 1);
  for (const old of removed) {
    const alike = byShape.get(old.shape) ?? [];
    // If a shape has only one removed and one added candidate, their names may differ completely.
    const only = alike.length === 1 && removedOf.get(old.shape) === 1;
    for (const candidate of alike) {
      const score = likeness(old.name, candidate.name);
      if (score >= (old.isDistinctive ? only ? 0 : 0.2 : 0.5)) {
        pairs.push({ from: old.name, to: candidate.name, score: score + 1 });
      }
      if (pairs.length > MAX_PAIRS) return new Map();
    }
  }
  // A nearly equal name is evidence even if the shape changed.
  if (removed.length * added.length <= MAX_PAIRS) {
    for (const old of removed) {
      for (const candidate of added) {
        if (old.shape === candidate.shape) continue;
        const score = likeness(old.name, candidate.name);
        if (score >= 0.8) pairs.push({ from: old.name, to: candidate.name, score });
      }
    }
  }
  const renames = new Map<string, string>();
  const used = new Set<string>();
  for (
    const { from, to } of pairs.sort((a, b) => b.score - a.score || (a.from < b.from ? -1 : 1))
  ) {
    if (renames.has(from) || used.has(to)) continue;
    renames.set(from, to);
    used.add(to);
  }
  return renames;
}
