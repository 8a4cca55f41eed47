export { applyPlan } from "./apply_plan.ts";
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
