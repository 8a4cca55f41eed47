import { CHECK_RULES, type CheckRule } from "../lib/report/mod.ts";
import { DIFF_RULES, type DiffRule, type Severity } from "../lib/compare/mod.ts";
import { plainText, type Style } from "../lib/terminal/mod.ts";
import type { ChangeView, DiffView, TypeChange } from "./_diff_view.ts";

/** How reports are printed. */
export const REPORT_FORMATS = ["text", "json", "github", "junit", "markdown"] as const;
export type ReportFormat = (typeof REPORT_FORMATS)[number];

/** One line of a report that every format can print. */
export interface Finding {
  /** Identifier of the rule. */
  readonly rule: string;
  readonly level: "error" | "warning" | "notice";
  /** What it is about: a procedure, a file. */
  readonly subject: string;
  readonly message: string;
  readonly details: readonly string[];
  /** Why it is accepted. */
  readonly allowed?: string | undefined;
  /** For annotations. */
  readonly file?: string | undefined;
}

const LEVELS: Readonly<Record<Severity, Finding["level"]>> = {
  breaking: "error",
  "possibly-breaking": "warning",
  safe: "notice",
};

/** The changes of a diff as findings. */
export function findingsOf(view: DiffView, file?: string): Finding[] {
  return view.changes.map((change) => ({
    rule: change.rule,
    level: LEVELS[change.severity],
    subject: subjectOf(change),
    message: `${change.message}${change.isGuess ? " (a guess)" : ""}`,
    details: [
      ...change.places.map(({ path, before, after }) => `${path}: ${before} → ${after}`),
      ...audiencesOf(change),
    ],
    allowed: change.allowed,
    file,
  }));
}

function subjectOf({ procedure, parameter, model }: ChangeView): string {
  if (procedure === undefined) return model ?? "";
  return parameter === undefined ? procedure : `${procedure}(${parameter})`;
}

// Only where not everybody is met alike.
function audiencesOf({ severity, byPosition, byName, readers }: ChangeView): string[] {
  if (severity === "safe") return [];
  const met = [
    byPosition === severity ? "callers by position" : "",
    byName === severity ? "callers by name" : "",
    readers === severity ? "readers of the result" : "",
  ].filter((name) => name !== "");
  return met.length === 3 ? [] : [`for ${met.join(" and ")}`];
}

/** `2 breaking, 1 possibly breaking, 3 safe`, or that nothing changed. */
export function summaryOf(view: DiffView): string {
  if (view.changes.length === 0) return "No changes";
  const count = (severity: Severity) =>
    view.changes.filter((change) => change.severity === severity && change.allowed === undefined)
      .length;
  const allowed = view.changes.filter((change) => change.allowed !== undefined).length;
  const parts = [
    [count("breaking"), "breaking"],
    [count("possibly-breaking"), "possibly breaking"],
    [allowed, "allowed"],
    [count("safe"), "safe"],
  ] as const;
  const words = parts.filter(([number]) => number > 0).map(([number, word]) => `${number} ${word}`);
  return `${words.join(", ")}; the next version is a ${view.bump} one`;
}

/** For people at a terminal. */
export function renderText(view: DiffView, style: Style): string {
  const lines: string[] = [];
  const groups = [
    ["Breaking", style.red, (change: ChangeView) => change.severity === "breaking"],
    [
      "Possibly breaking",
      style.yellow,
      (change: ChangeView) => change.severity === "possibly-breaking",
    ],
    ["Safe", style.green, (change: ChangeView) => change.severity === "safe"],
  ] as const;
  for (const [title, paint, belongs] of groups) {
    const changes = view.changes.filter((change) =>
      belongs(change) && change.allowed === undefined
    );
    if (changes.length === 0) continue;
    lines.push(style.bold(paint(title)));
    lines.push(...changes.flatMap((change) => changeLines(change, style)), "");
  }
  const allowed = view.changes.filter((change) => change.allowed !== undefined);
  if (allowed.length > 0) {
    lines.push(style.bold("Allowed"));
    for (const change of allowed) {
      lines.push(
        ...changeLines(change, style),
        `      ${style.dim(`because: ${plainText(change.allowed ?? "")}`)}`,
      );
    }
    lines.push("");
  }
  if (view.signatures.length + view.types.length > 0) {
    lines.push(style.bold("TypeScript"));
    for (const each of [...view.signatures, ...view.types]) {
      lines.push(
        ...typeLines(each).map((line) =>
          line.startsWith("-")
            ? style.red(`  ${plainText(line)}`)
            : line.startsWith("+")
            ? style.green(`  ${plainText(line)}`)
            : `  ${plainText(line)}`
        ),
      );
    }
    if (view.signaturesLeftOut > 0) {
      lines.push(style.dim(`  and ${view.signaturesLeftOut} more procedures`));
    }
    lines.push("");
  }
  for (const unused of view.unusedAllowances) {
    lines.push(style.dim(`note: the allowance ${plainText(unused)} matches nothing`));
  }
  lines.push(summaryOf(view));
  return `${lines.join("\n")}\n`;
}

