export type {
  Contract,
  Json,
  JsonObject,
  JsonSchema,
  Parameter,
  Procedure,
  ProcedureKind,
} from "./contract.ts";
export { noProcedures } from "./errors.ts";
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

export { formatContract } from "./format.ts";

export { fromOpenrpc, isOpenrpc, type OpenrpcOptions, toOpenrpc } from "./openrpc.ts";
export { canonicalProcedures } from "./format.ts";
