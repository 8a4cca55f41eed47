import { WireFloat } from "./wire_float.ts";

/**
 * Formats a parsed document so that parsing the text gives the same values: `bigint`s as integers, large floats with an
 * exponent and each {@link WireFloat} as a float, so that they are not read as integers.
 *
 * @param indent The indentation of a level; without it, the text is one line.
 */
export function formatDocument(document: unknown, indent = ""): string {
  return hasLossyNumber(document)
    ? write(document, indent, "")
    : JSON.stringify(document, null, indent) ?? "null";
}

function hasLossyNumber(value: unknown): boolean {
  if (typeof value === "number") return isLossy(value);
  if (typeof value !== "object" || value === null) return typeof value === "bigint";
  if (value instanceof WireFloat) return true;
  return Array.isArray(value)
    ? value.some(hasLossyNumber)
    : Object.values(value).some(hasLossyNumber);
}

// `JSON.stringify` would write these as integers.
function isLossy(value: number): boolean {
  return Number.isInteger(value) && !Number.isSafeInteger(value) || Object.is(value, -0);
}

function write(value: unknown, indent: string, outer: string): string {
  if (typeof value === "bigint") return value.toString();
  if (typeof value === "number" && isLossy(value)) return floatText(value);
  if (value instanceof WireFloat) return floatText(value.value);
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null";
  const inner = outer + indent;
  const parts = Array.isArray(value)
    ? value.map((item) => write(item, indent, inner))
    : Object.entries(value).filter(([, member]) => member !== undefined).map(([key, member]) =>
      `${JSON.stringify(key)}:${indent === "" ? "" : " "}${write(member, indent, inner)}`
    );
  const [open, close] = Array.isArray(value) ? "[]" : "{}";
  if (parts.length === 0) return `${open}${close}`;
  const line = (space: string) => indent === "" ? "" : `\n${space}`;
  return `${open}${line(inner)}${parts.join(`,${line(inner)}`)}${line(outer)}${close}`;
}

// Python writes an exponent from 1e16 on.
function floatText(value: number): string {
  if (Math.abs(value) < 1e16) return `${Object.is(value, -0) ? "-0" : value}.0`;
  return value.toExponential();
}
