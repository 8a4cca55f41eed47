import { Buffer } from "node:buffer";
import { unknownCursor } from "./errors.ts";

const MARK = "after:";

/** Returns a cursor for the items after a name. */
export function encodeCursor(name: string): string {
  return Buffer.from(MARK + name, "utf8").toString("base64url");
}

/** Returns the name of a cursor. @throws ToolError for a text that is not a cursor */
export function decodeCursor(cursor: string): string {
  const text = Buffer.from(cursor, "base64url").toString("utf8");
  if (!text.startsWith(MARK) || encodeCursor(text.slice(MARK.length)) !== cursor) {
    throw unknownCursor(cursor);
  }
  return text.slice(MARK.length);
}
