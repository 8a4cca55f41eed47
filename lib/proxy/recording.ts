import { formatDocument, indentJson, parseJsonText } from "../json/mod.ts";
import { ABOUT, argumentsKey, redactArguments, redactData, redactResult } from "../mock/mod.ts";
import { parseExamplesText } from "../mock/files/mod.ts";
import { plainText } from "../plain_text.ts";
import { formatYaml } from "./format_yaml.ts";
import type { PassedCall } from "./proxy_dispatcher.ts";
import { valueDigest } from "./value_digest.ts";

/** Calls that passed, as a file of examples. */
export interface Recording {
  add(passed: PassedCall): void;
  /** The number of calls that were added. */
  readonly size: number;
  /** The text of the examples file: the answers of each procedure and arguments in their order. */
  format(): string;
}

/** Options of {@link startRecording}. */
export interface RecordingOptions {
  /** @default {"json"} */
  readonly format?: "json" | "yaml";
  /** Keep passwords, tokens and the like instead of replacing them. @default {false} */
  readonly keepsSecrets?: boolean;
  /** The text of a recording to add to. */
  readonly before?: string;
  /** Called once for each procedure that has too many calls to record. */
  readonly warn?: (text: string) => void;
}

const MAX_CALLS = 10_000;

type Answer = { readonly result: unknown } | { readonly error: unknown };

/** One call, with its answers in their order. */
interface Case {
  readonly args: Readonly<Record<string, unknown>>;
  readonly answers: Answer[];
}

interface RecordedProcedure {
  readonly cases: Map<string, Case>;
  /** Cases of recordings without exact arguments. */
  readonly others: readonly unknown[];
  calls: number;
}

/** The digest of a recording; `undefined` for any other text, including an edited recording. */
export function recordingDigest(text: string): string | undefined {
  const { [ABOUT]: about, ...calls } = parseRecording(text);
  const digest = Object(about)["sha256"] as unknown;
  return typeof digest === "string" && digest === valueDigest(formatDocument(calls))
    ? digest
    : undefined;
}

/** Records calls and their answers. Headers, tokens of callers and addresses are not recorded. */
export function startRecording(options: RecordingOptions = {}): Recording {
  const { format = "json", keepsSecrets = false, before = "", warn = () => undefined } = options;
  const procedures = readRecording(before);
  let size = 0;
  return {
    get size() {
      return size;
    },
    add(passed) {
      const { name } = passed.procedure;
      const recorded = procedures.get(name) ?? { cases: new Map(), others: [], calls: 0 };
      procedures.set(name, recorded);
      recorded.calls++;
      if (recorded.calls > MAX_CALLS) {
        if (recorded.calls === MAX_CALLS + 1) {
          warn(`More than ${MAX_CALLS} calls of ${name}: further ones are not recorded`);
        }
        return;
      }
      size++;
      const { procedure, arguments: given, outcome } = passed;
      const args = keepsSecrets ? given : redactArguments(procedure, given);
      const key = argumentsKey(args);
      const one = recorded.cases.get(key) ?? { args: Object.fromEntries(args), answers: [] };
      recorded.cases.set(key, one);
      one.answers.push(answerOf(procedure, outcome, keepsSecrets));
    },
    format() {
      const file = Object.fromEntries(
        [...procedures].sort(([a], [b]) => a < b ? -1 : 1).map(([name, { cases, others }]) => [
          name,
          { cases: [...others, ...[...cases.values()].map(fileCase)] },
        ]),
      );
      const about = { writtenBy: "pyrpc --record", sha256: valueDigest(formatDocument(file)) };
      const document = { [ABOUT]: about, ...file };
      return format === "yaml"
        ? formatYaml(document)
        : `${plainText(indentJson(formatDocument(document)))}\n`;
    },
  };
}

function answerOf(
  procedure: PassedCall["procedure"],
  outcome: PassedCall["outcome"],
  keepsSecrets: boolean,
): Answer {
  if (outcome.ok) {
    const { text } = outcome;
    const value = text === undefined ? outcome.value : parseJsonText(text, { marksFloats: true });
    return { result: keepsSecrets ? value : redactResult(procedure, value) };
  }
  const { code = -32603, message, data = null } = outcome.fault;
  return { error: { code, message, data: keepsSecrets ? data : redactData(data) } };
}

function fileCase({ args, answers }: Case): object {
  const [only] = answers;
  return answers.length === 1 ? { args, ...only } : { args, answers };
}

function parseRecording(text: string): Readonly<Record<string, unknown>> {
  try {
    const value = parseExamplesText(text.replace(/^\ufeff/, ""), "", { marksFloats: true });
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? value as Record<string, unknown>
      : {};
  } catch {
    return {};
  }
}

// The text is a recording that was not edited: its digest was checked.
function readRecording(text: string): Map<string, RecordedProcedure> {
  const { [ABOUT]: _, ...calls } = parseRecording(text);
  return new Map(
    Object.entries(calls as Record<string, { readonly cases: readonly FileCase[] }>).map(
      ([name, { cases }]) => [name, readCases(cases)],
    ),
  );
}

type FileCase = {
  readonly args?: Readonly<Record<string, unknown>>;
  readonly answers?: readonly Answer[];
};

function readCases(list: readonly FileCase[]): RecordedProcedure {
  const cases = new Map<string, Case>();
  const others: unknown[] = [];
  let calls = 0;
  for (const one of list) {
    const { args, answers, ...answer } = one;
    if (args === undefined) others.push(one);
    else {
      const all = [...answers ?? [answer as Answer]];
      const plain = withoutFloats(args);
      cases.set(argumentsKey(new Map(Object.entries(plain))), { args: plain, answers: all });
      calls += all.length;
    }
  }
  return { cases, others, calls };
}

// Arguments are compared by value: 1e21 is the same whether it is an integer or a float.
function withoutFloats(args: Case["args"]): Case["args"] {
  return parseJsonText(formatDocument(args)) as Case["args"];
}
