/** Colored text as data, and how terminal output and source code become such text. */

import ts from "typescript";
import type { Color } from "./theme.ts";

/** A piece of a line in one color. */
export interface Span {
  readonly text: string;
  readonly color: Color;
  readonly isBold?: boolean;
}

/** A line of spans. */
export type Line = readonly Span[];

const SGR: Readonly<Record<string, Color>> = {
  2: "dim",
  31: "red",
  32: "green",
  33: "yellow",
  36: "cyan",
};

/** Parses terminal output with the escape sequences for colors that pyrpc prints. */
export function terminalLines(output: string): Line[] {
  let color: Color = "text";
  let isBold = false;
  return output.trimEnd().split("\n").map((line) => {
    const spans: Span[] = [];
    // deno-lint-ignore no-control-regex -- escape sequences are control characters
    for (const part of line.split(/(\x1b\[\d+m)/)) {
      // deno-lint-ignore no-control-regex -- as above
      const code = /^\x1b\[(\d+)m$/.exec(part)?.[1];
      if (code === undefined) {
        if (part !== "") spans.push({ text: part, color, isBold });
      } else if (code === "1") isBold = true;
      else if (code === "22") {
        isBold = false;
        if (color === "dim") color = "text";
      } else color = SGR[code] ?? "text";
    }
    return spans;
  });
}

/** Colors TypeScript by its tokens. */
export function typescriptLines(text: string): Line[] {
  const scanner = ts.createScanner(
    ts.ScriptTarget.Latest,
    false,
    ts.LanguageVariant.Standard,
    text,
  );
  const spans: Span[] = [];
  for (let kind = scanner.scan(); kind !== ts.SyntaxKind.EndOfFileToken; kind = scanner.scan()) {
    spans.push({ text: scanner.getTokenText(), color: colorOf(kind, scanner.getTokenText()) });
  }
  return linesOf(spans);
}

function colorOf(kind: ts.SyntaxKind, text: string): Color {
  if (
    kind === ts.SyntaxKind.SingleLineCommentTrivia || kind === ts.SyntaxKind.MultiLineCommentTrivia
  ) return "comment";
  if (kind === ts.SyntaxKind.StringLiteral) return "string";
  if (kind >= ts.SyntaxKind.FirstKeyword && kind <= ts.SyntaxKind.LastKeyword) return "keyword";
  return kind === ts.SyntaxKind.Identifier && /^[A-Z]/.test(text) ? "type" : "text";
}

const PYTHON =
  /("""[^]*?"""|"[^"\n]*"|#.*)|\b(from|import|class|def|return|None|True|False)\b|(@[\w.]+|\b[A-Z]\w*)/g;

/** Colors Python: strings, comments, keywords, decorators and classes. */
export function pythonLines(text: string): Line[] {
  const spans: Span[] = [];
  let end = 0;
  for (const match of text.matchAll(PYTHON)) {
    const [found, literal, keyword] = match;
    spans.push({ text: text.slice(end, match.index), color: "text" });
    const color = literal !== undefined
      ? literal.startsWith("#") ? "comment" : "string"
      : keyword === undefined
      ? "type"
      : "keyword";
    spans.push({ text: found, color });
    end = match.index + found.length;
  }
  spans.push({ text: text.slice(end), color: "text" });
  return linesOf(spans);
}

function linesOf(spans: readonly Span[]): Line[] {
  const lines: Span[][] = [[]];
  for (const span of spans) {
    span.text.split("\n").forEach((text, index) => {
      if (index > 0) lines.push([]);
      if (text !== "") lines.at(-1)?.push({ ...span, text });
    });
  }
  return lines;
}

/** Wraps lines like a terminal with so many columns. */
export function wrapLines(lines: readonly Line[], columns: number): Line[] {
  return lines.flatMap((line) => {
    const rows: Span[][] = [[]];
    let used = 0;
    for (const span of line) {
      let rest = [...span.text];
      while (rest.length > 0) {
        if (used === columns) {
          rows.push([]);
          used = 0;
        }
        const part = rest.slice(0, columns - used);
        rows.at(-1)?.push({ ...span, text: part.join("") });
        used += part.length;
        rest = rest.slice(part.length);
      }
    }
    return rows;
  });
}
