import { isNote, type TypeChange } from "../compare/mod.ts";
import { plainText, type Style } from "../terminal/mod.ts";
import { changeFinding, type DiffReport, type ReportedChange, summaryOf } from "./diff_report.ts";
import { type Finding, sentenceOf } from "./finding.ts";
import { clientText, positionText } from "./impact.ts";
import { lineDiff } from "./line_diff.ts";

/** Formats a diff for a terminal, grouped by severity. */
export function renderText(report: DiffReport, style: Style): string {
  const { changes, signatures, types, signaturesLeftOut, unusedAllowances } = report;
  const groups = [
    ["breaking", style.red("Breaking")],
    ["possibly-breaking", style.yellow("Possibly breaking")],
    ["safe", style.green("Safe")],
  ] as const;
  const lines = groups.flatMap(([severity, title]) =>
    group(
      style.bold(title),
      changes.filter((change) =>
        change.severity === severity && change.allowed === undefined && !isNote(change)
      ),
      style,
    )
  );
  lines.push(
    ...group(style.bold("Notes"), changes.filter(isNote), style),
    ...group(style.bold("Allowed"), changes.filter(({ allowed }) => allowed !== undefined), style),
  );
  lines.push(...clientLines(report, style));
  if (signatures.length + types.length > 0) {
    lines.push(style.bold("TypeScript"));
    for (const change of [...signatures, ...types]) lines.push(...typeLines(change, style));
    if (signaturesLeftOut > 0) {
      lines.push(style.dim(`  and ${signaturesLeftOut} more procedures`));
    }
    lines.push("");
  }
  for (const unused of unusedAllowances) {
    lines.push(style.dim(`note: the allowance ${plainText(unused)} matches nothing`));
  }
  lines.push(summaryOf(report));
  return `${lines.join("\n")}\n`;
}

function group(title: string, changes: readonly ReportedChange[], style: Style): string[] {
  if (changes.length === 0) return [];
  return [title, ...changes.flatMap((change) => changeLines(change, style)), ""];
}

function clientLines({ clients = [], otherLines = [] }: DiffReport, style: Style): string[] {
  const lines: string[] = [];
  if (otherLines.length > 0) {
    lines.push(
      style.bold("Other lines that break"),
      ...otherLines.map((line) =>
        `  ${plainText(`${positionText(line)} ${line.code} ${line.message.split("\n")[0]}`)}`
      ),
      "",
    );
  }
  const compiled = clients.filter(({ problem }) => problem === undefined);
  if (compiled.length === 0) return lines;
  lines.push(style.bold("Clients"));
  for (const client of compiled) {
    lines.push(
      `  ${plainText(clientText(client))}`,
      ...client.notes.map((note) => `      ${plainText(note)}`),
    );
  }
  lines.push("");
  return lines;
}

function changeLines(change: ReportedChange, style: Style): string[] {
  const finding = changeFinding(change);
  const { rule, details, allowed } = finding;
  const lines = [
    `  ${style.cyan(rule)}  ${sentence(finding, style)}`,
    ...details.map((line) => `      ${plainText(line)}`),
  ];
  if (allowed !== undefined) lines.push(`      ${style.dim(`because: ${plainText(allowed)}`)}`);
  return lines;
}

function sentence(finding: Finding, style: Style): string {
  const { subject, message } = finding;
  return sentenceOf(finding) === message
    ? plainText(message)
    : `${style.bold(plainText(subject))}: ${plainText(message)}`;
}

function typeLines({ before, after }: TypeChange, style: Style): string[] {
  return lineDiff(before, after).map((line) => {
    const text = `  ${plainText(line)}`;
    if (line.startsWith("-")) return style.red(text);
    return line.startsWith("+") ? style.green(text) : text;
  });
}

/** Formats findings for a terminal, errors first. */
export function renderFindings(findings: readonly Finding[], style: Style): string {
  const paints = { error: style.red, warning: style.yellow, notice: style.dim } as const;
  const lines: string[] = [];
  for (const level of ["error", "warning", "notice"] as const) {
    for (const finding of findings) {
      if (finding.level !== level) continue;
      const { rule, details, allowed, file, line } = finding;
      const place = file === undefined || line === undefined
        ? []
        : [`    ${plainText(`${file}:${line}`)}`];
      const label = allowed === undefined ? paints[level](level) : style.dim("allowed");
      lines.push(
        `${label} ${style.cyan(rule)}  ${sentence(finding, style)}`,
        ...place,
        ...details.map((line) => `    ${plainText(line)}`),
      );
      if (allowed !== undefined) lines.push(`    ${style.dim(`because: ${plainText(allowed)}`)}`);
    }
  }
  return lines.map((line) => `${line}\n`).join("");
}
