/** Names that could be meant, and the spelling of flags. */

/** At most three names that a typing error could have made `name` of, the closest first. */
export function closest(name: string, names: readonly string[]): string[] {
  const wanted = name.toLowerCase();
  const limit = Math.max(1, Math.floor(wanted.length / 3));
  return names
    .map((each) => {
      const lower = each.toLowerCase();
      // People remember a part of a dotted name.
      const isPart = wanted.length > 2 && (lower.includes(wanted) || wanted.includes(lower));
      return { each, distance: isPart ? Math.min(1, limit) : distance(wanted, lower, limit) };
    })
    .filter((row) => row.distance <= limit)
    .sort((a, b) => a.distance - b.distance)
    .slice(0, 3)
    .map(({ each }) => each);
}

/** Levenshtein distance; any number above `limit` once it is exceeded. */
function distance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) > limit) return limit + 1;
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (const [row, letter] of a.split("").entries()) {
    let left = row + 1;
    const current = [left];
    for (let column = 0; column < b.length; column++) {
      const [diagonal = 0, above = 0] = previous.slice(column, column + 2);
      left = Math.min(above + 1, left + 1, diagonal + (letter === b[column] ? 0 : 1));
      current.push(left);
    }
    previous = current;
  }
  return previous.at(-1) ?? 0;
}

/** `cors-origin` for `corsOrigin`: the spelling of a flag, without the hyphens in front. */
export function kebabCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** `--cors-origin` for `corsOrigin`. */
export function spelled(name: string): string {
  return `--${kebabCase(name)}`;
}

/** `, did you mean "a" or "b"?`, or nothing. */
export function didYouMean(names: readonly string[]): string {
  return names.length === 0
    ? ""
    : `, did you mean ${names.map((name) => `"${name}"`).join(" or ")}?`;
}

/** Explains that a text is not one of several names. */
export function expectedOneOf(names: readonly string[], text: string): string {
  const expected = names.length === 1
    ? `Expected ${names[0]}`
    : `Expected one of ${names.join(", ")}`;
  return `${expected}${didYouMean(closest(text, names))}`;
}
