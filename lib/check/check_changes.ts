import { addBrokenLines, type BreakageClient } from "../breakage/mod.ts";
import { type Allowance, findingsOf, lineFindings, reportDiff } from "../report/mod.ts";
import { readGitSnapshot } from "../snapshot/mod.ts";
import type { LoadContext, LoadedSource } from "../source/mod.ts";
import { clientProblems } from "./client_problems.ts";
import { againstNeedsSnapshot } from "./errors.ts";
import { type CheckPart, shownPath, skippedPart } from "./part.ts";

/** Checks that nothing breaks against the snapshot of a git revision. */
export async function checkChanges(
  { against, allowances, snapshot, clients }: {
    /** Revision of `--against`. */
    readonly against: string | undefined;
    readonly allowances: readonly Allowance[];
    readonly snapshot: string | undefined;
    /** Clients whose broken lines are searched. */
    readonly clients: readonly BreakageClient[];
  },
  loaded: LoadedSource,
  context: LoadContext,
): Promise<CheckPart> {
  const { cwd, env } = context;
  const revision = against ?? baseRevision(env);
  if (revision === undefined) return skippedPart("changes", "no base: pass --against REVISION");
  if (snapshot === undefined) {
    if (against !== undefined) throw againstNeedsSnapshot();
    return skippedPart("changes", "the project has no snapshot");
  }
  const file = shownPath(cwd, snapshot);
  const base = await readGitSnapshot(revision, snapshot);
  if (base === undefined) return skippedPart("changes", `${revision} has no ${file}`);
  const diff = await reportDiff(base, loaded, allowances);
  const report = clients.length === 0
    ? diff
    : await addBrokenLines({ before: base, after: loaded, report: diff, clients }, context);
  return {
    name: "changes",
    about: `against ${base.where}`,
    findings: [
      // Safe changes are reported by "pyrpc diff" only.
      ...findingsOf(report, file).filter(({ level }) => level !== "notice"),
      ...lineFindings(report),
      ...clientProblems(report),
    ],
  };
}

// GitHub Actions sets the base branch of a pull request; checkout with fetch-depth 0 fetches it as a remote branch.
function baseRevision(env: LoadContext["env"]): string | undefined {
  if (env["PYRPC_AGAINST"]) return env["PYRPC_AGAINST"];
  const branch = env["GITHUB_BASE_REF"];
  return branch ? `origin/${branch}` : undefined;
}
