export type {
  Contract,
  Json,
  JsonObject,
  JsonSchema,
  Parameter,
  Procedure,
  ProcedureKind,
} from "./contract.ts";
export { parseContract, type ParseContractOptions } from "./parse.ts";
export { canonicalJson, canonicalSchema } from "./canonical.ts";
export { stronglyConnectedComponents } from "./components.ts";
export {
  ANNOTATIONS,
  forEachSubschema,
  isJsonObject,
  isSchema,
  MAX_SCHEMA_DEPTH,
  ownMember,
} from "./keywords.ts";
export {
  findModels,
  type Model,
  type ModelGraph,
  resolvePointer,
  type SchemaDocument,
} from "./models.ts";
export { compareProcedures, type ProcedureChanges } from "./compare_procedures.ts";
export { formatContract } from "./format.ts";
export {
  compareSchemas,
  type CompareSchemasOptions,
  type Inclusion,
  type SubsetReason,
  type Verdict,
} from "./subset.ts";
export {
  bumpOf,
  type ChangePlace,
  type ContractChange,
  type ContractDiff,
  diffContracts,
  severityOf,
} from "./diff.ts";
export {
  type Audiences,
  DIFF_RULES,
  type DiffRule,
  type DiffRuleId,
  isDiffRule,
  type Severity,
} from "./diff_rules.ts";
export { CHECK_RULES, type CheckRule, type CheckRuleId } from "./check_rules.ts";
export { findUnusable, type Unusable } from "./find_unusable.ts";
export { fromOpenrpc, isOpenrpc, type OpenrpcOptions, toOpenrpc } from "./openrpc.ts";
