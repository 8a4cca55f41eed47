import { isObject } from "../../is_object.ts";
import { isDeeperThan, parseJson } from "../../json/mod.ts";
import type { RpcFault, WireValue } from "../call.ts";
import { decodeUtf8 } from "../utf8.ts";

/** The value of a message, or the error. */
export type ReadMessage =
  | { readonly value: WireValue; readonly fault?: undefined }
  | { readonly fault: RpcFault };

/** Reads the bytes of a message as JSON, within a depth. */
export function readJsonMessage(message: Uint8Array, maxDepth: number): ReadMessage {
  // Every level has two bytes, so that a short message needs no check of its depth.
  if (message.length > maxDepth && isDeeperThan(message, maxDepth)) {
    return {
      fault: { kind: "invalid-request", message: `nested more than ${maxDepth} levels deep` },
    };
  }
  try {
    return { value: parseJson(decodeUtf8(message)) as WireValue };
  } catch (error) {
    return {
      fault: { kind: "parse", message: error instanceof Error ? error.message : String(error) },
    };
  }
}

/**
 * {@link readJsonMessage} with Python's JSON: `NaN`, `Infinity` and `-Infinity` are numbers, so that a wrong value gets
 * the same error as from pyRPC.
 */
export function readPythonMessage(message: Uint8Array, maxDepth: number): ReadMessage {
  const read = readJsonMessage(message, maxDepth);
  if (read.fault?.kind !== "parse") return read;
  try {
    return { value: parseJson(decodeUtf8(message), { nonFinite: true }) as WireValue };
  } catch {
    return read;
  }
}

/** Reports whether a value is an object, not a list. */
export function isWireObject(value: unknown): value is { readonly [key: string]: WireValue } {
  return isObject(value);
}
