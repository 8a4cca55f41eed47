import { basename, dirname } from "node:path";
import { parseJson } from "../json/mod.ts";
import { type Contract, parseContract } from "../contract/mod.ts";
import { type ProgramResult, runProgram } from "../process/mod.ts";
import { gitFailed, gitUnavailable, notARevision, revisionNotFound } from "./errors.ts";

const MAX_BYTES = 64 * 2 ** 20;
const TIME_LIMIT_MS = 30_000;

/** A contract of a git revision. */
export interface GitSnapshot {
  readonly contract: Contract;
  /** Display form: `main:schema.json`. */
  readonly where: string;
}

/**
 * Reads a snapshot file from a revision of its repository.
 *
 * @param path absolute
 * @returns undefined if the revision does not have the file
 * @throws ToolError outside a repository, for an unknown revision or an invalid contract
 */
export async function readGitSnapshot(
  revision: string,
  path: string,
): Promise<GitSnapshot | undefined> {
  if (revision === "" || revision.startsWith("-")) throw notARevision(revision);
  const folder = dirname(path);
  const where = `${revision}:${basename(path)}`;
  const object = `${revision}:./${basename(path)}`;
  const verified = await git(folder, ["rev-parse", "--verify", "--quiet", `${revision}^{commit}`]);
  if (verified.code !== 0) {
    const inside = await git(folder, ["rev-parse", "--is-inside-work-tree"]);
    throw inside.code === 0
      ? revisionNotFound(revision, folder)
      : gitUnavailable(inside.isMissing, folder);
  }
  const shown = await git(folder, ["show", object]);
  if (shown.code !== 0) {
    const exists = await git(folder, ["cat-file", "-e", object]);
    if (exists.code !== 0) return undefined;
    throw gitFailed(`git cannot show ${where}: ${shown.stderr.trim()}`, folder);
  }
  return { contract: parseContract(parseText(shown.stdout, revision, where), { where }), where };
}

function parseText(text: string, revision: string, where: string): unknown {
  try {
    return parseJson(text);
  } catch {
    const message = `The snapshot in "${revision}" is not JSON`;
    throw gitFailed(message, where, "Write it with pyrpc pull");
  }
}

function git(folder: string, args: readonly string[]): Promise<ProgramResult> {
  return runProgram("git", ["-C", folder, ...args], {
    maxBytes: MAX_BYTES,
    limitMs: TIME_LIMIT_MS,
  });
}
