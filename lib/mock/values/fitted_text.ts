import { pick, type Random } from "./random.ts";
import { NOUNS } from "./words.ts";

/** Limits of {@link fittedText}. */
export interface TextLimits {
  readonly lengths: { readonly min: number; readonly max: number };
  readonly random: Random;
  /** Validates a text against the whole schema. */
  readonly fits: (text: string) => boolean;
  readonly format: string | undefined;
}

/** A text lengthened or shortened to the limits. */
export function fittedText(text: string, { lengths, random, fits, format }: TextLimits): string {
  const shorter = SHORT_TEXTS[format ?? ""]?.find(fits);
  if (shorter !== undefined) return shorter;
  if (format === "uri") return text.padEnd(Math.min(lengths.min, 2_000), "x");
  if (format === "email") {
    return `${"a".repeat(Math.max(1, lengths.min - 12))}@example.com`;
  }
  let result = text;
  while ([...result].length < lengths.min && result.length < 1_000_000) {
    result += ` ${pick(random, NOUNS)}`;
  }
  result = [...result].slice(0, lengths.max).join("");
  // A space at the end looks like a mistake.
  return result.replace(/ $/, "a");
}

const SHORT_TEXTS: Readonly<Record<string, readonly string[]>> = {
  uri: ["https://example.com", "http://a.co", "http://a", "a:b"],
  email: ["ada@example.com", "a@b.co"],
  ipv4: ["1.2.3.4"],
  ipv6: ["::1"],
  duration: ["P1D"],
  date: ["2026-01-01"],
};
