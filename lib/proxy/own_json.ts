import { createHash } from "node:crypto";
import { formatJsonText, parseJsonText } from "../json/mod.ts";

/**
 * The digest of a JSON text's value: the same after a formatter's hand, another one after an edit. A text that is not JSON has one as
 * well.
 */
export function valueDigest(text: string): string {
  const value = parsed(text);
  return createHash("sha256").update(value === undefined ? text : formatJsonText(value)).digest(
    "hex",
  );
}

/** The object that a JSON text holds. */
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
