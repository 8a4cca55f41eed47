const MAX_NAMES = 10;

/** Formats a line each for added, changed and removed names; the first ten of each. */
export function changedNames(
  { added, changed, removed }: {
    readonly added: readonly string[];
    readonly changed: readonly string[];
    readonly removed: readonly string[];
  },
): string[] {
  const rows = [["+", added], ["~", changed], ["-", removed]] as const;
  return rows.filter(([, names]) => names.length > 0).map(([mark, names]) =>
    `${mark} ${names.slice(0, MAX_NAMES).join(", ")}${names.length > MAX_NAMES ? ", …" : ""}`
  );
}
