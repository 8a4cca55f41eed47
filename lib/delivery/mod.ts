export { applyPlan, assertApplicable } from "./apply_plan.ts";
export {
  checkPlan,
  describePlan,
  type FileChange,
  type FileState,
  isUpToDate,
} from "./check_plan.ts";
export {
  type FilePlan,
  type NamedTarget,
  planFile,
  type PlanFileOptions,
  planFiles,
  type PlanFilesOptions,
  type PlannedFile,
} from "./file_plan.ts";
export {
  ALIAS_FILE,
  type AliasLayout,
  chooseLayout,
  type ChosenLayout,
  clientImportLine,
  type FileLayout,
  importLine,
  type Layout,
  type LayoutRequest,
  LAYOUTS,
  type PackageLayout,
} from "./choose_layout.ts";
export {
  type ClientProject,
  type ClientSearch,
  findClient,
  readClient,
  readText,
} from "./client_project.ts";
export { freeNeighbour } from "./free_neighbour.ts";
export { isPackageName, TYPES_PACKAGE } from "./package_name.ts";
export { type Delivery, planLayout } from "./plan_layout.ts";
export { hasSyncScript, planSyncScript, SYNC_SCRIPT } from "./save_script.ts";
