import { relative } from "node:path";
import type { FileChange, InspectedTarget } from "../delivery/mod.ts";
import { changedNames } from "../report/mod.ts";

/** Describes the state of a target as a message about its file. */
export function describeTarget({ chosen, freshness, files }: InspectedTarget): string {
  switch (freshness) {
    case "missing":
      return chosen.layout === "package" ? "the package is not installed" : "the file is missing";
    case "placeholder":
      return "the types are still the placeholder: nothing has been generated yet";
    case "foreign":
      return "the file was not written by pyrpc";
    case "conflicted":
      return "the file has merge conflicts";
    case "truncated":
      return "the file is incomplete";
    case "stale":
      return hasOtherTypes(files[0])
        ? "the types are out of date"
        : "the files beside the types are out of date";
    case "current":
      return "the types are current";
  }
}

/** Lists the changed names of a stale target, or the files beside the types that are not up to date. */
export function targetDetails(
  { freshness, files, changes }: InspectedTarget,
  cwd: string,
): string[] {
  if (freshness !== "stale") return [];
  const [types, ...others] = files;
  if (hasOtherTypes(types)) return changedNames(changes.procedures);
  return others.filter(({ state }) => state === "create" || state === "change")
    .map(({ path, state }) =>
      `${relative(cwd, path).replaceAll("\\", "/")} ${
        state === "create" ? "is missing" : "differs"
      }`
    );
}

function hasOtherTypes(types: FileChange | undefined): boolean {
  return types !== undefined && types.state !== "same" && types.state !== "formatted";
}
