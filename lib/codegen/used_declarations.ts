import { compare } from "./names.ts";

/** Returns the declarations (by name, from `generateTypes`) that a text refers to, directly or indirectly. */
export function usedDeclarations(
  text: string,
  declarations: ReadonlyMap<string, string>,
): string[] {
  const used = new Map<string, string>();
  const queue = [text];
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    for (const [word] of next.matchAll(/[\p{ID_Start}_$][\p{ID_Continue}$]*/gu)) {
      const declaration = declarations.get(word);
      if (declaration === undefined || used.has(word)) continue;
      used.set(word, declaration.trim());
      queue.push(declaration);
    }
  }
  return [...used].sort(([a], [b]) => compare(a, b)).map(([, declaration]) => declaration);
}
