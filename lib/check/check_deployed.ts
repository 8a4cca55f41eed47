import { addBrokenLines, type BreakageClient } from "../breakage/mod.ts";
import {
  type Finding,
  findingsOf,
  lineFindings,
  reportDiff,
  type ReportedChange,
} from "../report/mod.ts";
import {
  type LoadContext,
  type LoadedSource,
  type LoadOptions,
  loadSource,
} from "../source/mod.ts";
import { clientProblems } from "./client_problems.ts";
import { deployedNeedsUrl } from "./errors.ts";
import type { CheckPart } from "./part.ts";

/**
 * Checks that the deployed server has what a frontend uses: all procedures of the contract that its types come from, or,
 * if clients are compiled, those that they use.
 *
 * @param loaded the contract that the frontend was compiled against
 */
export async function checkDeployed(
  { deployed, clients }: {
    /** URL of the deployed server. */
    readonly deployed: string;
    readonly clients: readonly BreakageClient[];
  },
  loaded: LoadedSource,
  options: LoadOptions,
  context: LoadContext,
): Promise<CheckPart> {
  if (!/^https?:\/\//i.test(deployed)) throw deployedNeedsUrl(deployed);
  const server = await loadSource(deployed, options, context);
  const diff = await reportDiff(loaded, server);
  const report = clients.length === 0
    ? diff
    : await addBrokenLines({ before: loaded, after: server, report: diff, clients }, context);
  const shown = findingsOf(report);
  return {
    name: "deployed",
    about: `${server.where} against ${loaded.where}`,
    findings: [
      ...report.changes.flatMap((change, index): Finding[] => {
        const finding = shown[index];
        return finding === undefined || !concerns(change) ? [] : [deployedFinding(change, finding)];
      }),
      // A line that breaks proves the difference, whatever the severity of the change.
      ...lineFindings(report).map((finding): Finding => ({
        ...finding,
        rule: finding.rule === "CLIENT_LINE_BREAKS" ? finding.rule : "DEPLOYED_CHANGED",
        level: "error",
      })),
      ...clientProblems(report),
    ],
  };
}

function concerns({ severity, impact }: ReportedChange): boolean {
  return severity === "breaking" || impact?.status === "breaks";
}

function deployedFinding(change: ReportedChange, finding: Finding): Finding {
  const { rule, procedure, impact } = change;
  const isMissing = rule === "PROCEDURE_REMOVED" || rule === "PROCEDURE_RENAMED";
  // The frontend runs with any server if it does not use what differs.
  const level = impact?.status === "unused" ? "notice" : "error";
  return {
    ...finding,
    rule: isMissing ? "DEPLOYED_MISSING" : "DEPLOYED_CHANGED",
    level,
    message: isMissing ? `the deployed server has no "${procedure}"` : finding.message,
    details: isMissing ? finding.details : [`rule: ${rule}`, ...finding.details],
  };
}
