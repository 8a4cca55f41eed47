import { counted } from "../counted.ts";
import type { ProxySummary } from "../proxy/mod.ts";
import type { Finding } from "../report/mod.ts";
import { VIOLATIONS } from "./summary_text.ts";

/** Findings of a proxy for a report. */
export interface ViolationReport {
  readonly findings: readonly Finding[];
  /** Procedures that were called and did not violate the contract. */
  readonly passed: readonly string[];
  readonly conclusion: string;
}

/** Makes a report of a proxy's summary. */
export function violationReport({ procedures, violations, total }: ProxySummary): ViolationReport {
  const findings = violations.map(({ procedure, kind, message, count }): Finding => ({
    rule: `proxy-${kind}`,
    level: "error",
    subject: procedure,
    message: `${VIOLATIONS[kind]}: ${message}`,
    details: count === 1 ? [] : [`${count} times`],
  }));
  const failed = new Set(violations.map(({ procedure }) => procedure));
  const passed = procedures.map(({ procedure }) => procedure).filter((name) => !failed.has(name));
  const calls = counted(total.calls, "call");
  const count = counted(findings.length, "violation");
  return { findings, passed, conclusion: `${calls}, ${count} of the contract` };
}
