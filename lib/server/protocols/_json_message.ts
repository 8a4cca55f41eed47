import type { RpcFault, WireValue } from "../call.ts";
import { isDeeperThan, parseJsonText } from "../json_text.ts";
import { decodeUtf8 } from "../text.ts";

/** A message's value, or why it has none. */
export type ReadMessage =
  | { readonly value: WireValue; readonly fault?: undefined }
  | { readonly fault: RpcFault };

/** Reads the bytes of a message as JSON, within a depth. */
export function readJsonMessage(message: Uint8Array, maxDepth: number): ReadMessage {
  // Every level costs two bytes, so that a short message needs no look at its depth.
  if (message.length > maxDepth && isDeeperThan(message, maxDepth)) {
    return {
      fault: { kind: "invalid-request", message: `nested more than ${maxDepth} levels deep` },
    };
  }
  try {
    return { value: parseJsonText(decodeUtf8(message)) as WireValue };
  } catch (error) {
    return {
      fault: { kind: "parse", message: error instanceof Error ? error.message : String(error) },
    };
  }
}

/**
 * {@link readJsonMessage} as Python reads JSON: `NaN`, `Infinity` and `-Infinity` are numbers, so that a wrong value gets
 * the error that a real server gives it.
 */
export function readPythonMessage(message: Uint8Array, maxDepth: number): ReadMessage {
  const read = readJsonMessage(message, maxDepth);
  if (read.fault?.kind !== "parse") return read;
  try {
    const text = decodeUtf8(message);
    if (!/NaN|Infinity/.test(text)) return read;
    const marked = text.replace(
      /"(?:[^"\\]|\\.)*"|NaN|-?Infinity/g,
      (token) => token.startsWith('"') ? token : `"${MARK}${token}"`,
    );
    const value = JSON.parse(
      marked,
      (_, item) =>
        typeof item === "string" && item.startsWith(MARK) ? Number(item.slice(MARK.length)) : item,
    ) as WireValue;
    return { value };
  } catch {
    return read;
  }
}

// A text of private-use characters that no message has by accident.
const MARK = "\ue000\uf8ff\ue001";

/** Whether a value is an object, not a list. */
export function isObject(value: unknown): value is { readonly [key: string]: WireValue } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
