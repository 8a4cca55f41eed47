import { type GeneratedTypes, generateTypes, type Warning } from "../codegen/mod.ts";
import { type Contract, noProcedures } from "../contract/mod.ts";
import { notExact } from "./errors.ts";

/** A contract and its origin. */
export interface DeliverySource {
  readonly contract: Contract;
  /** The file, URL or module that it comes from. */
  readonly where: string;
}

/** Options of {@link generateChecked}. */
export interface GenerateOptions {
  readonly singleModels?: boolean;
  /** Accept a contract without procedures. @default {false} */
  readonly allowEmpty?: boolean;
  /** Treat warnings as an error. @default {false} */
  readonly strict?: boolean;
  /** Called before {@link strict} fails. */
  readonly onWarnings?: (warnings: readonly Warning[]) => void;
}

/** Generates the types of a contract. @throws ToolError exit code 1 for an empty contract, or for warnings with `strict` */
export function generateChecked(
  { contract, where }: DeliverySource,
  { singleModels = false, allowEmpty = false, strict = false, onWarnings }: GenerateOptions,
): GeneratedTypes {
  if (contract.procedures.size === 0 && !allowEmpty) {
    throw noProcedures(where, "the existing types were kept");
  }
  const generated = generateTypes(contract, { singleModels });
  onWarnings?.(generated.warnings);
  if (strict && generated.warnings.length > 0) throw notExact(where, generated.warnings.length);
  return generated;
}
