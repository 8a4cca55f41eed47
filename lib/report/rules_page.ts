import { DIFF_RULES, type DiffRule, type Severity, UNDECIDED_CAUSES } from "../compare/mod.ts";
import { CHECK_RULES, type CheckRule } from "./check_rules.ts";

/** Formats the section of one rule; empty for an unknown rule. */
export function explainRule(name: string): string {
  const rules: Readonly<Record<string, DiffRule | CheckRule>> = { ...DIFF_RULES, ...CHECK_RULES };
  const rule = rules[name];
  if (rule === undefined) return "";
  return [
    `## ${name}`,
    "",
    `${rule.title}.`,
    "",
    ...severityLines(rule),
    "",
    rule.why,
    "",
    `**What to do:** ${rule.fix}`,
    "",
  ].join("\n");
}

function severityLines(rule: DiffRule | CheckRule): string[] {
  if ("level" in rule) return [`In \`pyrpc check\`: ${rule.level}.`];
  const shown = (severity: Severity) => severity.replace("-", " ");
  return [
    "| callers by position | callers by name | readers of results |",
    "| --- | --- | --- |",
    `| ${shown(rule.byPosition)} | ${shown(rule.byName)} | ${shown(rule.readers)} |`,
  ];
}

/** Formats the page of all rules, `docs/diff-rules.md`. */
export function rulesPage(): string {
  return [
    "# Rules of `pyrpc diff` and `pyrpc check`",
    "",
    "Each change between two contracts has a rule. A rule lists whom the change affects: clients that call by position",
    "(`client.add(1, 2)`), clients that call by name (`client.add({ a: 1, b: 2 })`), and clients that read results.",
    "Verdicts follow the generated types and what servers accept and send: every default is sent, a reader ignores",
    "undeclared members, `Json[T]` is answered as its value, and a discriminated union needs its tag.",
    "",
    "- **Safe**: every old call compiles, is sent as before and is accepted, and every new result fits the old type.",
    "- **Breaking**: a call or a value exists that worked before and does not now.",
    "- **Possibly breaking**: neither can be shown, for one of the reasons in the list below.",
    "",
    "A change of a model is one finding, however many procedures use the model. No changes mean the same generated types.",
    "Not covered: comparisons with literals that results no longer contain, members read by name from a `dict` that is now a model",
    "without them, arguments in variables with undeclared members, exhaustive tables over exported names, and what the contract does",
    "not show: parameters that become keyword-only in the same order (`f(a, b)` → `f(a, *, b)`) or positional-only (`f(a, /, b)`),",
    "`*args`, `**kwargs`, and checks of a model's field without a trace in its schema, such as the keys of `dict[int, …]`, validators",
    "and `exclude_if`. The contract has the Python types of parameters only.",
    "",
    "Accept a finding with `--allow RULE` or `--allow RULE:procedure`, or permanently, with its reason, in `pyrpc.json`. A change of",
    "a model is accepted by the model's name, or for each procedure that it reaches:",
    "",
    "```json",
    "{",
    '  "allow": [',
    '    { "rule": "PROCEDURE_REMOVED", "procedure": "old_one", "reason": "no client has called it since May" }',
    "  ]",
    "}",
    "```",
    "",
    "Breaking changes make the exit code 1. A breaking change is a major version, a possibly breaking change or an",
    "addition a minor version, anything else a patch. `pyrpc diff --explain RULE` prints the section of a rule.",
    "",
    "## Reasons of possibly breaking changes",
    "",
    "| reason | meaning |",
    "| --- | --- |",
    ...Object.entries(UNDECIDED_CAUSES).map(([name, text]) => `| \`${name}\` | ${text} |`),
    "",
    ...Object.keys(DIFF_RULES).map(explainRule),
    "# Further rules of `pyrpc check`",
    "",
    ...Object.keys(CHECK_RULES).map(explainRule),
  ].join("\n");
}
