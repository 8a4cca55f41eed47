export { bindArguments, type Bound } from "./bind.ts";
export {
  type CallError,
  type CallValidator,
  type CheckedCall,
  type CheckedResult,
  compileCall,
} from "./call.ts";
export { type CompileOptions, compileSchema, type SchemaValidator } from "./compile.ts";
export { canonicalJson, isSameJson } from "./canonical_json.ts";
export { type Format, formatOf } from "./formats.ts";
export {
  type CharSet,
  compilePattern,
  parsePattern,
  type Pattern,
  type PatternNode,
} from "./pattern/mod.ts";
export { resolveReference } from "./references.ts";
export { pythonRepr } from "./python_repr.ts";
export { type Checked, type Violation, type ViolationData, violationData } from "./violation.ts";
