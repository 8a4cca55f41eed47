import type { BrineValue, Slice } from "../brine.ts";
import { typeError, valueError } from "../python_errors.ts";

/** Returns the indices that a slice selects from a list, in the order of the slice. */
export function sliceIndices(slice: Slice, length: number): number[] {
  const step = integerOf(slice.step) ?? 1;
  if (step === 0) throw valueError("slice step cannot be zero");
  const clamp = (value: number, low: number, high: number) =>
    Math.min(Math.max(value < 0 ? value + length : value, low), high);
  const [low, high] = step > 0 ? [0, length] : [-1, length - 1];
  const given = { start: integerOf(slice.start), stop: integerOf(slice.stop) };
  const start = given.start === undefined ? (step > 0 ? low : high) : clamp(given.start, low, high);
  const stop = given.stop === undefined ? (step > 0 ? high : low) : clamp(given.stop, low, high);
  const indices: number[] = [];
  for (let index = start; step > 0 ? index < stop : index > stop; index += step) {
    indices.push(index);
  }
  return indices;
}

function integerOf(value: BrineValue): number | undefined {
  if (value === null) return undefined;
  if (typeof value === "bigint") return Number(value);
  throw typeError("slice indices must be integers or None or have an __index__ method");
}
