/**
 * The targets of the types of a project ({@link targetsOf}), their state ({@link freshnessOf}), and their delivery
 * ({@link deliver}).
 *
 * @module
 */
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
export {
  canHaveMap,
  deliver,
  type Delivered,
  type DeliveryMode,
  MAP_NEEDS_LAYOUT,
  type MapChange,
  planDelivery,
  resolveTarget,
} from "./deliver.ts";
export { type BackendSources, isDeclarationFile } from "./source_map.ts";
export { type DeliveryReport, deliveryReport } from "./delivery_report.ts";
export { type InspectedTarget, inspectTarget } from "./inspect_target.ts";
export { inspectWorkspaceTypes, type WorkspaceTypes } from "./workspace_types.ts";
export { changesFrom, NO_CHANGES } from "./types_changes.ts";
export { type ClientDelivery, deliverToEach, type TypesOf, typesOf } from "./deliver_to_each.ts";
export { freeNeighbour } from "./free_neighbour.ts";
export { type Freshness, freshnessOf, isLost, isMissing, type WantedTypes } from "./freshness.ts";
export { type DeliverySource, generateChecked, type GenerateOptions } from "./generate_checked.ts";
export { noClientProject } from "./errors.ts";
export type { NamedTarget } from "./named_target.ts";
export { findFormerOutputs } from "./former_outputs.ts";
export { isPackageName, TYPES_PACKAGE } from "./package_name.ts";
export type { TypesOrigin } from "./origin.ts";
export { type PackageDocuments, packageDocuments } from "./package_documents.ts";
export { type Delivery, planLayout } from "./plan_layout.ts";
export {
  harmlessScript,
  hasSyncScript,
  planSyncScript,
  SYNC_SCRIPT,
} from "./postinstall_script.ts";
export {
  findStaleOutput,
  moveFolder,
  removeCommand,
  removeOutput,
  selectStaleFiles,
  type StaleOutput,
} from "./stale_output.ts";
export {
  hasSeveralContracts,
  type Target,
  type TargetFlags,
  targetOfServer,
  targetsOf,
  targetsOfClient,
  targetsOfProject,
  withFlags,
} from "./targets.ts";
