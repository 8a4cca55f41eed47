import { defineCommand, SOURCE_FLAGS, type SourceFlags, sourceOptions } from "../lib/cli/mod.ts";
import { ExitCode } from "../lib/errors.ts";
import {
  type DiffReport,
  explainRule,
  findingsOf,
  jsonExcludesFormat,
  parseAllowances,
  renderGithub,
  renderJunit,
  renderMarkdown,
  renderText,
  REPORT_FORMATS,
  type ReportFormat,
  summaryOf,
} from "../lib/report/mod.ts";
import type { Console } from "../lib/runtime/mod.ts";
import { plainText, type Style, styleFor } from "../lib/terminal/mod.ts";

interface DiffFlags extends SourceFlags {
  readonly against?: string;
  readonly format?: ReportFormat;
  readonly json: boolean;
  readonly allow?: readonly string[];
  readonly failOn: "breaking" | "possibly-breaking" | "never";
  readonly explain?: string;
}

/** `pyrpc diff`: lists the changes between two contracts by their effect on clients. */
export const diffCommand = defineCommand<DiffFlags, [old?: string, next?: string]>({
  summary: "Compare two contracts and report breaking changes",
  description:
    `Each change has a severity for callers by position, callers by name and readers of the result. Exit 1 for a breaking
change that is not allowed. With --against the old side is the snapshot file of a git revision, and the new side the
present file, unless another SOURCE is given.`,
  examples: [
    { command: "pyrpc diff old.json new.json", does: "two snapshots" },
    {
      command: "pyrpc diff https://api.example.com app.main",
      does: "what is deployed and what is not yet",
    },
    {
      command: "pyrpc diff schema.json --against main",
      does: "the snapshot of this branch and of main",
    },
    { command: "pyrpc diff schema.json --against main --format github", does: "as annotations" },
    { command: "pyrpc diff --explain INPUT_NARROWED", does: "what a rule means" },
  ],
  parameters: {
    flags: {
      against: {
        kind: "parsed",
        parse: String,
        brief: "Git revision whose snapshot file is the old side",
        placeholder: "revision",
        optional: true,
      },
      format: {
        kind: "enum",
        values: REPORT_FORMATS,
        brief: "How to print: text, json, github (annotations), junit, markdown (a comment)",
        optional: true,
      },
      json: {
        kind: "boolean",
        brief: "The same as --format json",
        default: false,
        withNegated: false,
      },
      allow: {
        kind: "parsed",
        parse: String,
        brief: "Accept a rule, or a rule for one procedure; can be given again",
        placeholder: "RULE[:procedure]",
        variadic: true,
        optional: true,
      },
      failOn: {
        kind: "enum",
        values: ["breaking", "possibly-breaking", "never"],
        brief: "From which severity on the exit code is 1",
        default: "breaking",
      },
      explain: {
        kind: "parsed",
        parse: String,
        brief: "Print what a rule means, and nothing else",
        placeholder: "RULE",
        optional: true,
      },
      ...SOURCE_FLAGS,
    },
    positional: {
      kind: "tuple",
      parameters: [
        {
          brief: "Schema file, URL or module before the change",
          placeholder: "OLD",
          parse: String,
          optional: true,
        },
        {
          brief: "Schema file, URL or module after it",
          placeholder: "NEW",
          parse: String,
          optional: true,
        },
      ],
    },
  },
  run,
});

async function run(
  console: Console,
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
  const { diffSources } = await import("../lib/check/mod.ts");
  const { options, context } = sourceOptions(flags, console);
  const { against } = flags;
  const request = { first, second, against, allow: parseAllowances(flags.allow) };
  const { report, warnings, file } = await diffSources(request, options, context);
  for (const text of warnings) console.stderr.write(`warning: ${plainText(text)}\n`);
  const format = flags.json ? "json" : flags.format ?? "text";
  console.stdout.write(render(report, format, file, styleFor(console.stdout, console.env)));
  return isFailure(report, flags.failOn) ? ExitCode.No : ExitCode.Ok;
}

function render(
  report: DiffReport,
  format: ReportFormat,
  file: string | undefined,
  style: Style,
): string {
  switch (format) {
    case "json":
      return `${JSON.stringify(report, null, 2)}\n`;
    case "github":
      return renderGithub(findingsOf(report, file), summaryOf(report));
    case "junit":
      return renderJunit(findingsOf(report, file), "pyrpc diff");
    case "markdown":
      return renderMarkdown(report);
    case "text":
      return renderText(report, style);
  }
}

function isFailure({ severity }: DiffReport, failOn: DiffFlags["failOn"]): boolean {
  if (failOn === "never") return false;
  return severity === "breaking" ||
    (failOn === "possibly-breaking" && severity === "possibly-breaking");
}
