import type { JsonObject } from "../../contract/mod.ts";
import { numberKeyword } from "./schema_nodes.ts";

/** The limits of a number, both ends included. */
export interface NumberLimits {
  readonly isInteger: boolean;
  readonly min: number;
  readonly max: number;
  readonly multipleOf: number | undefined;
}

/** Reads the limits of a number from its schema. */
export function numberLimits(schema: JsonObject): NumberLimits {
  const isInteger = schema["type"] === "integer";
  const limit = (name: string, exclusive: string, sign: 1 | -1): number => {
    const closed = numberKeyword(schema, name);
    const open = numberKeyword(schema, exclusive);
    const values = [
      ...closed === undefined ? [] : [closed],
      ...open === undefined ? [] : [inward(open, sign, isInteger)],
    ];
    if (values.length === 0) return sign * -Number.MAX_SAFE_INTEGER;
    return sign > 0 ? Math.max(...values) : Math.min(...values);
  };
  return {
    isInteger,
    min: limit("minimum", "exclusiveMinimum", 1),
    max: limit("maximum", "exclusiveMaximum", -1),
    multipleOf: numberKeyword(schema, "multipleOf"),
  };
}

/** The number next to an exclusive limit. */
function inward(open: number, sign: 1 | -1, isInteger: boolean): number {
  if (isInteger) return sign > 0 ? Math.floor(open) + 1 : Math.ceil(open) - 1;
  return open + sign * Math.max(Number.MIN_VALUE, Math.abs(open) * Number.EPSILON * 2);
}
