import { ExitCode, ToolError, usageError } from "../errors.ts";

/** A text that git cannot accept as a revision. */
export function notARevision(revision: string): ToolError {
  return usageError(`"${revision}" is not a git revision`, "Use a branch, a tag or a commit");
}

/** A revision that the repository does not have. */
export function revisionNotFound(
  revision: string,
  folder: string,
  fetch: string | undefined,
): ToolError {
  return gitFailed(`No git revision "${revision}"`, folder, [
    fetch === undefined
      ? "Use a branch, a tag or a commit of this repository"
      : `Fetch it first: ${fetch}`,
    "In a GitHub workflow: actions/checkout with fetch-depth: 0 fetches all branches",
  ]);
}

/** A folder outside a repository, or a machine without git. */
export function gitUnavailable(isMissing: boolean, folder: string): ToolError {
  return gitFailed(
    isMissing ? "git is not installed" : "Not inside a git repository",
    folder,
    "--against reads the snapshot of another revision; pass two SOURCEs instead",
  );
}

/** Any failure to read a file of a git revision. */
export function gitFailed(
  message: string,
  where: string,
  fix: string | readonly string[] = [],
): ToolError {
  return new ToolError({ code: "GIT_REVISION", message, where, fix, exitCode: ExitCode.Config });
}

/** A revision without the snapshot file. */
export function snapshotNotInRevision(revision: string, path: string, shown: string): ToolError {
  return new ToolError({
    code: "SNAPSHOT_NOT_IN_REVISION",
    message: `"${revision}" has no snapshot ${shown}`,
    where: path,
    fix: "Commit one there first: pyrpc pull SOURCE -o schema.json",
    exitCode: ExitCode.Config,
  });
}

/** `pull --out ""`. */
export function emptyOut(): ToolError {
  return usageError(
    '"--out" is empty',
    "Use -o schema.json, or remove the flag to print the contract",
  );
}

/** `pull --out folder/`. */
export function outIsFolder(out: string): ToolError {
  return usageError(`--out "${out}" is a folder`, `Specify a file in it: -o ${out}schema.json`);
}

/** `pull` with both flags. */
export function checkExcludesDryRun(): ToolError {
  return usageError("--check and --dry-run exclude each other");
}

/** A flag of `pull` that only makes sense with `--out`. */
export function flagNeedsFile(flag: string): ToolError {
  return usageError(`${flag} needs a file`, "Add -o schema.json");
}
