import type { Contract } from "../contract/mod.ts";
import {
  hasSeveralContracts,
  inspectTarget,
  type Target,
  targetsOf,
  typesOf,
} from "../delivery/mod.ts";
import type { ClientServer } from "../project/mod.ts";
import type { Finding } from "../report/mod.ts";
import { rpcUrl } from "../rpc_url.ts";
import {
  type LoadContext,
  type LoadedSource,
  type LoadOptions,
  loadSource,
} from "../source/mod.ts";
import { describeTarget, targetDetails } from "./describe_target.ts";
import type { CheckedProject } from "./load_checked.ts";
import { type CheckPart, shownPath, skippedPart } from "./part.ts";

/** Checks that the types of all configured clients are current. */
export async function checkTypes(
  project: CheckedProject,
  { loaded, isGiven, options, context }: {
    readonly loaded: LoadedSource;
    /** True if the command line names the contract. */
    readonly isGiven: boolean;
    readonly options: LoadOptions;
    readonly context: LoadContext;
  },
): Promise<CheckPart> {
  const targets = targetsOf(project);
  const isSeveral = hasSeveralContracts(targets);
  const findings: Finding[] = [];
  let count = 0;
  for (const target of targets) {
    const { server } = target;
    const contract = server === undefined || !isSeveral || isSameServer(server, loaded)
      ? loaded.contract
      // With a SOURCE only the server that it names is checked.
      : isGiven
      ? undefined
      : (await loadSource(server.url, options, context)).contract;
    if (contract === undefined) continue;
    count++;
    findings.push(...findingOf(target, contract, context.cwd));
  }
  if (count === 0) return { ...skippedPart("types", reasonWithoutTargets(project)), findings };
  return { name: "types", about: `${count} client${count === 1 ? "" : "s"}`, findings };
}

function isSameServer({ url }: ClientServer, loaded: LoadedSource): boolean {
  return loaded.kind === "url" && loaded.where === rpcUrl(url).where;
}

function findingOf(target: Target, contract: Contract, cwd: string): Finding[] {
  const state = inspectTarget(
    target,
    typesOf(contract)(target.selection),
  );
  const { chosen, freshness } = state;
  if (freshness === "current") return [];
  const file = shownPath(cwd, chosen.types);
  const isInstalled = chosen.layout !== "package" || freshness !== "missing";
  return [{
    rule: isInstalled ? "TYPES_STALE" : "TYPES_MISSING",
    level: isInstalled ? "error" : "warning",
    subject: file,
    message: describeTarget(state),
    details: targetDetails(state, cwd),
    file,
  }];
}

function reasonWithoutTargets({ project, client }: CheckedProject): string {
  if (project?.distribution === "server") return "clients fetch their types (server distribution)";
  return client?.distribution === "server"
    ? "pyrpc-client.json has no such server"
    : "no client is configured";
}
