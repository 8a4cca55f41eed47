import { DIFF_RULES } from "../compare/mod.ts";
import { CHECK_RULES } from "./check_rules.ts";
import { unknownRule } from "./errors.ts";
import type { Finding } from "./finding.ts";

/** A rule whose findings are accepted, for all procedures or for one. */
export interface Allowance {
  readonly rule: string;
  readonly procedure?: string;
  readonly reason: string;
}

/** Parses `--allow RULE[:procedure]`. @throws ToolError exit code 2 for an unknown rule */
export function parseAllowances(flags: readonly string[] | undefined): Allowance[] {
  return (flags ?? []).map((text) => {
    const colon = text.indexOf(":");
    const rule = colon === -1 ? text : text.slice(0, colon);
    assertRule(rule);
    const reason = "allowed on the command line";
    return colon === -1 ? { rule, reason } : { rule, procedure: text.slice(colon + 1), reason };
  });
}

/** @throws ToolError exit code 2 for an unknown rule */
export function assertRule(rule: string): void {
  const rules = { ...DIFF_RULES, ...CHECK_RULES };
  if (!Object.hasOwn(rules, rule)) throw unknownRule(rule, Object.keys(rules));
}

/** Returns the finding with the reason of the first allowance that matches it. */
export function withAllowance(finding: Finding, allowances: readonly Allowance[]): Finding {
  if (finding.allowed !== undefined || finding.level === "notice") return finding;
  const allowance = allowances.find(({ rule, procedure }) =>
    rule === finding.rule && (procedure === undefined || procedure === finding.subject)
  );
  return allowance === undefined ? finding : { ...finding, allowed: allowance.reason };
}
