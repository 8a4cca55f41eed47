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
