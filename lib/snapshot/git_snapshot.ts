import { basename, dirname } from "node:path";
import { shellWord } from "../shell_word.ts";
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
    if (inside.code !== 0) throw gitUnavailable(inside.isMissing, folder);
    const remotes = (await git(folder, ["remote"])).stdout.split("\n").filter((name) =>
      name !== ""
    );
    throw revisionNotFound(revision, folder, fetchCommand(revision, remotes));
  }
  const shown = await git(folder, ["show", object]);
  if (shown.code !== 0) {
    const exists = await git(folder, ["cat-file", "-e", object]);
    if (exists.code !== 0) return undefined;
    throw gitFailed(`git cannot show ${where}: ${shown.stderr.trim()}`, folder);
  }
  return { contract: parseContract(parseText(shown.stdout, revision, where), { where }), where };
}

/** The command that fetches a revision of a remote repository, also in a shallow or single-branch clone. */
export function fetchCommand(revision: string, remotes: readonly string[]): string | undefined {
  const remote = remotes.find((name) => revision.startsWith(`${name}/`));
  const name = remote ?? (remotes.includes("origin") ? "origin" : remotes[0]);
  if (name === undefined) return undefined;
  if (/[~^@:{]/.test(revision)) return `git fetch --unshallow ${name}`;
  if (/^[0-9a-f]{7,64}$/.test(revision)) return `git fetch ${name} ${revision}`;
  const branch = remote === undefined ? revision : revision.slice(remote.length + 1);
  const target = remote === undefined ? branch : `refs/remotes/${revision}`;
  return `git fetch ${name} ${shellWord(`${branch}:${target}`)}`;
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
