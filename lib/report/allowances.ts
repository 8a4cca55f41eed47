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

const RULES: readonly string[] = Object.keys({ ...DIFF_RULES, ...CHECK_RULES });

/**
 * Parses `--allow RULE[:procedure]`.
 *
 * @param rules the rules of the command (default: those of `diff` and `check`)
 * @throws ToolError exit code 2 for an unknown rule
 */
export function parseAllowances(
  flags: readonly string[] | undefined,
  rules: readonly string[] = RULES,
): Allowance[] {
  return (flags ?? []).map((text) => {
    const colon = text.indexOf(":");
    const rule = colon === -1 ? text : text.slice(0, colon);
    assertRule(rule, rules);
    const reason = "allowed on the command line";
    return colon === -1 ? { rule, reason } : { rule, procedure: text.slice(colon + 1), reason };
  });
}

/** @throws ToolError exit code 2 for an unknown rule */
export function assertRule(rule: string, rules: readonly string[] = RULES): void {
  if (!rules.includes(rule)) throw unknownRule(rule, rules);
}

/** Returns the finding with the reason of the first allowance that matches it. */
export function withAllowance(finding: Finding, allowances: readonly Allowance[]): Finding {
  if (finding.allowed !== undefined || finding.level === "notice") return finding;
  const allowance = allowances.find(({ rule, procedure }) =>
    rule === finding.rule && (procedure === undefined || procedure === finding.subject)
  );
  return allowance === undefined ? finding : { ...finding, allowed: allowance.reason };
}
