import { resolve } from "node:path";
import { asksForClients, type ClientFolders, findBreakageClients } from "../breakage/mod.ts";
import { type Allowance, type Finding, isError, withAllowance } from "../report/mod.ts";
import { findSnapshot } from "../snapshot/mod.ts";
import { classifySource, type LoadContext, type LoadOptions } from "../source/mod.ts";
import { readAllowances } from "./allowances.ts";
import { checkChanges } from "./check_changes.ts";
import { checkContract } from "./check_contract.ts";
import { checkDeployed } from "./check_deployed.ts";
import { checkSnapshot } from "./check_snapshot.ts";
import { checkTypes } from "./check_types.ts";
import { offlineExcludesSource, offlineNeedsFile } from "./errors.ts";
import { findCheckedProject, loadChecked } from "./load_checked.ts";
import type { CheckPart } from "./part.ts";

/** The outcome of one check. */
export interface CheckStep extends Pick<CheckPart, "name" | "about"> {
  readonly status: "ok" | "failed" | "skipped";
}

/** The value that `pyrpc check --json` prints. */
export interface CheckReport {
  readonly ok: boolean;
  /** Origin of the checked contract. */
  readonly source: string;
  readonly steps: readonly CheckStep[];
  readonly findings: readonly Finding[];
}

/** Parameters of {@link checkProject}. */
export interface CheckRequest {
  /** SOURCE of the command line. */
  readonly source: string | undefined;
  /** The snapshot to check instead, of `--offline`. */
  readonly offline?: string | undefined;
  /** Base revision of `--against`. */
  readonly against: string | undefined;
  /** Findings that the command line accepts. */
  readonly allow: readonly Allowance[];
  /** Clients whose broken lines are searched. */
  readonly clients?: ClientFolders;
  /** URL of `--deployed`. */
  readonly deployed?: string | undefined;
}

/** Checks contract, types, snapshot and changes. @throws ToolError if the contract cannot be loaded */
export async function checkProject(
  request: CheckRequest,
  options: LoadOptions,
  context: LoadContext,
): Promise<CheckReport> {
  const { source: given, offline, against, allow, deployed } = request;
  const source = given ?? offline;
  if (offline !== undefined) checkOffline(offline, given, context.cwd);
  const allowances = [...allow, ...await readAllowances(context.cwd)];
  const project = await findCheckedProject(context);
  const found = offline === undefined ? await findSnapshot(context) : resolve(context.cwd, offline);
  const loaded = await loadChecked(project, { source, snapshot: found }, options, context);
  const snapshot = found ?? (loaded.kind === "file" ? loaded.where : undefined);
  const isGiven = source !== undefined;
  const clients = request.clients === undefined || !asksForClients(request.clients)
    ? []
    : await findBreakageClients(request.clients, project, context.cwd);
  const parts = [
    checkContract(loaded, project.project?.framework),
    await checkTypes(project, { loaded, isGiven, options, context }),
    await checkSnapshot(snapshot, loaded, context),
    await checkChanges({ against, allowances, snapshot, clients }, loaded, context),
    ...deployed === undefined
      ? []
      : [await checkDeployed({ deployed, clients }, loaded, options, context)],
  ].map((part) => ({
    ...part,
    findings: part.findings.map((finding) => withAllowance(finding, allowances)),
  }));
  return {
    ok: !parts.some(hasError),
    source: loaded.where,
    steps: parts.map((part) => ({
      name: part.name,
      status: hasError(part) ? "failed" : part.skipped ? "skipped" : "ok",
      about: part.about,
    })),
    findings: parts.flatMap(({ findings }) => findings),
  };
}

// Never an address, and never a Python module, which is code that runs.
function checkOffline(offline: string, source: string | undefined, cwd: string): void {
  if (source !== undefined) throw offlineExcludesSource(source);
  if (classifySource(offline, cwd).kind !== "file") throw offlineNeedsFile(offline);
}

function hasError({ findings }: CheckPart): boolean {
  return findings.some(isError);
}
