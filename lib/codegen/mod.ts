/** Generates TypeScript from a contract, and parses generated files. */
export { changedModels, type ModelChanges } from "./changed_models.ts";
export {
  changedLines,
  compareDeclarations,
  type GeneratedChanges,
  type LineChanges,
  type NameChanges,
} from "./compare_generated.ts";
export type { Warning } from "./convert.ts";
export { declarationMap, type DeclarationMapOptions, isDeclarationMap } from "./declaration_map.ts";
export {
  commonJsText,
  declarationText,
  type ModuleFormat,
  moduleText,
} from "./declaration_text.ts";
export { inlineDoc } from "./doc_comment.ts";
export {
  type GeneratedProcedure,
  type GeneratedTypes,
  generateTypes,
  type GenerateTypesOptions,
  signatureOf,
} from "./generate.ts";
export {
  type Declarations,
  type GeneratedFile,
  hashOf,
  isGeneratedFile,
  memberForm,
  membersOfDeclaration,
  normalForm,
  PLACEHOLDER_TYPES,
  readGeneratedFile,
} from "./generated_file.ts";
export { usedDeclarations } from "./used_declarations.ts";
