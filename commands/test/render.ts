import type { TestFinding, TestReport } from "../../lib/contract_test/mod.ts";
import { formatDocument } from "../../lib/json/mod.ts";
import {
  escapeMarkdown,
  type Finding,
  markdownTable,
  renderFindings,
  renderGithub,
  renderJunit,
  type ReportFormat,
  workspacePath,
} from "../../lib/report/mod.ts";
import type { Console } from "../../lib/runtime/mod.ts";
import { styleFor } from "../../lib/terminal/mod.ts";

/** Returns a finding for the report of any format. */
export function findingOf(
  { rule, level, procedure, message, details, command, repeatable, file, line }: TestFinding,
): Finding {
  return {
    rule,
    level,
    subject: procedure,
    message,
    details: [
      ...details,
      ...repeatable ? [] : ["the same call did not fail a second time"],
      ...rule === "not-tested" ? [] : [command],
    ],
    file,
    line,
  };
}

/** Formats a report. */
export function renderReport(
  format: ReportFormat,
  report: TestReport,
  findings: readonly Finding[],
  console: Console,
): string {
  switch (format) {
    case "json":
      return `${formatDocument(jsonOf(report, findings), "  ")}\n`;
    case "github":
      return renderGithub(
        findings.map((one) => ({ ...one, file: one.file && workspacePath(one.file, console) })),
        summaryOf(report, findings),
        console,
      );
    case "junit": {
      const found = new Set(findings.map(({ subject }) => subject));
      const passed = report.procedures.map(({ name }) => name).filter((name) => !found.has(name));
      return renderJunit(findings, "pyrpc test", passed);
    }
    case "markdown": {
      const table = findings.length === 0 ? [] : [...markdownTable(findings), ""];
      const title = `### ${report.ok ? "✅" : "❌"} pyrpc test`;
      return [title, "", escapeMarkdown(summaryOf(report, findings)), "", ...table].join("\n");
    }
    case "text": {
      const style = styleFor(console.stdout, console.env);
      const notes = notesOf(report).map((line) => `${style.dim(line)}\n`);
      const body = renderFindings(findings, style);
      return `${body}${notes.join("")}${summaryOf(report, findings)}\n`;
    }
  }
}

function jsonOf({ error: _, ...report }: TestReport, findings: readonly Finding[]): object {
  const allowed = findings.map((one) => one.allowed);
  return {
    ...report,
    findings: report.findings.map((one, index) => ({ ...one, allowed: allowed[index] ?? null })),
  };
}

function notesOf({ skipped, stopped, procedures, source, server, findings }: TestReport): string[] {
  const left = procedures.reduce((sum, one) => sum + one.left, 0);
  const reasons = {
    "max-calls": `${left} planned calls were not sent: raise --max-calls`,
    "interrupted": `${left} planned calls were not sent: the test was interrupted`,
    "server-ended": `${left} planned calls were not sent: the server no longer answers`,
    "failed": `${left} planned calls were not sent: an error ended the test`,
  };
  const isModule = findings.length > 0 && !/^https?:/.test(source) &&
    findings.some(({ command }) => command.includes(server));
  return [
    ...(stopped === null ? [] : [reasons[stopped]]),
    ...skipped.length === 0 ? [] : [
      `${procedureCount(skipped.length)} ${skipped.length === 1 ? "was" : "were"} not called: ${
        skipped.slice(0, 6).join(", ")
      }${skipped.length > 6 ? ", …" : ""}`,
    ],
    ...isModule && server.endsWith(":8000")
      ? [`The commands call ${server}: start it with "pyrpc dev ${source} --distribution server"`]
      : [],
  ];
}

function summaryOf({ procedures, calls }: TestReport, findings: readonly Finding[]): string {
  const count = findings.filter(({ level, allowed }) => level === "error" && allowed === undefined)
    .length;
  const problems = count === 0
    ? "no problems found"
    : `${count} problem${count === 1 ? "" : "s"} found`;
  return `${procedureCount(procedures.length)}, ${calls} call${
    calls === 1 ? "" : "s"
  }: ${problems}`;
}

function procedureCount(count: number): string {
  return `${count} procedure${count === 1 ? "" : "s"}`;
}
