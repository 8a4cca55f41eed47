import type { Target } from "./targets.ts";

/** The URL of the source. */
export const REPOSITORY = "https://github.com/pyrpc/toolkit";

/** The URL of the releases, in one place; tests check that `install.sh` and `install.ps1` agree. */
export const RELEASES = `${REPOSITORY}/releases`;

/** The name of the folder in an archive, and of the archive without its extension. */
export function archiveFolder(target: Target, version: string): string {
  return `pyrpc-${version}-${target.triple}`;
}

/** Returns the name of a target's archive; `engine` only for archives that the channels do not use. */
export function archiveName(target: Target, version: string, engine?: string): string {
  const ending = target.format === "pe" ? ".zip" : ".tar.gz";
  return `${archiveFolder(target, version)}${engine === undefined ? "" : `-${engine}`}${ending}`;
}
