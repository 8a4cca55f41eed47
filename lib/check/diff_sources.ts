import { resolve } from "node:path";
import {
  addBrokenLines,
  asksForClients,
  type ClientFolders,
  findBreakageClients,
} from "../breakage/mod.ts";
import { type Allowance, type DiffReport, type DiffSide, reportDiff } from "../report/mod.ts";
import { findSnapshot, readGitSnapshot, snapshotNotInRevision } from "../snapshot/mod.ts";
import {
  classifySource,
  type LoadContext,
  type LoadedSource,
  type LoadOptions,
  loadSource,
} from "../source/mod.ts";
import { readAllowances } from "./allowances.ts";
import {
  againstReplacesOld,
  noSnapshotFile,
  nothingToCompare,
  oneSideOnly,
  stdinReadTwice,
} from "./errors.ts";
import { findCheckedProject } from "./load_checked.ts";
import { shownPath } from "./part.ts";

/** Parameters of {@link diffSources}. */
export interface DiffRequest {
  /** The first SOURCE; with `against` the new side. */
  readonly first: string | undefined;
  readonly second: string | undefined;
  /** Git revision whose snapshot is the old side. */
  readonly against: string | undefined;
  /** Changes that the command line accepts. */
  readonly allow: readonly Allowance[];
  /** Clients whose broken lines are searched. */
  readonly clients?: ClientFolders;
}

/** A diff with the messages of loading both sides. */
export interface SourcesDiff {
  readonly report: DiffReport;
  /** Warnings of the loaded sources, one line each. */
  readonly warnings: readonly string[];
  /** File of the new side, for annotations. */
  readonly file: string | undefined;
}

interface Sides {
  readonly before: DiffSide;
  readonly after: DiffSide;
  readonly warnings: readonly string[];
  readonly file: string | undefined;
}

/** Loads two contracts and compares them. @throws ToolError if a side is missing or cannot be loaded */
export async function diffSources(
  request: DiffRequest,
  options: LoadOptions,
  context: LoadContext,
): Promise<SourcesDiff> {
  const allowances = [...request.allow, ...await readAllowances(context.cwd)];
  const { before, after, warnings, file } = request.against === undefined
    ? await loadBoth(request, options, context)
    : await loadAgainst(request.against, request, options, context);
  const report = await reportDiff(before, after, allowances);
  const folders = request.clients;
  if (folders === undefined || !asksForClients(folders)) return { report, warnings, file };
  const project = await findCheckedProject(context);
  const clients = await findBreakageClients(folders, project, context.cwd);
  return {
    report: await addBrokenLines({ before, after, report, clients }, context),
    warnings,
    file,
  };
}

async function loadBoth(
  { first, second }: DiffRequest,
  options: LoadOptions,
  context: LoadContext,
): Promise<Sides> {
  if (first === undefined) throw nothingToCompare();
  if (second === undefined) throw oneSideOnly();
  if (first === "-" && second === "-") throw stdinReadTwice();
  const before = await loadSource(first, options, context);
  const after = await loadSource(second, options, context);
  return {
    before,
    after,
    warnings: [...warningsOf(before), ...warningsOf(after)],
    file: after.kind === "file" ? shownPath(context.cwd, after.where) : undefined,
  };
}

async function loadAgainst(
  revision: string,
  { first, second }: DiffRequest,
  options: LoadOptions,
  context: LoadContext,
): Promise<Sides> {
  if (second !== undefined) throw againstReplacesOld(first ?? "", revision);
  const snapshot = first !== undefined && classifySource(first, context.cwd).kind === "file"
    ? resolve(context.cwd, first)
    : await findSnapshot(context);
  if (snapshot === undefined) throw noSnapshotFile();
  const file = shownPath(context.cwd, snapshot);
  const before = await readGitSnapshot(revision, snapshot);
  if (before === undefined) throw snapshotNotInRevision(revision, snapshot, file);
  const after = await loadSource(first ?? snapshot, options, context);
  return { before, after, warnings: warningsOf(after), file };
}

// A procedure that Python cannot describe is missing from the contract but was not removed.
function warningsOf({ warnings = [], problems = [] }: LoadedSource): string[] {
  return [...warnings, ...problems];
}
