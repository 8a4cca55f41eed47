import { isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from "yaml";
import type { SourcePosition } from "../../errors.ts";

/**
 * Finds the position of a path such as `$.add.cases[0].result` in the text of an examples file (JSON or YAML), or of the
 * deepest part of it that exists.
 */
export function positionOf(text: string, path: string): SourcePosition | undefined {
  const lines = new LineCounter();
  let node = parseDocument(text, { lineCounter: lines }).contents as Node | null;
  let start: number | undefined;
  for (const step of stepsOf(path)) {
    let next: Node | null | undefined;
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === step);
      start = (pair?.key as Node | undefined)?.range?.[0] ?? start;
      next = pair?.value as Node | null | undefined;
    } else if (isSeq(node)) {
      next = node.items[Number(step)] as Node | undefined;
      start = next?.range?.[0] ?? start;
    }
    if (next === undefined || next === null) break;
    node = next;
  }
  if (start === undefined) return undefined;
  const { line, col } = lines.linePos(start);
  return { line, column: col, text: text.split(/\r?\n/)[line - 1] ?? "" };
}

/** Splits a path such as `$.add.cases[0].result` into its steps. */
export function stepsOf(path: string): string[] {
  const steps = path.matchAll(/\.([A-Za-z_$][\w$]*)|\[(\d+|"(?:[^"\\]|\\.)*")\]/g);
  return [...steps].map(([, name, index = ""]) =>
    name ?? (index.startsWith('"') ? JSON.parse(index) as string : index)
  );
}
