import {
  choice,
  type CommandContext,
  defineCommand,
  file,
  type FlagValues,
  integer,
  mutuallyExclusive,
  repeatable,
  repeatedArgument,
  reportSource,
  SOURCE_FLAGS,
  sourceOptions,
  text,
  toggle,
  url,
  withDefault,
} from "../../lib/cli/mod.ts";
import type { TestProgress } from "../../lib/contract_test/mod.ts";
import { counted } from "../../lib/counted.ts";
import { ExitCode } from "../../lib/errors.ts";
import {
  jsonExcludesFormat,
  parseAllowances,
  REPORT_FORMATS,
  type ReportFormat,
  withAllowance,
  withGithubErrors,
  workflowCommands,
} from "../../lib/report/mod.ts";
import type { Console, EndSignal } from "../../lib/runtime/mod.ts";
import { findingOf, renderReport } from "./render.ts";

const FLAGS = {
  all: toggle("Call every procedure, also those that change data"),
  serverUrl: url("Call this server; SOURCE then only provides the contract"),
  seed: text("Seed for the generated arguments (default: empty)"),
  maxCalls: withDefault(
    integer("Maximum number of calls", { min: 1, max: 1_000_000 }),
    "2000",
  ),
  rate: integer("Maximum calls per second (default: no limit)", { min: 1, max: 100_000 }),
  examples: file("Try the arguments in this file of examples (JSON or YAML) first"),
  format: choice("Output format", REPORT_FORMATS),
  json: toggle("Same as --format json"),
  allow: repeatable(
    text("Accept a rule, for all procedures or for one; repeatable", {
      placeholder: "RULE[:procedure]",
    }),
  ),
  ...SOURCE_FLAGS,
};

type Flags = FlagValues<typeof FLAGS>;

/** `pyrpc test`: calls a backend with generated arguments and compares its answers with its contract. */
export const testCommand = defineCommand({
  summary: "Test a backend against its contract with generated calls",
  description:
    `Valid arguments must be answered with a result that fits the contract, or with the procedure's own error; invalid ones
must be rejected. A module is served for the test, and its queries (@rpc.query) are called; for a URL, list
the procedures, or call all with --all. Failing arguments are simplified and printed as a "pyrpc call" command.
Exit 1 if there is a problem.`,
  examples: [
    { command: "pyrpc test app.main", does: "the queries of a module" },
    { command: "pyrpc test app.main --all", does: "every procedure, also those that change data" },
    {
      command: "pyrpc test http://localhost:8000 greet 'users.*'",
      does: "some procedures of a running server",
    },
    {
      command: "pyrpc test schema.json --server-url http://localhost:8000 --all",
      does: "a server against a snapshot",
    },
    { command: "pyrpc test app.main --format junit > report.xml", does: "a report for CI" },
  ],
  flags: FLAGS,
  args: [
    repeatedArgument(
      "SOURCE NAME",
      "URL, module or schema file, and the procedures to call: names, or patterns with *",
      { minimum: 1 },
    ),
  ],
  run,
});

async function run(
  { console }: CommandContext,
  flags: Flags,
  source: string,
  ...names: string[]
): Promise<ExitCode> {
  if (flags.all && names.length > 0) throw mutuallyExclusive("Names of procedures", "--all");
  if (flags.json && flags.format !== undefined && flags.format !== "json") {
    throw jsonExcludesFormat(flags.format);
  }
  const format = flags.json ? "json" : flags.format ?? "text";
  return await withGithubErrors(
    console.stdout,
    format === "github",
    () => testAndReport(console, { flags, format, source, names }),
  );
}

async function testAndReport(
  console: Console,
  { flags, format, source, names }: {
    readonly flags: Flags;
    readonly format: ReportFormat;
    readonly source: string;
    readonly names: readonly string[];
  },
): Promise<ExitCode> {
  const { testBackend, TEST_RULES } = await import("../../lib/contract_test/mod.ts");
  const allowances = parseAllowances(flags.allow, Object.keys(TEST_RULES));
  const { options } = sourceOptions(flags, console);
  const { all, serverUrl, examples, seed, maxCalls, rate } = flags;
  const request = {
    source,
    names,
    all,
    serverUrl,
    examples,
    seed: seed ?? "",
    maxCalls,
    rate,
    connection: flags,
  };
  const ended = new AbortController();
  let signal: EndSignal | undefined;
  const stopListening = console.onSignal((name) => {
    signal ??= name;
    ended.abort();
  });
  const progress = progressLine(console);
  try {
    const report = await testBackend(request, options, {
      cwd: console.cwd,
      env: console.env,
      stdin: console.stdin,
      monotonic: () => console.monotonic(),
      after: (milliseconds, callback) => console.after(milliseconds, callback),
      signal: ended.signal,
      onLoaded: (loaded) => void reportSource(console, loaded),
      onProgress: progress.show,
    });
    progress.clear();
    const findings = report.findings.map((one) => withAllowance(findingOf(one), allowances));
    const isOk = !findings.some(({ level, allowed }) => level === "error" && allowed === undefined);
    const text = renderReport(format, { ...report, ok: isOk }, findings, console);
    console.stdout.write(format === "github" ? workflowCommands(text) : text);
    if (signal !== undefined) {
      return signal === "SIGINT" ? ExitCode.Interrupted : ExitCode.Terminated;
    }
    if (report.error !== undefined) throw report.error;
    return isOk ? ExitCode.Ok : ExitCode.No;
  } finally {
    progress.clear();
    stopListening();
  }
}

const PROGRESS_MS = 200;
const PROGRESS_WITHOUT_TERMINAL_MS = 10_000;

// One line that is replaced on a terminal; a line every ten seconds elsewhere.
function progressLine(console: Console) {
  const { isTerminal } = console.stderr;
  let last = console.monotonic();
  let isShown = false;
  return {
    show({ calls, planned, failures }: TestProgress): void {
      const now = console.monotonic();
      if (now - last < (isTerminal ? PROGRESS_MS : PROGRESS_WITHOUT_TERMINAL_MS)) return;
      last = now;
      const line = `${calls} of at most ${counted(planned, "call")}, ${
        counted(failures, "problem")
      }`;
      console.stderr.write(isTerminal ? bytes(`\r\x1b[K${line}`) : `${line}\n`);
      isShown = isTerminal;
    },
    clear(): void {
      if (isShown) console.stderr.write(bytes("\r\x1b[K"));
      isShown = false;
    },
  };
}

// A console escapes control characters in text.
function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
