const MAX_LINES = 400;

/** Lists the lines of two texts: common lines once, the others with `-` or `+`. */
export function lineDiff(before: string | null, after: string | null): string[] {
  const old = before?.split("\n") ?? [];
  const next = after?.split("\n") ?? [];
  if (old.length <= 1 || next.length <= 1) {
    return [...old.map((line) => `- ${line}`), ...next.map((line) => `+ ${line}`)];
  }
  if (old.length > MAX_LINES || next.length > MAX_LINES) {
    return [`- ${old.length} lines`, `+ ${next.length} lines`];
  }
  return walk(old, next, commonLengths(old, next));
}

// Lengths of the longest common subsequences of the ends that start at (i, j).
function commonLengths(old: readonly string[], next: readonly string[]): number[][] {
  const table: number[][] = Array.from({ length: old.length + 1 }, () => []);
  for (let i = old.length - 1; i >= 0; i--) {
    const [row, below] = [table[i] ?? [], table[i + 1] ?? []];
    for (let j = next.length - 1; j >= 0; j--) {
      row[j] = old[i] === next[j]
        ? (below[j + 1] ?? 0) + 1
        : Math.max(below[j] ?? 0, row[j + 1] ?? 0);
    }
  }
  return table;
}

function walk(
  old: readonly string[],
  next: readonly string[],
  table: readonly (readonly number[])[],
): string[] {
  const at = (i: number, j: number) => table[i]?.[j] ?? 0;
  const lines: string[] = [];
  let [i, j] = [0, 0];
  while (i < old.length || j < next.length) {
    if (i < old.length && j < next.length && old[i] === next[j]) {
      lines.push(`  ${old[i]}`);
      i++;
      j++;
    } else if (i < old.length && (j >= next.length || at(i + 1, j) >= at(i, j + 1))) {
      lines.push(`- ${old[i++]}`);
    } else lines.push(`+ ${next[j++]}`);
  }
  return lines;
}
