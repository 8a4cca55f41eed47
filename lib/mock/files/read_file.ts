import { readFile } from "node:fs/promises";
import { examplesFileUnreadable } from "./errors.ts";

/**
 * Reads the text of a file of examples.
 *
 * @throws ToolError `EXAMPLES_FILE_UNREADABLE`
 */
export async function readExamplesFile(path: string): Promise<string> {
  try {
    return (await readFile(path, "utf8")).replace(/^\uFEFF/, "");
  } catch (cause) {
    throw examplesFileUnreadable(path, cause);
  }
}
