import type { Console } from "../lib/runtime/mod.ts";
import type {
  OpenKind,
  ProcedureStatistics,
  ProxyViolation,
  Statistics,
} from "../lib/proxy/mod.ts";
import { plainLine, plainText, styleFor } from "../lib/terminal/mod.ts";

/** What a proxy has seen, told at its end. */
export interface ProxyReport {
  violation(violation: ProxyViolation): void;
  openKind(procedure: string, kind: OpenKind): void;
  /** Different violations. */
  readonly violations: number;
  /** Prints the summary. */
  print(statistics: Statistics, flags: { readonly json: boolean }): void;
}

const MAX_KEPT = 1000;

/** Collects; `tell` is called once for each different violation, as it happens. */
export function startReport(console: Console, tell: (text: string) => void): ProxyReport {
  const violations = new Map<string, { readonly violation: ProxyViolation; count: number }>();
  const openKinds = new Map<string, { procedure: string; kind: OpenKind; count: number }>();
  return {
    get violations() {
      return violations.size;
    },
    violation(violation) {
      const key = `${violation.kind} ${violation.procedure} ${violation.message}`;
      const known = violations.get(key);
      if (known !== undefined) known.count++;
      else if (violations.size < MAX_KEPT) {
        violations.set(key, { violation, count: 1 });
        tell(violationText(violation));
      }
    },
    openKind(procedure, kind) {
      const key = `${procedure} ${kind.path} ${kind.found}`;
      const known = openKinds.get(key);
      if (known !== undefined) known.count++;
      else if (openKinds.size < MAX_KEPT) openKinds.set(key, { procedure, kind, count: 1 });
    },
    print(statistics, flags) {
      if (flags.json) {
        console.stdout.write(`${
          JSON.stringify({
            event: "summary",
            total: statistics.total,
            procedures: statistics.procedures,
            violations: [...violations.values()].map(({ violation, count }) => ({
              ...violation,
              count,
            })),
            openTypes: [...openKinds.values()].map(({ procedure, kind, count }) => ({
              procedure,
              ...kind,
              count,
            })),
          })
        }\n`);
        return;
      }
      const lines = [
        "",
        ...latencyLines(statistics, console),
        ...openLines([...openKinds.values()]),
        ...violationLines([...violations.values()], console),
      ];
      console.stderr.write(`${lines.join("\n")}\n`);
    },
  };
}

const KINDS: Readonly<Record<ProxyViolation["kind"], string>> = {
  result: "a result that the contract forbids",
  accepted: "arguments that the contract forbids were taken",
  refused: "arguments that the contract allows were refused",
  broken: "no answer of a pyRPC server",
  unknown: "not in the contract",
};

function violationText({ procedure, kind, message }: ProxyViolation): string {
  return `${procedure}: ${KINDS[kind]}: ${message}`;
}

const WIDTH = 30;

// A bar to the 99th percentile: full to the median, lighter to the 95th.
function latencyLines(statistics: Statistics, console: Console): string[] {
  const style = styleFor(console.stderr, console.env);
  const rows = statistics.procedures.slice(0, 40);
  if (rows.length === 0) return ["No calls"];
  const all = [...rows, ...(rows.length > 1 ? [{ ...statistics.total, procedure: "all" }] : [])];
  const longest = Math.max(...all.map(({ p99 }) => p99), 0.001);
  const names = all.map(({ procedure }) => plainLine(procedure, 32));
  const width = Math.max(...names.map((name) => name.length), 9);
  return [
    style.dim(`${"procedure".padEnd(width)}  calls  errors      p50      p95      p99 ms`),
    ...all.map((row, index) =>
      `${names[index]!.padEnd(width)}  ${numbers(row)}  ${bar(row, longest)}`
    ),
  ];
}

function numbers({ calls, errors, p50, p95, p99 }: ProcedureStatistics): string {
  const times = [p50, p95, p99].map((ms) => ms.toFixed(ms < 10 ? 2 : 0).padStart(7)).join("  ");
  return `${String(calls).padStart(5)}  ${String(errors).padStart(6)}  ${times}`;
}

function bar({ p50, p95, p99 }: ProcedureStatistics, longest: number): string {
  const cells = (ms: number) => Math.round((ms / longest) * WIDTH);
  const [half, most, nearly] = [Math.max(1, cells(p50)), cells(p95), cells(p99)];
  return "█".repeat(half) + "▒".repeat(Math.max(0, most - half)) +
    "░".repeat(Math.max(0, nearly - Math.max(most, half)));
}

function openLines(
  kinds: readonly { procedure: string; kind: OpenKind; count: number }[],
): string[] {
  if (kinds.length === 0) return [];
  return [
    "",
    "Where the contract leaves the type open, the server sent:",
    ...kinds.map(({ procedure, kind, count }) =>
      plainText(
        `  ${procedure} → ${kind.path}: ${kind.found} (${kind.allowed.join(" or ")}), ${
          count === 1 ? "once" : `${count} times`
        }`,
      )
    ),
  ];
}

function violationLines(
  violations: readonly { violation: ProxyViolation; count: number }[],
  console: Console,
): string[] {
  const style = styleFor(console.stderr, console.env);
  if (violations.length === 0) return ["", style.green("No violations of the contract")];
  return [
    "",
    style.red(violations.length === 1 ? "1 violation" : `${violations.length} violations`),
    ...violations.map(({ violation, count }) =>
      plainText(`  ${violationText(violation)}${count > 1 ? `, ${count} times` : ""}`)
    ),
  ];
}