function changeLines(change: ChangeView, style: Style): string[] {
  const [finding] = findingsOf({ changes: [change] } as unknown as DiffView);
  const { rule, subject, message, details } = finding as Finding;
  return [
    `  ${style.cyan(rule)}  ${style.bold(plainText(subject))}: ${plainText(message)}`,
    ...details.map((line) => `      ${plainText(line)}`),
  ];
}

// A small diff: lines that both have once, the others with their marks.
function typeLines({ before, after }: TypeChange): string[] {
  const old = before?.split("\n") ?? [];
  const next = after?.split("\n") ?? [];
  if (old.length <= 1 || next.length <= 1) {
    return [...old.map((line) => `- ${line}`), ...next.map((line) => `+ ${line}`)];
  }
  return lineDiff(old, next);
}

const MAX_LINES = 400;

function lineDiff(old: readonly string[], next: readonly string[]): string[] {
  if (old.length > MAX_LINES || next.length > MAX_LINES) {
    return [`- ${old.length} lines`, `+ ${next.length} lines`];
  }
  // Longest common subsequence, from the end.
  const table = Array.from(
    { length: old.length + 1 },
    () => new Array<number>(next.length + 1).fill(0),
  );
  const at = (i: number, j: number) => table[i]?.[j] ?? 0;
  for (let i = old.length - 1; i >= 0; i--) {
    for (let j = next.length - 1; j >= 0; j--) {
      (table[i] as number[])[j] = old[i] === next[j]
        ? at(i + 1, j + 1) + 1
        : Math.max(at(i + 1, j), at(i, j + 1));
    }
  }
  const lines: string[] = [];
  let [i, j] = [0, 0];
  while (i < old.length || j < next.length) {
    if (i < old.length && j < next.length && old[i] === next[j]) {
      lines.push(`  ${old[i]}`);
      i++;
      j++;
    } else if (i < old.length && (j >= next.length || at(i + 1, j) >= at(i, j + 1))) {
      lines.push(`- ${old[i++]}`);
    } else lines.push(`+ ${next[j++]}`);
  }
  return lines;
}

/** Workflow commands of GitHub Actions: an annotation for each finding that somebody should see. */
export function renderGithub(findings: readonly Finding[], summary: string): string {
  const lines = findings
    .filter(({ level, allowed }) => level !== "notice" && allowed === undefined)
    .map(({ level, rule, subject, message, details, file }) => {
      const place = file === undefined ? "" : `file=${property(file)},`;
      const text = data([`${subject}: ${message}`, ...details].join("\n"));
      return `::${level} ${place}title=${property(`pyrpc ${rule}`)}::${text}`;
    });
  return `${[...lines, `::notice title=pyrpc::${data(summary)}`].join("\n")}\n`;
}

// The escapes of the workflow command format: a line break would end the command, and begin another.
function data(text: string): string {
  return text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}

