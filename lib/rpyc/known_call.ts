/**
 * A call of the object that was called last. What a client sends before the arguments is the same every time, so that it is
 * compared and not decoded, looked up and taken apart again.
 */
import { type BrineReader, type BrineValue, encodeBrine } from "./brine.ts";
import { Handler, Label } from "./consts.ts";
import type { IdPack } from "./local_objects.ts";

/** Levels of a request around its arguments and keyword arguments. */
const DEPTH = 4;
// `0` stands where the arguments and the keyword arguments are.
const END = encodeBrine([Label.Value, 0n]).subarray(0, -1);

/** The bytes of a request to call the object, up to the arguments: those of a call whose arguments are all values. */
export function beginningOfCall(pack: IdPack): Uint8Array {
  const whole = encodeBrine([BigInt(Handler.Call), [
    Label.Tuple,
    [[Label.LocalReference, pack], [Label.Value, 0n], [Label.Value, 0n]],
  ]]);
  return whole.subarray(0, whole.length - END.length - 2);
}

/**
 * The arguments and the keyword arguments of a request that begins so; `undefined` for any other, of which some may have been read.
 *
 * @throws MalformedBrineError
 */
export function argumentsAfter(
  beginning: Uint8Array,
  reader: BrineReader,
): readonly [args: BrineValue, keywords: BrineValue] | undefined {
  if (!reader.takes(beginning)) return undefined;
  const args = reader.value(DEPTH);
  return reader.takes(END) ? [args, reader.value(DEPTH)] : undefined;
}
