import { realpathSync } from "node:fs";
import { generateTypes } from "../codegen/mod.ts";
import type { Target } from "../delivery/mod.ts";
import type {
  BrokenLine,
  ClientImpact,
  ClientPosition,
  CompiledClient,
  DiffReport,
  DiffSide,
  ReportedChange,
} from "../report/mod.ts";
import { causeOf, decisivePaths, touchedPaths } from "./attribute.ts";
import { ClientTypes } from "./client_types.ts";
import { ComparedTypes } from "./compared_types.ts";
import { type Compilation, compileClient } from "./compile_client.ts";
import { problemOf, typesNotImported } from "./errors.ts";
import { shownFrom } from "./workspace_root.ts";

/** A client to compile. */
export interface BreakageClient {
  /** Absolute path of its folder. */
  readonly root: string;
  /** Possible targets of its types. The files that it compiles show others. */
  readonly targets: readonly Target[];
}

/** Parameters of {@link addBrokenLines}. */
export interface BrokenLinesRequest {
  readonly before: DiffSide;
  readonly after: DiffSide;
  /** The diff of both contracts. */
  readonly report: DiffReport;
  readonly clients: readonly BreakageClient[];
}

/** The environment of the compilers. */
export interface BreakageContext {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal?: AbortSignal | undefined;
}

interface Found {
  readonly lines: Map<ReportedChange, BrokenLine[]>;
  readonly uses: Map<ReportedChange, ClientPosition[]>;
  readonly others: BrokenLine[];
}

/**
 * Compiles clients with the types of the old and of the new contract, and adds the lines that break to the changes of
 * the diff. A client that cannot be compiled is part of the result.
 *
 * @throws the reason of the signal if it was aborted
 */
export async function addBrokenLines(
  request: BrokenLinesRequest,
  context: BreakageContext,
): Promise<DiffReport> {
  const { before, after, report, clients } = request;
  const compared = new ComparedTypes(
    generateTypes(before.contract),
    generateTypes(after.contract),
  );
  const found: Found = { lines: new Map(), uses: new Map(), others: [] };
  const compiled: CompiledClient[] = [];
  // One after the other: a compiler uses all the memory and processors that it gets.
  for (const client of clients) {
    context.signal?.throwIfAborted();
    compiled.push(await compileOne(client, request, { compared, found, context }));
  }
  context.signal?.throwIfAborted();
  // A line without a cause may use any of the changes.
  const isComplete = found.others.length === 0 &&
    compiled.every(({ problem, notes }) => problem === undefined && notes.length === 0);
  return {
    ...report,
    changes: report.changes.map((change) => ({
      ...change,
      impact: impactOf(change, found, isComplete),
    })),
    clients: compiled,
    otherLines: found.others,
  };
}

async function compileOne(
  { root, targets }: BreakageClient,
  { before, after, report }: BrokenLinesRequest,
  { compared, found, context }: {
    readonly compared: ComparedTypes;
    readonly found: Found;
    readonly context: BreakageContext;
  },
): Promise<CompiledClient> {
  const types = new ClientTypes(before.contract, after.contract);
  for (const target of targets) types.addTarget(target);
  const wanted = report.changes.flatMap((change) =>
    change.severity === "safe"
      ? []
      : touchedPaths(change, compared).map((path) => ({ change, path }))
  );
  const result = await compileClient({
    // Compilers report real paths.
    root: realpathSync(root),
    files: types.files("before"),
    versions(others) {
      for (const path of others) types.addFile(path);
      const [old, next] = [types.files("before"), types.files("after")];
      return {
        before: old,
        after: next,
        types: types.paths,
        wanted: wanted.map(({ path }) => path),
        decisive: decisivePaths(report.changes, compared),
        procedures: [...before.contract.procedures.keys()],
        isSame: old.every(({ text }, index) => text === next[index]?.text),
      };
    },
    env: context.env,
    signal: context.signal,
  });
  const show = shownFrom(root, context);
  const shown = { root: show(root), notes: [], files: 0, ownErrors: 0 };
  if (result.kind === "problem") {
    return { ...shown, typescript: result.version, problem: problemOf(result, root) };
  }
  const { typescript, files, ownErrors } = result;
  const compiled = { ...shown, typescript, files, ownErrors };
  if (!result.isImported) return { ...compiled, problem: typesNotImported(root) };
  addErrors(result, report.changes, compared, show, found);
  for (const { index, file, line, column } of result.uses) {
    const change = wanted[index]?.change;
    if (change !== undefined) push(found.uses, change, { file: show(file), line, column });
  }
  return { ...compiled, notes: result.skipped.map(skippedNote), problem: undefined };
}

function addErrors(
  { errors }: Compilation,
  changes: readonly ReportedChange[],
  types: ComparedTypes,
  show: (file: string) => string,
  { lines, others }: Found,
): void {
  for (const error of errors) {
    const { changes: causes, uses } = causeOf(error, changes, types);
    const { line, column, message } = error;
    const broken = { file: show(error.file), line, column, uses, code: `TS${error.code}`, message };
    if (causes.length === 0) others.push(broken);
    for (const change of causes) push(lines, change, broken);
  }
}

function impactOf(
  change: ReportedChange,
  { lines: allLines, uses: allUses }: Found,
  isComplete: boolean,
): ClientImpact {
  const lines = allLines.get(change) ?? [];
  const uses = lines.length > 0 ? [] : allUses.get(change) ?? [];
  const status = lines.length > 0
    ? "breaks"
    : uses.length > 0
    ? "used"
    : isComplete
    ? "unused"
    : "unknown";
  return { status, lines, uses };
}

function skippedNote(kind: string): string {
  switch (kind) {
    case "vue":
      return ".vue files are compiled only with vue-tsc 3 and TypeScript 5 or 6 in the client";
    case "angular":
      return "templates of Angular are not compiled";
    default:
      return `.${kind} files are not compiled`;
  }
}

function push<Key, Value>(map: Map<Key, Value[]>, key: Key, value: Value): void {
  const all = map.get(key) ?? [];
  map.set(key, all);
  all.push(value);
}
