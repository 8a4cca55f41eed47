import { basename, dirname } from "node:path";
import { ExitCode, ToolError, usageError } from "../lib/errors.ts";
import { type ProgramResult, runProgram } from "../lib/process/mod.ts";
import { type Contract, parseContract } from "../lib/contract/mod.ts";

const MAX_BYTES = 64 * 2 ** 20;
const TIME_LIMIT_MS = 30_000;

/** A contract as a git revision has it. */
export interface GitSnapshot {
  readonly contract: Contract;
  /** `main:schema.json`, for people. */
  readonly where: string;
}

/**
 * Reads a snapshot file as it is in a revision of the repository that it lies in.
 *
 * @param path absolute
 * @returns undefined where that revision has no such file
 * @throws ToolError for no repository, an unknown revision, a file that is no contract
 */
export async function readGitSnapshot(
  revision: string,
  path: string,
): Promise<GitSnapshot | undefined> {
  if (revision === "" || revision.startsWith("-")) {
    throw usageError(`"${revision}" is no git revision`, "Give a branch, a tag or a commit");
  }
  const folder = dirname(path);
  const where = `${revision}:${basename(path)}`;
  const known = await git(folder, ["rev-parse", "--verify", "--quiet", `${revision}^{commit}`]);
  if (known.code !== 0) {
    const inside = await git(folder, ["rev-parse", "--is-inside-work-tree"]);
    throw inside.code === 0
      ? gitError(`No git revision "${revision}"`, folder, [
        `Fetch it first: git fetch origin ${revision}`,
        "In a GitHub workflow: actions/checkout with fetch-depth: 0, and --against origin/main",
      ])
      : gitError(
        inside.isMissing ? "git is not installed" : "Not inside a git repository",
        folder,
        "--against reads the snapshot of another revision; give two SOURCEs instead",
      );
  }
  const shown = await git(folder, ["show", `${revision}:./${basename(path)}`]);
  if (shown.code !== 0) {
    const exists = await git(folder, ["cat-file", "-e", `${revision}:./${basename(path)}`]);
    if (exists.code !== 0) return undefined;
    throw gitError(`git cannot show ${where}: ${shown.stderr.trim()}`, folder, []);
  }
  let document: unknown;
  try {
    document = JSON.parse(shown.stdout);
  } catch {
    throw gitError(`The snapshot in "${revision}" is not JSON`, where, "Write it with pyrpc pull");
  }
  return { contract: parseContract(document, { where }), where };
}

function git(folder: string, args: readonly string[]): Promise<ProgramResult> {
  return runProgram("git", ["-C", folder, ...args], {
    maxBytes: MAX_BYTES,
    limitMs: TIME_LIMIT_MS,
  });
}

function gitError(message: string, where: string, fix: string | readonly string[]): ToolError {
  return new ToolError({ code: "GIT_REVISION", message, where, fix, exitCode: ExitCode.Config });
}
