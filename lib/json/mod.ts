/** Reads JSON text if `JSON.parse` is not enough: positions, duplicate keys, big integers, indentation. */
export { isDeeperThan } from "./depth.ts";
export { faultText } from "./fault_text.ts";
export { formatDocument } from "./format_document.ts";
export { indentJson } from "./indent.ts";
export { memberTexts } from "./members.ts";
export { withoutNonFinite } from "./non_finite.ts";
export { parseJson, type ParseJsonOptions, stringifyJson } from "./parse.ts";
export { positionAt } from "./position.ts";
export { findJsonProblem, type JsonProblem } from "./problem.ts";
export { type JsonMember, type JsonNode, parseJsonTree, valueOf } from "./tree.ts";
export { WireFloat, withoutFloatMarks } from "./wire_float.ts";
export { type JsonFault, type JsonVisitor, readJson, type ReadJsonOptions } from "./read.ts";
export { parseJson as parseJsonText, stringifyJson as formatJsonText } from "./parse.ts";
