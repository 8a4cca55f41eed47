/** The checks of a contract and its clients in CI, and the comparison of two sources. @module */
export {
  checkProject,
  type CheckReport,
  type CheckRequest,
  type CheckStep,
} from "./check_project.ts";
export { type CheckedProject, findCheckedProject } from "./load_checked.ts";
export { describeTarget, targetDetails } from "./describe_target.ts";
export { type DiffRequest, diffSources, type SourcesDiff } from "./diff_sources.ts";
