import { parseContract } from "../contract/mod.ts";
import { withoutFloatMarks } from "../json/mod.ts";
import { parseDocument, type ParseDocumentOptions } from "./parse_document.ts";
import type { LoadedSource } from "./types.ts";

/**
 * Parses the contract in the decoded text of a source.
 *
 * @throws ToolError if the text is not JSON or not a contract
 */
export function parseSource(
  text: string,
  options: ParseDocumentOptions,
): Pick<LoadedSource, "contract" | "written"> {
  const document = parseDocument(text, options);
  const { where, marksFloats = false } = options;
  if (!marksFloats) return { contract: parseContract(document, { where }) };
  return {
    contract: parseContract(withoutFloatMarks(document), { where }),
    written: parseContract(document, { where }),
  };
}
