import { plainLine } from "../plain_text.ts";

/** A column of a table. */
export interface Column {
  readonly heading: string;
  /** Weight of this column when the terminal is too narrow; 0 never shrinks. */
  readonly shrink: number;
}

const GAP = 2;
const MIN_WIDTH = 8;

/**
 * Formats rows as aligned lines, headings first. Texts become safe for a terminal, each on one line; `width` cuts the
 * columns that may shrink.
 */
export function tableLines(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  width = Infinity,
): string[] {
  const cells = [columns.map(({ heading }) => heading), ...rows].map((row) =>
    // Keeps the indentation.
    row.map((cell) => " ".repeat(cell.search(/[^ ]|$/)) + plainLine(cell, Infinity))
  );
  const widths = fit(
    columns,
    columns.map((_, index) => Math.max(...cells.map((row) => row[index]?.length ?? 0))),
    width,
  );
  return cells.map((row) =>
    row.map((cell, index) => {
      const space = widths[index] ?? 0;
      return (cell.length <= space ? cell : `${cell.slice(0, space - 1)}…`).padEnd(space + GAP);
    }).join("").trimEnd()
  );
}

function fit(columns: readonly Column[], natural: readonly number[], width: number): number[] {
  const fitted = columns.map(({ shrink }, index) => ({ shrink, width: natural[index] ?? 0 }));
  const weight = (column: { readonly shrink: number; readonly width: number }) =>
    column.width > MIN_WIDTH ? column.width * column.shrink : 0;
  const gaps = GAP * (columns.length - 1);
  let missing = fitted.reduce((sum, column) => sum + column.width, gaps) - width;
  while (missing > 0) {
    // The widest by its weight loses one character after the other: no column vanishes while another is long.
    let widest: (typeof fitted)[number] | undefined;
    for (const column of fitted) {
      if (weight(column) > (widest === undefined ? 0 : weight(widest))) widest = column;
    }
    if (widest === undefined) break;
    widest.width--;
    missing--;
  }
  return fitted.map((column) => column.width);
}
