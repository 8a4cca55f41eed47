import type { Json } from "../../contract/mod.ts";

/** What is known about a place: words of its name, of its owner, and its description. */
export interface Hint {
  /** The name as it stands, such as `createdAt`; `""` where there is none. */
  readonly name: string;
  /** The words of the name in small letters: `created`, `at`. */
  readonly words: readonly string[];
  /** The words of the class that the member belongs to: `order`, `line`. */
  readonly owner: readonly string[];
  /** The description in small letters. */
  readonly description: string;
}

/** The words of a name in any case: `createdAt`, `created_at`, `CreatedAt`. */
export function wordsOf(name: string): string[] {
  return name.replaceAll(/([a-z0-9])([A-Z])/g, "$1 $2").toLowerCase().split(/[^a-z0-9]+/)
    .filter((word) => word !== "");
}

export function hintOf(name: string, owner: string, description: Json | undefined): Hint {
  return {
    name,
    words: wordsOf(name),
    owner: wordsOf(owner),
    description: typeof description === "string" ? description.toLowerCase() : "",
  };
}

/** The same for one item of a list: `tags` → `tag`. */
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

/** Whether the name has one of the words, or ends with one of the phrases. */
export function says(hint: Hint, ...terms: readonly string[]): boolean {
  return terms.some((term) =>
    term.includes(" ") ? hint.words.join(" ").endsWith(term) : hint.words.includes(term)
  );
}

/** Whether the last word of the name is one of these. */
export function endsWith(hint: Hint, ...terms: readonly string[]): boolean {
  const last = hint.words.at(-1);
  return last !== undefined && terms.includes(last);
}
