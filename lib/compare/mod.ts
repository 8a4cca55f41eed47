/** Schema inclusion, the differences between two contracts, and their effect on generated types. Pure. @module */
export { changedTypes, type TypeChange, type TypeChanges } from "./changed_types.ts";
export { compareProcedures, type ProcedureChanges } from "./compare_procedures.ts";
export { type ChangePlace, type ContractChange, isNote } from "./change.ts";
export { bumpOf, type ContractDiff, diffContracts, severityOf } from "./diff.ts";
export {
  type Audiences,
  DIFF_RULES,
  type DiffRule,
  type DiffRuleId,
  type Severity,
} from "./diff_rules.ts";
export { findUnusable, type Unusable } from "./find_unusable.ts";
export {
  type Inclusion,
  type SubsetReason,
  UNDECIDED_CAUSES,
  type UndecidedCause,
  type Verdict,
} from "./inclusion.ts";
export { compareSchemas, type CompareSchemasOptions } from "./schema_inclusion.ts";
