import { relative } from "node:path";
import type { GeneratedTypes } from "../lib/codegen/mod.ts";
import { changesOf, type TargetState } from "../lib/delivery/mod.ts";
import { nameLines } from "../lib/cli/mod.ts";

/** The state of a target as a message about its file. */
export function stateInBrief({ chosen, freshness, files }: TargetState): string {
  switch (freshness) {
    case "missing":
      return chosen.layout === "package" ? "the package is not installed" : "the file is missing";
    case "placeholder":
      return "only the placeholder of the package is there";
    case "foreign":
      return "the file was not written by pyrpc";
    case "conflicted":
      return "the file has merge conflicts";
    case "truncated":
      return "the file is incomplete";
    case "stale":
      return hasOtherTypes(files[0])
        ? "the types are not those of the contract"
        : "the files beside the types are not up to date";
    case "current":
      return "the types are current";
  }
}

/** The names that changed, and the files beside the types that are not up to date. */
export function stateDetails(state: TargetState, generated: GeneratedTypes, cwd: string): string[] {
  if (state.freshness !== "stale") return [];
  const [types, ...others] = state.files;
  if (hasOtherTypes(types)) return nameLines(changesOf(state, generated).changes.procedures);
  return others.filter(({ state }) => state === "create" || state === "change")
    .map(({ path, state }) =>
      `${relative(cwd, path).replaceAll("\\", "/")} ${
        state === "create" ? "is missing" : "differs"
      }`
    );
}

function hasOtherTypes(types: TargetState["files"][number] | undefined): boolean {
  return types !== undefined && types.state !== "same" && types.state !== "formatted";
}
