/** The contract of a backend: its model, parsing, formatting, named models and OpenRPC. Pure. @module */
export { canonicalJson, canonicalSchema } from "./canonical.ts";
export { stronglyConnectedComponents } from "./components.ts";
export type {
  Contract,
  Json,
  JsonObject,
  JsonSchema,
  Parameter,
  Procedure,
  ProcedureKind,
} from "./contract.ts";
export { emptyProcedureName, noProcedures } from "./errors.ts";
export { findProcedure } from "./find_procedure.ts";
export { canonicalProcedures, formatContract } from "./format.ts";
export {
  ANNOTATIONS,
  forEachSubschema,
  isJsonObject,
  isSchema,
  MAX_SCHEMA_DEPTH,
  ownMember,
} from "./keywords.ts";
export { defaultOutsideType } from "./default_outside_type.ts";
export {
  type DefinedModel,
  modelFinder,
  type NameRange,
  type SourceDefinitions,
} from "./source_definitions.ts";
export { mapInside } from "./map_schemas.ts";
export { findModels, type Model, type ModelGraph, type SchemaDocument } from "./models.ts";
export { parseContract, type ParseContractOptions } from "./parse.ts";
export { resolvePointer } from "./pointer.ts";
export {
  countKeyword,
  keyword,
  memberSchemas,
  nameList,
  numberKeyword,
  schemaList,
} from "./schema_values.ts";
export {
  type Direction,
  hasDefault,
  isDuration,
  isKeywordOnly,
  jsonContent,
  leastItems,
  mayBeAbsent,
  tagOf,
  undeclaredMembers,
} from "./server_rules.ts";
export {
  ALL_PROCEDURES,
  isSelected,
  narrowSelection,
  type Selection,
  selectProcedures,
  unmatchedPatterns,
} from "./select_procedures.ts";
export { isOwnOpenrpc, type OpenrpcOptions, toOpenrpc } from "./to_openrpc.ts";
