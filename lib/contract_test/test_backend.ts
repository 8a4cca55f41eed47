import { resolve } from "node:path";
import {
  ALL_PROCEDURES,
  type Contract,
  isSelected,
  type JsonObject,
  type Procedure,
  unmatchedPatterns,
} from "../contract/mod.ts";
import { ExitCode, ToolError } from "../errors.ts";
import { askServer } from "../http/mod.ts";
import { createSampler } from "../mock/mod.ts";
import { parseExamples, readExamplesFile } from "../mock/files/mod.ts";
import { rpcUrl } from "../rpc_url.ts";
import type { Clock } from "../runtime/mod.ts";
import {
  classifySource,
  type LoadContext,
  type LoadedSource,
  type LoadOptions,
  loadSource,
} from "../source/mod.ts";
import { loadedModule } from "../source/module/mod.ts";
import { callLine, type ConnectionFlags } from "./call_line.ts";
import { noServerToTest, noSuchProcedures, nothingToTest } from "./errors.ts";
import { httpSender } from "./reply.ts";
import type { TestRule } from "./rules.ts";
import {
  type Failure,
  runTests,
  type TestedProcedure,
  type TestProgress,
  type TestRun,
} from "./run_tests.ts";
import { type ServedModule, serveModule } from "./serve_module.ts";
import type { Params } from "./test_case.ts";

/** Arguments of {@link testBackend}. */
export interface TestRequest {
  readonly source: string;
  /** Names of procedures to call; `*` matches any characters. */
  readonly names: readonly string[];
  /** Call all procedures, also those that change data. */
  readonly all: boolean;
  /** Call this server instead of the one of the source. */
  readonly serverUrl?: string | undefined;
  /** File of examples. */
  readonly examples?: string | undefined;
  readonly seed: string;
  readonly maxCalls: number;
  /** Maximum calls in a second. */
  readonly rate?: number | undefined;
  /** The flags of the connection, for the printed calls. */
  readonly connection?: ConnectionFlags;
}

/** One difference between a backend and its contract. */
export interface TestFinding {
  readonly rule: TestRule;
  readonly level: "error" | "notice";
  readonly procedure: string;
  readonly message: string;
  readonly details: readonly string[];
  readonly params: Params;
  /** The command that repeats the call. */
  readonly command: string;
  /** False if the same call did not fail a second time. */
  readonly repeatable: boolean;
  /** The procedure's definition, if the source is a module: relative to the working folder. */
  readonly file?: string | undefined;
  readonly line?: number | undefined;
}

/** The value that `pyrpc test --json` prints. */
export interface TestReport {
  readonly ok: boolean;
  readonly source: string;
  /** The server that was called, and that the commands name. */
  readonly server: string;
  readonly seed: string;
  readonly calls: number;
  /** The reason why planned calls were not sent. */
  readonly stopped: NonNullable<TestRun["stopped"]> | null;
  /** The error that ended the test early; not a part of the JSON. */
  readonly error: ToolError | undefined;
  readonly procedures: readonly TestedProcedure[];
  /** Procedures that were not called, because they are not declared as queries. */
  readonly skipped: readonly string[];
  readonly findings: readonly TestFinding[];
}

/** The environment of a test. */
export interface TestContext extends LoadContext, Clock {
  /** Ends the test; the findings so far are returned. */
  readonly signal: AbortSignal;
  /** Called with the contract before anything is called. */
  readonly onLoaded?: (source: LoadedSource) => void;
  readonly onProgress?: (progress: TestProgress) => void;
}

/** The address in printed commands for a module, whose server of the test has ended: that of `pyrpc dev`. */
export const DEV_URL = "http://127.0.0.1:8000";

/** Calls procedures of a backend with generated arguments, and compares its answers with the contract. @throws ToolError */
export async function testBackend(
  request: TestRequest,
  options: LoadOptions,
  context: TestContext,
): Promise<TestReport> {
  const backend = await openBackend(request, options, context);
  try {
    const { contract, url } = backend;
    const procedures = selectedProcedures(request, backend);
    const sampler = createSampler({ seed: request.seed });
    const examples = request.examples === undefined
      ? new Map<string, readonly JsonObject[]>()
      : parseExamples(await readExamplesFile(resolve(context.cwd, request.examples)), {
        contract,
        sampler,
        where: request.examples,
      }).arguments;
    const run = await runTests({
      procedures,
      sampler,
      examples,
      send: httpSender(url, { ...options, retries: 0 }, context),
      isAlive: () => answers(url, options, context),
      maxCalls: request.maxCalls,
      pace: paceOf(request.rate, context),
      signal: context.signal,
      ...(backend.served === undefined ? {} : { logOf: () => errorLines(backend.served, context) }),
      ...(context.onProgress === undefined ? {} : { onProgress: context.onProgress }),
    });
    return reportOf(run, { request, backend, procedures });
  } finally {
    await backend.served?.end();
  }
}

