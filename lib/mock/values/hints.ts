import type { Json } from "../../contract/mod.ts";

/** The name, owner and description of a value, from which its sample value is chosen. */
export interface Hint {
  /** The name as written, such as `createdAt`; `""` if the value has no name. */
  readonly name: string;
  /** The words of the name in lower case: `created`, `at`. */
  readonly words: readonly string[];
  /** The words of the class that has the member: `order`, `line`. */
  readonly owner: readonly string[];
  /** The description in lower case. */
  readonly description: string;
}

/** The words of a name in any style: `createdAt`, `created_at`, `CreatedAt`. */
export function wordsOf(name: string): string[] {
  return name.replaceAll(/([a-z0-9])([A-Z])/g, "$1 $2").toLowerCase().split(/[^a-z0-9]+/)
    .filter((word) => word !== "");
}

/** Makes the hint of a value. */
export function hintOf(name: string, owner: string, description: Json | undefined): Hint {
  return {
    name,
    words: wordsOf(name),
    owner: wordsOf(owner),
    description: typeof description === "string" ? description.toLowerCase() : "",
  };
}

/** The hint of one item of a list: `tags` becomes `tag`. */
export function itemHint(hint: Hint): Hint {
  const words = [...hint.words];
  const last = words.pop();
  if (last === undefined) return hint;
  words.push(singular(last));
  return { ...hint, name: singular(hint.name), words };
}

function singular(word: string): string {
  if (/ies$/.test(word) && word.length > 4) return `${word.slice(0, -3)}y`;
  if (/(ss|us|is)$/.test(word)) return word;
  if (/(ch|sh|x|ss|z)es$/.test(word)) return word.slice(0, -2);
  return /s$/.test(word) && word.length > 2 ? word.slice(0, -1) : word;
}

/** Returns true if the name contains one of the words, or ends with one of the phrases. */
export function mentions(hint: Hint, ...terms: readonly string[]): boolean {
  return terms.some((term) =>
    term.includes(" ") ? hint.words.join(" ").endsWith(term) : hint.words.includes(term)
  );
}

/** Returns true if the last word of the name is one of the words. */
export function endsWith(hint: Hint, ...words: readonly string[]): boolean {
  const last = hint.words.at(-1);
  return last !== undefined && words.includes(last);
}

/** Returns true if the description contains one of the phrases. */
export function describes(hint: Hint, ...phrases: readonly string[]): boolean {
  return phrases.some((phrase) => hint.description.includes(phrase));
}
