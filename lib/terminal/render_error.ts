import { ExitCode, ToolError } from "../errors.ts";
import { VERSION } from "../version.ts";
import { plainText } from "../plain_text.ts";
import type { Style } from "./style.ts";

/**
 * Formats an error for standard error: what failed, where, and how to fix it. Anything but a {@link ToolError} is an
 * internal error, printed with its stack and a request to report it.
 */
export function renderError(error: unknown, style: Style): string {
  if (!(error instanceof ToolError)) return renderBug(error, style);
  if (error.exitCode === ExitCode.Interrupted || error.exitCode === ExitCode.Terminated) {
    return error.message;
  }
  const lines = [`${style.red(style.bold("error:"))} ${plainText(error.message)}`];
  if (error.where !== undefined) {
    lines.push(`  ${style.dim("at")} ${plainText(error.where)}${place(error)}`);
  }
  if (error.position !== undefined) lines.push(...sourceLines(error.position, style));
  for (const detail of error.details) lines.push(`  ${plainText(detail)}`);
  error.fix.forEach((line, index) => {
    lines.push(`  ${index === 0 ? style.cyan("fix:") : "    "} ${plainText(line)}`);
  });
  if (error.snippet.length > 0) lines.push("", ...error.snippet.map(plainText));
  return lines.join("\n");
}

function place(error: ToolError): string {
  return error.position === undefined ? "" : `:${error.position.line}:${error.position.column}`;
}

const SNIPPET_WIDTH = 100;

function sourceLines(
  { line, column, text }: NonNullable<ToolError["position"]>,
  style: Style,
): string[] {
  // A minified document is one long line: show the part around the column.
  const start = Math.max(0, column - 1 - SNIPPET_WIDTH / 2);
  const part = plainText(text.slice(start, start + SNIPPET_WIDTH).replaceAll("\t", " "));
  const gutter = `${line} | `;
  return [
    `  ${style.dim(gutter)}${part}`,
    `  ${" ".repeat(gutter.length + column - 1 - start)}${style.red("^")}`,
  ];
}

function renderBug(error: unknown, style: Style): string {
  const text = error instanceof Error ? error.stack ?? error.message : String(error);
  return [
    `${style.red(style.bold("bug:"))} unexpected internal error in pyrpc ${VERSION}`,
    ...text.split("\n").map((line) => `  ${plainText(line)}`),
    `  Please report this with the command that you ran and the lines above`,
  ].join("\n");
}
