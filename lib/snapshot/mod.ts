/** Snapshots: contracts kept as files, found in a project, read from git, written by `pyrpc pull`. @module */
export {
  checkExcludesDryRun,
  emptyOut,
  flagNeedsFile,
  outIsFolder,
  snapshotNotInRevision,
} from "./errors.ts";
export { findSnapshot } from "./find_snapshot.ts";
export { type GitSnapshot, readGitSnapshot } from "./git_snapshot.ts";
export { type PulledSnapshot, type PullRequest, pullSnapshot } from "./pull_snapshot.ts";