function property(text: string): string {
  return data(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
}

/** JUnit XML: a case for each finding, failed where it is an error, skipped where it is allowed. */
export function renderJunit(findings: readonly Finding[], suite: string): string {
  const errors = findings.filter(({ level, allowed }) =>
    level === "error" && allowed === undefined
  );
  const skipped = findings.filter(({ allowed }) => allowed !== undefined);
  const cases = findings.map(({ rule, level, subject, message, details, allowed, file }) => {
    const place = file === undefined ? "" : ` file="${xml(file)}"`;
    const open = `    <testcase classname="${xml(rule)}" name="${xml(subject)}"${place}>`;
    const text = xml([message, ...details].join("\n"));
    if (allowed !== undefined) {
      return [open, `      <skipped message="${xml(allowed)}"/>`, "    </testcase>"];
    }
    if (level === "error") {
      return [
        open,
        `      <failure message="${xml(message)}" type="${xml(rule)}">${text}</failure>`,
        "    </testcase>",
      ];
    }
    return [open, `      <system-out>${level}: ${text}</system-out>`, "    </testcase>"];
  });
  if (cases.length === 0) {
    cases.push([`    <testcase classname="${xml(suite)}" name="nothing found"/>`]);
  }
  const counts =
    `tests="${cases.length}" failures="${errors.length}" skipped="${skipped.length}" errors="0"`;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites ${counts}>`,
    `  <testsuite name="${xml(suite)}" ${counts}>`,
    ...cases.flat(),
    "  </testsuite>",
    "</testsuites>",
    "",
  ].join("\n");
}

const XML: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "\n": "&#10;",
};

function xml(text: string): string {
  // What XML 1.0 has no place for at all, not even as a reference.
  return text.replace(
    /[\u0000-\u0008\u000b-\u001f\ufffe\uffff]|[\ud800-\udfff](?![\udc00-\udfff])/gu,
    "\ufffd",
  )
    .replace(/[&<>"\n]/g, (character) => XML[character] ?? character);
}

/** A comment for a pull request. */
export function renderMarkdown(view: DiffView): string {
  const worst = view.severity === "breaking"
    ? "❌ Breaking changes of the API"
    : view.severity === "possibly-breaking"
    ? "⚠️ Possibly breaking changes of the API"
    : view.changes.length === 0
    ? "✅ No changes of the API"
    : "✅ No breaking changes of the API";
  const lines = [`### ${worst}`, "", `${summaryOf(view)}.`, ""];
  if (view.changes.length > 0) {
    lines.push(...markdownTable(findingsOf(view)), "");
  }
  const types = [...view.signatures, ...view.types];
  if (types.length > 0) {
    const body = types.map((each) => typeLines(each).join("\n")).join("\n\n");
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

/** Findings as a table. */
export function markdownTable(findings: readonly Finding[]): string[] {
  const marks = { error: "❌", warning: "⚠️", notice: "ℹ️" } as const;
  return [
    "| | Rule | Where | What |",
    "| --- | --- | --- | --- |",
    ...findings.map(({ level, rule, subject, message, details, allowed }) => {
      const words = [
        message,
        ...details,
        ...(allowed === undefined ? [] : [`allowed: ${allowed}`]),
      ];
      const mark = allowed === undefined ? marks[level] : "☑️";
      return `| ${mark} | \`${rule}\` | ${code(subject)} | ${words.map(cell).join("<br>")} |`;
    }),
  ];
}

function cell(text: string): string {
  return text.replace(/[\\`*_{}[\]<>()#+!|~@]/g, (mark) => `\\${mark}`).replace(/\s+/g, " ");
}

function code(text: string): string {
  const fence = "`".repeat(longestRun(text) + 1);
  const inner = text.replace(/\s+/g, " ").replaceAll("|", "\\|");
  return inner === "" ? "" : `${fence} ${inner} ${fence}`;
}

function longestRun(text: string): number {
  return Math.max(0, ...(text.match(/`+/g) ?? []).map((run) => run.length));
}

/** The page of one rule. */
export function explainRule(rule: string): string {
  const rules: Readonly<Record<string, DiffRule | CheckRule>> = { ...DIFF_RULES, ...CHECK_RULES };
  const found = rules[rule];
  if (found === undefined) return "";
  const shown = (severity: Severity) => severity.replace("-", " ");
  const classed = "level" in found ? [`In \`pyrpc check\`: ${found.level}.`] : [
    "| callers by position | callers by name | readers of results |",
    "| --- | --- | --- |",
    `| ${shown(found.byPosition)} | ${shown(found.byName)} | ${shown(found.readers)} |`,
  ];
  return [
    `## ${rule}`,
    "",
    `${found.title}.`,
    "",
    ...classed,
    "",
    found.why,
    "",
    `**What to do:** ${found.mend}`,
    "",
  ].join("\n");
}

/** The page of all rules, `docs/diff-rules.md`. */
export function rulesPage(): string {
  return [
    "# Rules of `pyrpc diff` and `pyrpc check`",
    "",
    "Each change between two contracts has a rule. A rule says whom the change meets: those who call by position",
    "(`client.add(1, 2)`), those who call by name (`client.add({ a: 1, b: 2 })`), and those who read results.",
    "Narrowing and widening are decided on the JSON Schemas; what cannot be decided is called possibly breaking.",
    "",
    "A finding is accepted with `--allow RULE` or `--allow RULE:procedure`, or for good, with its reason, in `pyrpc.json`:",
    "",
    "```json",
    "{",
    '  "allow": [',
    '    { "rule": "PROCEDURE_REMOVED", "procedure": "old_one", "reason": "no client has called it since May" }',
    "  ]",
    "}",
    "```",
    "",
    "Breaking changes make the exit code 1. For versions: breaking is a major version, possibly breaking or new a minor",
    "one, anything else a patch. `pyrpc diff --explain RULE` prints the section of a rule.",
    "",
    ...Object.keys(DIFF_RULES).map(explainRule),
    "# Further rules of `pyrpc check`",
    "",
    ...Object.keys(CHECK_RULES).map(explainRule),
  ].join("\n");
}

/** Findings for people at a terminal, errors first. */
export function renderFindings(findings: readonly Finding[], style: Style): string {
  const paints = { error: style.red, warning: style.yellow, notice: style.dim } as const;
  const lines: string[] = [];
  for (const level of ["error", "warning", "notice"] as const) {
    for (const finding of findings) {
      if (finding.level !== level) continue;
      const word = finding.allowed === undefined ? paints[level](level) : style.dim("allowed");
      lines.push(
        `${word} ${style.cyan(finding.rule)}  ${style.bold(plainText(finding.subject))}: ${
          plainText(finding.message)
        }`,
        ...finding.details.map((line) => `    ${plainText(line)}`),
      );
      if (finding.allowed !== undefined) {
        lines.push(`    ${style.dim(`because: ${plainText(finding.allowed)}`)}`);
      }
    }
  }
  return lines.map((line) => `${line}\n`).join("");
}