interface OpenedBackend {
  readonly kind: "file" | "stdin" | "url" | "module";
  readonly contract: Contract;
  readonly where: string;
  readonly url: string;
  readonly served?: ServedModule | undefined;
  /** Procedures that are declared as queries; none if the source declares no kinds. */
  readonly queries: ReadonlySet<string>;
  readonly places?: LoadedSource["places"] | undefined;
}

async function openBackend(
  { source, serverUrl }: TestRequest,
  options: LoadOptions,
  context: TestContext,
): Promise<OpenedBackend> {
  const { kind } = classifySource(source, context.cwd);
  if ((kind === "file" || kind === "stdin") && serverUrl === undefined) throw noServerToTest(kind);
  if (kind !== "module" || serverUrl !== undefined) {
    const loaded = await loadSource(source, options, context);
    return openedBackend(loaded, serverUrl ?? source, context);
  }
  const served = await serveModule(source, options, context, context);
  const loaded = loadedModule(served.contract, served.answer, source, context.cwd);
  return { ...openedBackend(loaded, served.url, context), served };
}

function openedBackend(loaded: LoadedSource, url: string, context: TestContext): OpenedBackend {
  context.onLoaded?.(loaded);
  const { kind, contract, where, places, undeclaredKinds = [] } = loaded;
  // pyRPC reports a bare `@rpc` as a query, also if it changes data, and only the module distinguishes it.
  const queries = [...contract.procedures.values()].filter((procedure) =>
    kind === "module" && procedure.kind === "query" && !undeclaredKinds.includes(procedure.name)
  );
  return { kind, contract, where, url, places, queries: new Set(queries.map(({ name }) => name)) };
}

function selectedProcedures(
  { names, all }: TestRequest,
  { kind, contract, queries }: OpenedBackend,
): Procedure[] {
  const known = [...contract.procedures.keys()];
  const selection = { ...ALL_PROCEDURES, include: names };
  const unmatched = unmatchedPatterns(contract, selection);
  if (unmatched.length > 0) throw noSuchProcedures(unmatched, known);
  const selected = [...contract.procedures.values()].filter(({ name }) =>
    names.length > 0 ? isSelected(name, selection) : all || queries.has(name)
  );
  if (selected.length === 0) throw nothingToTest(kind, known);
  return selected;
}

async function answers(url: string, options: LoadOptions, context: TestContext): Promise<boolean> {
  try {
    await askServer({ method: "GET", target: rpcUrl(url) }, { ...options, retries: 0 }, context);
    return true;
  } catch (error) {
    if (error instanceof ToolError && error.exitCode === ExitCode.Server) return false;
    throw error;
  }
}

function paceOf(rate: number | undefined, clock: Clock): () => Promise<void> {
  if (rate === undefined) return () => Promise.resolve();
  let next = clock.monotonic();
  return async () => {
    const wait = next - clock.monotonic();
    next = Math.max(next, clock.monotonic()) + 1000 / rate;
    if (wait > 0) await new Promise<void>((resolve) => void clock.after(wait, resolve));
  };
}

/** The output of a server may arrive a moment after its answer. */
const LATE_OUTPUT_MS = 50;

// The last line of a traceback: the exception.
async function errorLines(served: ServedModule | undefined, clock: Clock): Promise<string[]> {
  await new Promise<void>((resolve) => void clock.after(LATE_OUTPUT_MS, resolve));
  const last = served?.newLines().findLast((line) =>
    /^(?:\w+\.)*\w*(?:Error|Exception)\b/.test(line)
  );
  return last === undefined ? [] : [last.slice(0, 300)];
}

function reportOf(
  { failures, procedures: tested, calls, stopped, error }: TestRun,
  { request, backend, procedures }: {
    readonly request: TestRequest;
    readonly backend: OpenedBackend;
    readonly procedures: readonly Procedure[];
  },
): TestReport {
  const { contract, served, url, where, places } = backend;
  const server = served === undefined ? rpcUrl(url).where : DEV_URL;
  const address = served === undefined ? url : DEV_URL;
  const names = new Set(procedures.map(({ name }) => name));
  const findingOf = (
    { rule, level, message, details, one, isRepeatable }: Failure,
  ): TestFinding => ({
    rule,
    level,
    procedure: one.procedure.name,
    message,
    details,
    params: one.params,
    command: callLine(address, one, request.connection),
    repeatable: isRepeatable,
    ...places?.get(one.procedure.name),
  });
  return {
    ok: !failures.some(({ level }) => level === "error"),
    source: where,
    server,
    seed: request.seed,
    calls,
    stopped: stopped ?? null,
    error,
    procedures: tested,
    skipped: [...contract.procedures.keys()].filter((name) => !names.has(name)),
    findings: failures.map(findingOf),
  };
}
