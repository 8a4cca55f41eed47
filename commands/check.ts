import { resolve } from "node:path";
import { formatDocument } from "../lib/json/mod.ts";
import type { CheckReport } from "../lib/check/mod.ts";
import {
  choice,
  CLIENT_FLAGS,
  clientFolders,
  type CommandContext,
  defineCommand,
  file,
  type FlagValues,
  OPTIONAL_SOURCE_ARGUMENT,
  repeatable,
  SOURCE_FLAGS,
  sourceOptions,
  text,
  toggle,
  url,
} from "../lib/cli/mod.ts";
import { ExitCode } from "../lib/errors.ts";
import {
  escapeMarkdown,
  jsonExcludesFormat,
  markdownTable,
  parseAllowances,
  renderFindings,
  renderGithub,
  renderJunit,
  REPORT_FORMATS,
  type ReportFormat,
  withGithubErrors,
  withoutCausedLines,
  workflowCommands,
} from "../lib/report/mod.ts";
import type { Console } from "../lib/runtime/mod.ts";
import { plainText, type Style, styleFor } from "../lib/terminal/mod.ts";

const FLAGS = {
  against: text("Git revision with the base snapshot (default: the base of a pull request)", {
    placeholder: "revision",
  }),
  offline: file("Check this snapshot, without a server and without Python"),
  format: choice("Output format", REPORT_FORMATS),
  json: toggle("Same as --format json"),
  markdownFile: file("Also write the report to this file, as Markdown"),
  allow: repeatable(
    text("Accept a rule, for all procedures or for one; repeatable", {
      placeholder: "RULE[:procedure]",
    }),
  ),
  deployed: url("Check that the server at this URL supports what the frontend uses"),
  ...CLIENT_FLAGS,
  ...SOURCE_FLAGS,
};

type CheckFlags = FlagValues<typeof FLAGS>;

/** `pyrpc check`: checks the contract, types, snapshot and breaking changes of a repository. */
export const checkCommand = defineCommand({
  summary: "Check types, snapshot, breaking changes and the contract in CI",
  description:
    `Four checks: clients can use the whole contract, the types of all configured clients are current, the snapshot is
current, and nothing breaks against the base (--against, or the base of a pull request in GitHub Actions). The
contract comes from SOURCE, else from the entry in pyrpc.json, else from the server in pyrpc-client.json.
--client-root lists the lines of a client that break. --deployed compares that contract with a deployed server: exit 1
if the server lacks a procedure or has an incompatible one; with --client-root only if the client uses it.
Exit 1 if a check fails.`,
  examples: [
    { command: "pyrpc check", does: "run all checks that apply here" },
    { command: "pyrpc check --against main", does: "also compare with main" },
    { command: "pyrpc check --format github", does: "as annotations of a workflow" },
    {
      command: "pyrpc check --format github --markdown-file report.md",
      does: "also for a comment on the pull request",
    },
    { command: "pyrpc check http://localhost:8000", does: "check a running server" },
    { command: "pyrpc check --offline schema.json", does: "check a committed snapshot" },
    {
      command: "pyrpc check schema.json --deployed https://api.example.com --client-root .",
      does: "check before the frontend is deployed",
    },
  ],
  flags: FLAGS,
  args: [OPTIONAL_SOURCE_ARGUMENT],
  readsClient: ({ offline }, source) => (source ?? offline) === undefined,
  run,
});

async function run(
  { console }: CommandContext,
  flags: CheckFlags,
  source?: string,
): Promise<ExitCode> {
  if (flags.json && flags.format !== undefined && flags.format !== "json") {
    throw jsonExcludesFormat(flags.format);
  }
  const format = flags.json ? "json" : flags.format ?? "text";
  return await withGithubErrors(console.stdout, format === "github", async () => {
    const { checkProject } = await import("../lib/check/mod.ts");
    const { options, context } = sourceOptions(flags, console);
    const { against, offline, deployed } = flags;
    const allow = parseAllowances(flags.allow);
    const clients = clientFolders(flags);
    const request = { source, offline, against, allow, clients, deployed };
    const report = await checkProject(request, options, context);
    const text = render(report, format, console);
    console.stdout.write(format === "github" ? workflowCommands(text) : text);
    if (flags.markdownFile !== undefined) {
      const { applyPlan, planFile } = await import("../lib/delivery/mod.ts");
      const path = resolve(console.cwd, flags.markdownFile);
      const mayReplace = (present: string) => present.trim() === "" || MARKDOWN_MARK.test(present);
      applyPlan(planFile(path, renderMarkdown(report), { mayReplace, flag: "--markdown-file" }));
    }
    return report.ok ? ExitCode.Ok : ExitCode.No;
  });
}

function render(report: CheckReport, format: ReportFormat, console: Console): string {
  switch (format) {
    case "json":
      return `${formatDocument(report, "  ")}\n`;
    case "github":
      return renderGithub(report.findings, summaryOf(report), console);
    case "junit":
      return renderJunit(withoutCausedLines(report.findings), "pyrpc check");
    case "markdown":
      return renderMarkdown(report);
    case "text":
      return renderText(report, styleFor(console.stdout, console.env));
  }
}

function summaryOf({ ok, steps }: CheckReport): string {
  if (ok) {
    return `All checks passed: ${steps.map(({ name, status }) => `${name} ${status}`).join(", ")}`;
  }
  const failed = steps.filter(({ status }) => status === "failed").length;
  return `${failed} check${failed === 1 ? "" : "s"} failed`;
}

/** The first line of a report, by which the file of an earlier run is recognized. */
const MARKDOWN_MARK = /^### \S+ pyrpc check\n/;

function renderMarkdown({ ok, steps, findings }: CheckReport): string {
  const marks = { ok: "✅", failed: "❌", skipped: "⏭️" } as const;
  const lines = steps.map(({ name, status, about }) =>
    `- ${marks[status]} **${name}**: ${escapeMarkdown(about)}`
  );
  const shown = withoutCausedLines(findings);
  const table = shown.length === 0 ? [] : [...markdownTable(shown), ""];
  return [`### ${ok ? "✅" : "❌"} pyrpc check`, "", ...lines, "", ...table].join("\n");
}

function renderText(report: CheckReport, style: Style): string {
  const marks = {
    ok: style.green("✓"),
    failed: style.red("✗"),
    skipped: style.dim("-"),
  } as const;
  const steps = report.steps.map(({ name, status, about }) =>
    `${marks[status]} ${name.padEnd(8)}  ${style.dim(plainText(about))}\n`
  );
  return `${steps.join("")}${renderFindings(withoutCausedLines(report.findings), style)}${
    summaryOf(report)
  }\n`;
}
