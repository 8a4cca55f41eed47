import * as fs from "node:fs";
import { join } from "node:path";
import type { GeneratedChanges, GeneratedTypes } from "../codegen/mod.ts";
import { checkPlan } from "./check_plan.ts";
import type { ChosenLayout } from "./choose_layout.ts";
import { readManifest, readText } from "./client_project.ts";
import { planDelivery, resolveTarget, stateOf, type TargetState } from "./deliver.ts";
import { freshnessOf } from "./freshness.ts";
import type { Target } from "./targets.ts";
import { changesOf, NO_CHANGES } from "./types_changes.ts";

/** The state of a target, with the difference between the types on disk and those of the contract. */
export interface InspectedTarget extends TargetState {
  /** Empty unless the target is stale. */
  readonly changes: GeneratedChanges;
}

/**
 * Inspects a target; writes nothing.
 *
 * @param generated undefined where the contract is not known
 * @throws ToolError where the target is unclear or impossible
 */
export function inspectTarget(
  target: Target,
  generated: GeneratedTypes | undefined,
): InspectedTarget {
  const chosen = resolveTarget(target, generated);
  if (generated === undefined) return { ...stateOfFile(chosen), changes: NO_CHANGES };
  const planned = planDelivery(chosen, generated);
  // A file that others wrote is a state here, not an error.
  const files = planned.plan.files.map((file) => ({ ...file, mayReplace: undefined }));
  const state = stateOf(planned, checkPlan({ ...planned.plan, files }));
  const isStale = state.freshness === "stale";
  return { ...state, changes: isStale ? changesOf(state.files, generated).changes : NO_CHANGES };
}

function stateOfFile(chosen: ChosenLayout): TargetState {
  const present = fs.existsSync(chosen.types) ? readText(chosen.types) : undefined;
  const freshness = freshnessOf(present, undefined);
  const isUsable = chosen.layout !== "package" ||
    readManifest(join(chosen.folder, "package.json")) !== undefined;
  return {
    chosen,
    freshness: freshness === "current" && !isUsable ? "stale" : freshness,
    files: [],
  };
}
