/** At most three names that a typing error could have made `name` of, the closest first. Much worse ones than the best are left out. */
export function closest(name: string, names: readonly string[]): string[] {
  const wanted = name.toLowerCase();
  const limit = Math.max(1, Math.floor(wanted.length / 3));
  const rows = names
    .map((each) => {
      const lower = each.toLowerCase();
      // People remember a part of a dotted name.
      const isPart = wanted.length > 2 && (lower.includes(wanted) || wanted.includes(lower));
      return { each, distance: isPart ? Math.min(1, limit) : distance(wanted, lower, limit) };
    })
    .filter((row) => row.distance <= limit)
    .sort((a, b) => a.distance - b.distance);
  const best = rows[0]?.distance ?? 0;
  return rows.filter((row) => row.distance <= best * 1.5).slice(0, 3).map(({ each }) => each);
}

/** Edits from `a` to `b`, two swapped letters being one; any number above `limit` once it is exceeded. */
function distance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) > limit) return limit + 1;
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, column) => column)];
  const at = (row: number, column: number) => rows[row]?.[column] ?? 0;
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    rows.push(current);
    for (let column = 1; column <= b.length; column++) {
      const isSame = a[row - 1] === b[column - 1];
      const isSwapped = row > 1 && column > 1 && a[row - 1] === b[column - 2] &&
        a[row - 2] === b[column - 1];
      current.push(Math.min(
        at(row - 1, column) + 1,
        at(row, column - 1) + 1,
        at(row - 1, column - 1) + (isSame ? 0 : 1),
        isSwapped ? at(row - 2, column - 2) + 1 : Infinity,
      ));
    }
  }
  return at(a.length, b.length);
}
