import { createHash } from "node:crypto";
import { formatJsonText, parseJsonText } from "../json/mod.ts";

/**
 * The digest of a JSON text's value, or of a text that is not JSON. Formatting does not change it; an edit does.
 */
export function valueDigest(text: string): string {
  const value = parsed(text);
  const canonical = value === undefined ? text : formatJsonText(value);
  return createHash("sha256").update(canonical).digest("hex");
}

/** The object in a JSON text; `undefined` if the text does not contain one. */
export function jsonObject(text: string): Readonly<Record<string, unknown>> | undefined {
  const value = parsed(text);
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? value as Record<string, unknown>
    : undefined;
}

function parsed(text: string): unknown {
  try {
    return parseJsonText(text.replace(/^\ufeff/, ""));
  } catch {
    return undefined;
  }
}
