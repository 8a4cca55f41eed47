import { readFile } from "node:fs/promises";
import { examplesFileUnreadable } from "./errors.ts";

/**
 * Reads a file of examples as text.
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
