/** At most three names that a typing error could have made `name` of, the closest first. */
export function closest(name: string, names: readonly string[]): string[] {
  const wanted = name.toLowerCase();
  const limit = Math.max(1, Math.floor(wanted.length / 3));
  return names
    .filter((each) => Math.abs(each.length - wanted.length) <= Math.max(limit, wanted.length))
    .map((each) => {
      const lower = each.toLowerCase();
      // A part of a dotted name is what one remembers.
      const isPart = wanted.length > 2 && (lower.includes(wanted) || wanted.includes(lower));
      return { each, distance: isPart ? Math.min(1, limit) : distance(wanted, lower, limit) };
    })
    .filter((row) => row.distance <= limit)
    .sort((a, b) => a.distance - b.distance)
    .slice(0, 3)
    .map(({ each }) => each);
}

// Levenshtein, given up past `limit`.
function distance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) > limit) return limit + 1;
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      current[column] = Math.min(
        previous[column]! + 1,
        current[column - 1]! + 1,
        previous[column - 1]! + (a[row - 1] === b[column - 1] ? 0 : 1),
      );
    }
    previous = current;
  }
  return previous[b.length]!;
}
