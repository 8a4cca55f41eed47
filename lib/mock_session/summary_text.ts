import { counted } from "../counted.ts";
import type {
  ObservedType,
  ProcedureStatistics,
  ProxySummary,
  ProxyViolation,
} from "../proxy/mod.ts";
import { plainLine, plainText, type Style } from "../terminal/mod.ts";

/** Descriptions of the kinds of violations. */
export const VIOLATIONS: Readonly<Record<ProxyViolation["kind"], string>> = {
  result: "a result that the contract forbids",
  accepted: "arguments that the contract forbids were accepted",
  refused: "arguments that the contract allows were rejected",
  broken: "not an answer of a pyRPC server",
  id: "the answer to another call",
  unknown: "not in the contract",
};

/** A violation as one line. */
export function violationText({ procedure, kind, message }: ProxyViolation): string {
  return `${procedure}: ${VIOLATIONS[kind]}: ${message}`;
}

/** A proxy's summary as text: latencies, observed types, violations. */
export function summaryText(summary: ProxySummary, style: Style): string {
  const lines = [
    "",
    ...latencyLines(summary, style),
    ...typeLines(summary.openTypes),
    ...violationLines(summary.violations, style),
  ];
  return `${lines.join("\n")}\n`;
}

const BAR_WIDTH = 30;
const MAX_ROWS = 40;

function latencyLines({ total, procedures }: ProxySummary, style: Style): string[] {
  const rows = procedures.slice(0, MAX_ROWS);
  if (rows.length === 0) return ["No calls"];
  const all = rows.length > 1 ? [...rows, { ...total, procedure: "all" }] : rows;
  const longest = Math.max(...all.map(({ p99 }) => p99), 0.001);
  const width = Math.max(...all.map(({ procedure }) => shortName(procedure).length), 9);
  return [
    style.dim(`${"procedure".padEnd(width)}  calls  errors      p50      p95      p99 ms`),
    ...all.map((row) =>
      `${shortName(row.procedure).padEnd(width)}  ${numbers(row)}  ${bar(row, longest)}`
    ),
  ];
}

function shortName(procedure: string): string {
  return plainLine(procedure, 32);
}

function numbers({ calls, errors, p50, p95, p99 }: ProcedureStatistics): string {
  const times = [p50, p95, p99].map((ms) => ms.toFixed(ms < 10 ? 2 : 0).padStart(7)).join("  ");
  return `${String(calls).padStart(5)}  ${String(errors).padStart(6)}  ${times}`;
}

/** A bar up to the 99th percentile: dark up to the median, medium up to the 95th. */
function bar({ p50, p95, p99 }: ProcedureStatistics, longest: number): string {
  const cells = (ms: number) => Math.round((ms / longest) * BAR_WIDTH);
  const [dark, medium, light] = [Math.max(1, cells(p50)), cells(p95), cells(p99)];
  return "█".repeat(dark) + "▒".repeat(Math.max(0, medium - dark)) +
    "░".repeat(Math.max(0, light - Math.max(medium, dark)));
}

function typeLines(types: readonly ObservedType[]): string[] {
  if (types.length === 0) return [];
  return [
    "",
    "Types that the server sent where the contract has none:",
    ...types.map(({ procedure, path, found, allowed, count }) => {
      const times = count === 1 ? "once" : `${count} times`;
      return plainText(`  ${procedure} → ${path}: ${found} (${allowed.join(" or ")}), ${times}`);
    }),
  ];
}

function violationLines(violations: ProxySummary["violations"], style: Style): string[] {
  if (violations.length === 0) return ["", style.green("No violations of the contract")];
  return [
    "",
    style.red(counted(violations.length, "violation")),
    ...violations.map((violation) => {
      const times = violation.count > 1 ? `, ${violation.count} times` : "";
      return plainText(`  ${violationText(violation)}${times}`);
    }),
  ];
}
