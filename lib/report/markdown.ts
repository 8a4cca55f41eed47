import { plainText } from "../plain_text.ts";
import { type DiffReport, findingsOf, summaryOf } from "./diff_report.ts";
import type { Finding } from "./finding.ts";
import { clientText } from "./impact.ts";
import { lineDiff } from "./line_diff.ts";

/** Formats a diff as a comment for a pull request. */
export function renderMarkdown(report: DiffReport): string {
  const lines = [`### ${titleOf(report)}`, "", `${summaryOf(report)}.`, ""];
  if (report.changes.length > 0) {
    lines.push(...markdownTable(findingsOf(report)), "");
  }
  lines.push(...clientLines(report));
  const types = [...report.signatures, ...report.types];
  if (types.length > 0) {
    const body = types.map(({ before, after }) => lineDiff(before, after).join("\n")).join("\n\n");
    const fence = "`".repeat(Math.max(3, longestRun(body) + 1));
    lines.push(
      "<details><summary>TypeScript</summary>",
      "",
      `${fence}diff`,
      body,
      fence,
      "",
      "</details>",
      "",
    );
  }
  return lines.join("\n");
}

function clientLines({ clients = [], otherLines = [] }: DiffReport): string[] {
  const lines = otherLines.map(({ file, line, code, message }) =>
    `- ${inlineCode(`${file}:${line}`)} ${code}: ${escapeMarkdown(message.split("\n")[0] ?? "")}`
  );
  for (const client of clients) {
    const { root, problem, notes } = client;
    const text = problem === undefined
      ? [clientText(client), ...notes].join(". ")
      : `⚠️ ${root} was not compiled: ${problem.message}`;
    lines.push(`- ${escapeMarkdown(text)}`);
  }
  return lines.length === 0 ? [] : [...lines, ""];
}

function titleOf({ severity, changes }: DiffReport): string {
  if (severity === "breaking") return "❌ Breaking changes of the API";
  if (severity === "possibly-breaking") return "⚠️ Possibly breaking changes of the API";
  return changes.length === 0 ? "✅ No changes of the API" : "✅ No breaking changes of the API";
}

/** Formats findings as the lines of a table. */
export function markdownTable(findings: readonly Finding[]): string[] {
  const marks = { error: "❌", warning: "⚠️", notice: "ℹ️" } as const;
  return [
    "| | Rule | Where | What |",
    "| --- | --- | --- | --- |",
    ...findings.map(({ level, rule, subject, message, details, allowed }) => {
      const texts = [message, ...details];
      if (allowed !== undefined) texts.push(`allowed: ${allowed}`);
      const mark = allowed === undefined ? marks[level] : "☑️";
      const cells = texts.map((text) => withCode(text).replace(/\s+/g, " "));
      return `| ${mark} | \`${rule}\` | ${inlineCode(subject)} | ${cells.join("<br>")} |`;
    }),
  ];
}

/** Escapes the characters that Markdown gives a meaning. */
export function escapeMarkdown(text: string): string {
  return plainText(text).replace(/[\\`*_{}[\]<>()#+!|~@]/g, (mark) => `\\${mark}`);
}

// Escapes a text except for the names that it has in backticks.
function withCode(text: string): string {
  return text.split(/(`[^`|]+`)/).map((part, index) =>
    index % 2 === 1 ? part : escapeMarkdown(part)
  ).join("");
}

function inlineCode(text: string): string {
  const fence = "`".repeat(longestRun(text) + 1);
  const inner = plainText(text.replace(/\s+/g, " ")).replaceAll("|", "\\|");
  return inner === "" ? "" : `${fence} ${inner} ${fence}`;
}

function longestRun(text: string): number {
  return Math.max(0, ...(text.match(/`+/g) ?? []).map((run) => run.length));
}
