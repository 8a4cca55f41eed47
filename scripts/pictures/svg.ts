/** Draws windows with text as SVG. Characters have a fixed width, so that text is placed the same with every font. */

import type { Line } from "./text.ts";
import type { Theme } from "./theme.ts";

/** Size of a character's cell. */
const CELL = { width: 7.83, height: 19 } as const;

/** Space between the frame of a window and its text. */
const PADDING = 14;

/** Height of the title bar. */
const BAR = 30;

/** Part of a line that is marked. */
export interface Mark {
  readonly line: number;
  readonly from: number;
  readonly to: number;
}

/** A window: a title above lines of text. */
export interface Window {
  readonly title: string;
  readonly lines: readonly Line[];
  /** Lines with a colored background. */
  readonly highlighted?: readonly number[];
  /** Underlined as an error. */
  readonly errors?: readonly Mark[];
  /** Boxes below a position of the text. */
  readonly hovers?: readonly Hover[];
}

/** A box over the text, as an editor shows types and errors. */
export interface Hover {
  readonly line: number;
  readonly column: number;
  readonly lines: readonly Line[];
}

/** A rectangle of the picture. */
export interface Area {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** The height of a window for so many lines. */
export function heightOf(lines: number): number {
  return BAR + 2 * PADDING + lines * CELL.height - 4;
}

/** Characters in a line of a window of this width. */
export function columnsOf(width: number): number {
  return Math.floor((width - 2 * PADDING) / CELL.width);
}

/** Returns the picture; `label` describes it for screen readers. */
export function picture(
  size: { readonly width: number; readonly height: number },
  label: string,
  parts: readonly string[],
): string {
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${size.width}" height="${size.height}" ` +
    `viewBox="0 0 ${size.width} ${size.height}" role="img" aria-label="${escape(label)}" ` +
    `font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, 'Liberation Mono', monospace" font-size="13">`,
    ...parts,
    "</svg>",
    "",
  ].join("\n");
}

/** Draws a window. */
export function drawWindow(window: Window, area: Area, theme: Theme): string {
  const { x, y, width, height } = area;
  const left = x + PADDING;
  const baseOf = (line: number) => y + BAR + PADDING + line * CELL.height + 10;
  const parts = [
    rect(area, theme.background, theme.border, 8),
    `<path d="M${x + 0.5} ${y + BAR}v${8 - BAR}a7.5 7.5 0 0 1 7.5 -7.5h${
      width - 16
    }a7.5 7.5 0 0 1 7.5 7.5v${BAR - 8}z" fill="${theme.bar}" stroke="${theme.border}"/>`,
    `<text x="${left}" y="${y + 20}" fill="${theme.dim}">${escape(window.title)}</text>`,
  ];
  for (const line of window.highlighted ?? []) {
    const row = { x: x + 1, y: baseOf(line) - 14, width: width - 2, height: CELL.height };
    parts.push(rect(row, theme.highlight));
  }
  window.lines.forEach((line, index) => parts.push(drawLine(line, left, baseOf(index), theme)));
  for (const { line, from, to } of window.errors ?? []) {
    const start = left + from * CELL.width;
    const waves = Math.round((to - from) * CELL.width / 4);
    parts.push(
      `<path d="M${round(start)} ${baseOf(line) + 5}${
        "q1 -3 2 0t2 0".repeat(waves)
      }" fill="none" ` +
        `stroke="${theme.red}"/>`,
    );
  }
  for (const { line, column, lines } of window.hovers ?? []) {
    const widest = Math.max(...lines.map(lengthOf));
    const box = {
      x: Math.min(left + column * CELL.width - 8, x + width - widest * CELL.width - 30),
      y: baseOf(line) + 9,
      width: widest * CELL.width + 20,
      height: lines.length * CELL.height + 12,
    };
    parts.push(rect(box, theme.hover, theme.border, 4));
    lines.forEach((each, index) =>
      parts.push(drawLine(each, box.x + 10, box.y + 19 + index * CELL.height, theme))
    );
  }
  if (baseOf(window.lines.length - 1) + 6 > y + height) {
    throw new Error(`"${window.title}" has more lines than its window`);
  }
  return parts.filter((part) => part !== "").join("\n");
}

/** Number of characters of a line. */
function lengthOf(line: Line): number {
  return line.reduce((sum, { text }) => sum + [...text].length, 0);
}

function drawLine(line: Line, x: number, y: number, theme: Theme): string {
  let column = 0;
  const spans = line.map(({ text, color, isBold }) => {
    const at = x + column * CELL.width;
    const length = [...text].length;
    column += length;
    if (text.trim() === "") return "";
    return `<tspan x="${round(at)}" textLength="${round(length * CELL.width)}" ` +
      `fill="${theme[color]}"${isBold ? ' font-weight="600"' : ""}>${escape(text)}</tspan>`;
  });
  if (spans.every((span) => span === "")) return "";
  return `<text y="${round(y)}" xml:space="preserve">${spans.join("")}</text>`;
}

function rect(area: Area, fill: string, stroke?: string, radius = 0): string {
  const half = stroke === undefined ? 0 : 0.5;
  return `<rect x="${round(area.x + half)}" y="${round(area.y + half)}" width="${
    round(area.width - 2 * half)
  }" height="${round(area.height - 2 * half)}"${radius === 0 ? "" : ` rx="${radius}"`} ` +
    `fill="${fill}"${stroke === undefined ? "" : ` stroke="${stroke}"`}/>`;
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}

function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}
