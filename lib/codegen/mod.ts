export type { Warning } from "./convert.ts";
export {
  type GeneratedTypes,
  generateTypes,
  type GenerateTypesOptions,
  signatureOf,
} from "./generate.ts";
export { type GeneratedFile, readGeneratedFile } from "./generated_file.ts";
