import type { SourcePosition } from "../errors.ts";

/** Returns line and column (from 1) of an offset, with the text of the line. */
export function positionAt(text: string, offset: number): SourcePosition {
  const at = Math.min(offset, text.length);
  const start = at === 0 ? 0 : text.lastIndexOf("\n", at - 1) + 1;
  const end = text.indexOf("\n", start);
  let line = 1;
  for (
    let next = text.indexOf("\n");
    next !== -1 && next < start;
    next = text.indexOf("\n", next + 1)
  ) {
    line++;
  }
  return {
    line,
    column: at - start + 1,
    text: text.slice(start, end === -1 ? text.length : end).replace(/\r$/, ""),
  };
}
