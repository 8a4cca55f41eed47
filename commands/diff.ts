import { formatDocument } from "../lib/json/mod.ts";
import {
  choice,
  CLIENT_FLAGS,
  clientFolders,
  type CommandContext,
  defineCommand,
  type FlagValues,
  optionalArgument,
  repeatable,
  SOURCE_FLAGS,
  sourceOptions,
  text,
  toggle,
  withDefault,
} from "../lib/cli/mod.ts";
import { ExitCode } from "../lib/errors.ts";
import {
  type DiffReport,
  explainRule,
  findingsOf,
  jsonExcludesFormat,
  lineFindings,
  parseAllowances,
  renderGithub,
  renderJunit,
  renderMarkdown,
  renderText,
  REPORT_FORMATS,
  type ReportFormat,
  summaryOf,
  withGithubErrors,
  workflowCommands,
} from "../lib/report/mod.ts";
import type { Console } from "../lib/runtime/mod.ts";
import { plainText, renderError, styleFor } from "../lib/terminal/mod.ts";

const FLAGS = {
  against: text("Git revision whose snapshot is the old side", { placeholder: "revision" }),
  format: choice("Output format", REPORT_FORMATS),
  json: toggle("Same as --format json"),
  allow: repeatable(
    text("Accept a rule, for all procedures or for one; repeatable", {
      placeholder: "RULE[:procedure]",
    }),
  ),
  failOn: withDefault(
    choice("Lowest severity with exit code 1", ["breaking", "possibly-breaking", "never"]),
    "breaking",
  ),
  explain: text("Print the explanation of a rule, and nothing else", { placeholder: "RULE" }),
  ...CLIENT_FLAGS,
  ...SOURCE_FLAGS,
};

type DiffFlags = FlagValues<typeof FLAGS>;

/** `pyrpc diff`: lists the changes between two contracts by their effect on clients. */
export const diffCommand = defineCommand({
  summary: "Compare two contracts and report breaking changes",
  description:
    `Each change has a severity for callers by position, callers by name and readers of the result. Exit 1 for a breaking
change that is not allowed. With --against the old side is the snapshot file of a git revision, and the new side the
current file, unless another SOURCE is given. With --client-root each change lists the lines of that client which do
not compile any more, found by the client's own TypeScript; nothing in the client is changed.`,
  examples: [
    { command: "pyrpc diff old.json new.json", does: "two snapshots" },
    {
      command: "pyrpc diff https://api.example.com app.main",
      does: "the deployed server against the local code",
    },
    {
      command: "pyrpc diff schema.json --against main",
      does: "the snapshot of this branch and of main",
    },
    { command: "pyrpc diff schema.json --against main --format github", does: "as annotations" },
    {
      command: "pyrpc diff schema.json app.main --client-root ../web",
      does: "also list the lines of the frontend that break",
    },
    { command: "pyrpc diff --explain INPUT_NARROWED", does: "explain a rule" },
  ],
  flags: FLAGS,
  args: [
    optionalArgument("OLD", "Schema file, URL or module before the change"),
    optionalArgument("NEW", "Schema file, URL or module after the change"),
  ],
  run,
});

async function run(
  { console }: CommandContext,
  flags: DiffFlags,
  first?: string,
  second?: string,
): Promise<ExitCode> {
  if (flags.explain !== undefined) {
    const [allowance] = parseAllowances([flags.explain]);
    console.stdout.write(explainRule(allowance?.rule ?? ""));
    return ExitCode.Ok;
  }
  if (flags.json && flags.format !== undefined && flags.format !== "json") {
    throw jsonExcludesFormat(flags.format);
  }
  const format = flags.json ? "json" : flags.format ?? "text";
  return await withGithubErrors(console.stdout, format === "github", async () => {
    const { diffSources } = await import("../lib/check/mod.ts");
    const { options, context } = sourceOptions(flags, console);
    const { against } = flags;
    const allow = parseAllowances(flags.allow);
    const request = { first, second, against, allow, clients: clientFolders(flags) };
    const { report, warnings, file } = await diffSources(request, options, context);
    for (const text of warnings) console.stderr.write(`warning: ${plainText(text)}\n`);
    const text = render(report, format, file, console);
    console.stdout.write(format === "github" ? workflowCommands(text) : text);
    return await exitCodeOf(report, flags.failOn, console);
  });
}

function render(
  report: DiffReport,
  format: ReportFormat,
  file: string | undefined,
  console: Console,
): string {
  switch (format) {
    case "json":
      return `${formatDocument(report, "  ")}\n`;
    case "github":
      return renderGithub(
        [...findingsOf(report, file), ...lineFindings(report)],
        summaryOf(report),
        console,
      );
    case "junit":
      return renderJunit(findingsOf(report, file), "pyrpc diff");
    case "markdown":
      return renderMarkdown(report);
    case "text":
      return renderText(report, styleFor(console.stdout, console.env));
  }
}

// Clients that were not compiled do not hide the verdict on the contract.
async function exitCodeOf(
  report: DiffReport,
  failOn: DiffFlags["failOn"],
  console: Console,
): Promise<ExitCode> {
  const failed = (report.clients ?? []).flatMap(({ root, problem }) =>
    problem === undefined ? [] : [{ root, problem }]
  );
  const isNo = isFailure(report, failOn);
  if (failed.length === 0) return isNo ? ExitCode.No : ExitCode.Ok;
  const { clientsNotCompiled } = await import("../lib/breakage/mod.ts");
  const error = clientsNotCompiled(failed);
  if (!isNo) throw error;
  console.stderr.write(`${renderError(error, styleFor(console.stderr, console.env))}\n`);
  return ExitCode.No;
}

function isFailure({ severity }: DiffReport, failOn: DiffFlags["failOn"]): boolean {
  if (failOn === "never") return false;
  return severity === "breaking" ||
    (failOn === "possibly-breaking" && severity === "possibly-breaking");
}
