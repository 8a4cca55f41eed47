import type { Target } from "./targets.ts";

/** Where releases are downloaded from. The one place where it is written; `install.sh` and `install.ps1` are checked against it. */
export const RELEASES = "https://github.com/pyrpc/toolkit/releases";

/** The folder inside an archive, and its name without ending. */
export function archiveFolder(target: Target, version: string): string {
  return `pyrpc-${version}-${target.triple}`;
}

/** The name of a target's archive; `engine` where it is not the one that the channels take. */
export function archiveName(target: Target, version: string, engine?: string): string {
  const ending = target.format === "pe" ? ".zip" : ".tar.gz";
  return `${archiveFolder(target, version)}${engine === undefined ? "" : `-${engine}`}${ending}`;
}
