import { closest } from "../closest.ts";

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
