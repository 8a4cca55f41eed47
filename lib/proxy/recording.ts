import { formatJsonText } from "../json/mod.ts";
import { ABOUT } from "../mock/examples/mod.ts";
import { jsonObject, valueDigest } from "./value_digest.ts";
import type { PassedCall } from "./proxy_dispatcher.ts";

/** Calls that passed, as a file of examples. */
export interface Recording {
  add(passed: PassedCall): void;
  /** The number of recorded calls. */
  readonly size: number;
  /** The text of the examples file: the cases of each procedure by arguments. */
  format(): string;
}

const MAX_CASES = 1000;

interface Case {
  readonly when: Readonly<Record<string, unknown>>;
  readonly result?: unknown;
  readonly error?: unknown;
}

/** The digest of a recording; `undefined` for any other text, including an edited recording. */
export function recordingDigest(text: string): string | undefined {
  const { [ABOUT]: about, ...calls } = jsonObject(text) ?? {};
  const digest = Object(about)["sha256"] as unknown;
  return typeof digest === "string" && digest === valueDigest(formatJsonText(calls))
    ? digest
    : undefined;
}

/**
 * Records the last answer for each procedure and arguments, at most 1000 different calls of a procedure. Headers, tokens
 * and callers are not recorded.
 */
export function startRecording(): Recording {
  const procedures = new Map<string, Map<string, Case>>();
  return {
    get size() {
      return [...procedures.values()].reduce((sum, cases) => sum + cases.size, 0);
    },
    add({ procedure, arguments: args, outcome }) {
      const when = Object.fromEntries(args);
      const key = formatJsonText(when);
      const cases = procedures.get(procedure.name) ?? new Map<string, Case>();
      procedures.set(procedure.name, cases);
      if (!cases.has(key) && cases.size >= MAX_CASES) return;
      cases.set(key, { when, ...answerOf(outcome) });
    },
    format() {
      const file = Object.fromEntries(
        [...procedures].sort(([a], [b]) => a < b ? -1 : 1).map(([name, cases]) => [
          name,
          { cases: [...cases].sort(byConditions).map(([, one]) => one) },
        ]),
      );
      const about = { writtenBy: "pyrpc --record", sha256: valueDigest(indented(file)) };
      return `${indented({ [ABOUT]: about, ...file })}\n`;
    },
  };
}

// The first matching case answers: calls with more arguments go before those with fewer.
function byConditions([a, one]: [string, Case], [b, other]: [string, Case]): number {
  const more = Object.keys(other.when).length - Object.keys(one.when).length;
  return more !== 0 ? more : a < b ? -1 : 1;
}

function answerOf(outcome: PassedCall["outcome"]): Pick<Case, "result" | "error"> {
  if (outcome.ok) return { result: outcome.value };
  const { code = -32603, message, data = null } = outcome.fault;
  return { error: { code, message, data } };
}

function indented(value: unknown): string {
  // `JSON.stringify` fails for integers beyond 2^53: such a file is written on one line.
  try {
    return JSON.stringify(value, null, 2);
  } catch {
    return formatJsonText(value);
  }
}
