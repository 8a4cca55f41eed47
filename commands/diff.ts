import { relative, resolve } from "node:path";
import { ExitCode, ToolError, usageError } from "../lib/errors.ts";
import type { AllowedFinding } from "../lib/project/mod.ts";
import type { LoadedSource } from "../lib/source/mod.ts";
import type { Console } from "../lib/runtime/mod.ts";
import { plainText, styleFor } from "../lib/terminal/mod.ts";
import { defineCommand } from "../lib/cli/mod.ts";
import {
  explainRule,
  findingsOf,
  renderGithub,
  renderJunit,
  renderMarkdown,
  renderText,
  REPORT_FORMATS,
  type ReportFormat,
  summaryOf,
} from "./_diff_formats.ts";
import { type DiffSide, type DiffView, parseAllowances, viewDiff } from "./_diff_view.ts";
import { readGitSnapshot } from "./_git_snapshot.ts";
import { findSnapshot, readAllowances } from "./_snapshot.ts";
import { SOURCE_FLAGS, type SourceFlags, sourceOptions } from "../lib/cli/mod.ts";

interface DiffFlags extends SourceFlags {
  readonly against?: string;
  readonly format?: ReportFormat;
  readonly json: boolean;
  readonly allow?: readonly string[];
  readonly failOn: "breaking" | "possibly-breaking" | "never";
  readonly explain?: string;
}

/** `pyrpc diff`: what changed between two contracts, and whom it breaks. */
export const diffCommand = defineCommand<DiffFlags, [old?: string, next?: string]>({
  summary: "Compare two contracts and say which changes break clients",
  description:
    `Each change is classed for callers by position, callers by name and readers of the result. Exit 1 when something
is breaking that is not allowed. With --against the old side is the snapshot file in a git revision, and the new side
the same file as it is now, unless another SOURCE is given.`,
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
  old?: string,
  next?: string,
): Promise<ExitCode> {
  if (flags.explain !== undefined) {
    const [allowance] = parseAllowances([flags.explain]);
    console.stdout.write(explainRule(allowance?.rule ?? ""));
    return ExitCode.Ok;
  }
  if (flags.json && flags.format !== undefined && flags.format !== "json") {
    throw usageError(`--json and --format ${flags.format} exclude each other`);
  }
  const allowances: AllowedFinding[] = [
    ...parseAllowances(flags.allow),
    ...await readAllowances(console),
  ];
  const { before, after, file } = flags.against === undefined
    ? await loadBoth(console, flags, old, next)
    : await loadAgainst(console, flags, flags.against, old, next);
  const { diffContracts } = await import("../lib/compare/mod.ts");
  const diff = diffContracts(before.contract, after.contract);
  const view = await viewDiff(before, after, diff, allowances);
  const format = flags.json ? "json" : flags.format ?? "text";
  console.stdout.write(renderDiff(view, format, console, file));
  return fails(view, flags.failOn) ? ExitCode.No : ExitCode.Ok;
}

/** A diff in one of the formats. */
export function renderDiff(
  view: DiffView,
  format: ReportFormat,
  console: Pick<Console, "stdout" | "env">,
  file: string | undefined,
): string {
  switch (format) {
    case "json":
      return `${JSON.stringify(view, null, 2)}\n`;
    case "github":
      return renderGithub(findingsOf(view, file), summaryOf(view));
    case "junit":
      return renderJunit(findingsOf(view, file), "pyrpc diff");
    case "markdown":
      return renderMarkdown(view);
    case "text":
      return renderText(view, styleFor(console.stdout, console.env));
  }
}

function fails(view: DiffView, failOn: DiffFlags["failOn"]): boolean {
  if (failOn === "never") return false;
  return view.severity === "breaking" ||
    (failOn === "possibly-breaking" && view.severity === "possibly-breaking");
}

interface Sides {
  readonly before: DiffSide;
  readonly after: DiffSide;
  /** The new side's file as annotations name it. */
  readonly file: string | undefined;
}

async function loadBoth(
  console: Console,
  flags: DiffFlags,
  old: string | undefined,
  next: string | undefined,
): Promise<Sides> {
  if (old === undefined || next === undefined) {
    throw usageError(
      old === undefined ? "Nothing to compare" : "Only one side to compare",
      "Give two SOURCEs (pyrpc diff OLD NEW), or a git revision: pyrpc diff schema.json --against main",
    );
  }
  if (old === "-" && next === "-") throw usageError("Standard input can be read only once");
  const { loadSource } = await import("../lib/source/mod.ts");
  const { options, context } = sourceOptions(flags, console);
  const before = await loadSource(old, options, context);
  const after = await loadSource(next, options, context);
  for (const side of [before, after]) reportProblems(console, side);
  return {
    before,
    after,
    file: after.kind === "file" ? shownFile(console, after.where) : undefined,
  };
}

async function loadAgainst(
  console: Console,
  flags: DiffFlags,
  revision: string,
  first: string | undefined,
  second: string | undefined,
): Promise<Sides> {
  if (second !== undefined) {
    throw usageError(
      "--against takes the place of OLD",
      `pyrpc diff ${first} --against ${revision}`,
    );
  }
  const { classifySource, loadSource } = await import("../lib/source/mod.ts");
  const { options, context } = sourceOptions(flags, console);
  const isFile = first !== undefined && classifySource(first, console.cwd).kind === "file";
  const snapshot = isFile && first !== undefined
    ? resolve(console.cwd, first)
    : await findSnapshot(console);
  if (snapshot === undefined) {
    throw usageError(
      "No snapshot file to look up in git",
      'Name it (pyrpc diff schema.json --against main), or set "snapshot" in pyrpc.json',
    );
  }
  const before = await readGitSnapshot(revision, snapshot);
  if (before === undefined) {
    throw new ToolError({
      code: "SNAPSHOT_NOT_IN_REVISION",
      message: `"${revision}" has no snapshot ${shownFile(console, snapshot)}`,
      where: snapshot,
      fix: "Commit one there first: pyrpc pull SOURCE -o schema.json",
      exitCode: ExitCode.Config,
    });
  }
  const after = await loadSource(first ?? snapshot, options, context);
  reportProblems(console, after);
  return { before, after, file: shownFile(console, snapshot) };
}

// A procedure that Python could not describe is no procedure that is gone.
function reportProblems(console: Console, { notices = [], problems = [] }: LoadedSource): void {
  for (const text of [...notices, ...problems]) {
    console.stderr.write(`warning: ${plainText(text)}\n`);
  }
}

function shownFile(console: Console, path: string): string {
  return plainText(relative(console.cwd, path).replaceAll("\\", "/") || path);
}
