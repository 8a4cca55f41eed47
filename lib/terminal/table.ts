import { plainLine } from "./plain_text.ts";

/** A column: its heading, and whether it gives way first when the terminal is narrow. */
export interface Column {
  readonly heading: string;
  /** Share of the width that is missing which this column gives up; 0 never shrinks. */
  readonly shrink: number;
}

const GAP = 2;
const MIN_WIDTH = 8;

/**
 * Rows as aligned lines, headings first. Texts become harmless for a terminal, each on one line; `width` cuts the
 * columns that may shrink, without it nothing is cut.
 */
export function tableLines(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  width = Infinity,
): string[] {
  const cells = [columns.map(({ heading }) => heading), ...rows].map((row) =>
    // An indentation is kept, everything else is one line.
    row.map((cell) => /^ */.exec(cell)![0] + plainLine(cell, Infinity))
  );
  const widths = fit(
    columns,
    columns.map((_, index) => Math.max(...cells.map((row) => row[index]?.length ?? 0))),
    width,
  );
  return cells.map((row) =>
    row.map((cell, index) => {
      const space = widths[index]!;
      return (cell.length <= space ? cell : `${cell.slice(0, space - 1)}…`).padEnd(space + GAP);
    }).join("").trimEnd()
  );
}

function fit(columns: readonly Column[], natural: readonly number[], width: number): number[] {
  const widths = [...natural];
  let missing = widths.reduce((sum, each) => sum + each, GAP * (columns.length - 1)) - width;
  while (missing > 0) {
    // The widest by its share gives up one character after the other: no column vanishes while another is long.
    let widest = -1;
    for (const [index, { shrink }] of columns.entries()) {
      if (shrink === 0 || widths[index]! <= MIN_WIDTH) continue;
      if (widest === -1 || widths[index]! * shrink > widths[widest]! * columns[widest]!.shrink) {
        widest = index;
      }
    }
    if (widest === -1) return widths;
    widths[widest]!--;
    missing--;
  }
  return widths;
}
