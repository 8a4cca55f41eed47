import type { Json, JsonObject, JsonSchema } from "../../contract/mod.ts";
import type { SchemaValidator } from "../../validate/mod.ts";
import type { Hint } from "./hints.ts";
import type { Random } from "./random.ts";
import { Scene } from "./scene.ts";

/** The state while one value is generated. */
export interface Making {
  readonly random: Random;
  /** The scene of the object that is being generated. */
  scene: Scene;
  /** Number of enclosing objects, lists and references. */
  depth: number;
  /** Values that may still be generated before the rest becomes as small as possible. */
  budget: number;
  /** Attempts left at values that did not fit, for all attempts at the whole value. */
  readonly trials: { left: number };
  /** Length of the lists at the top, if the call requests one. */
  readonly listLength: number | undefined;
}

/** Generates a value of one schema. */
export type Make = (making: Making) => Json;

/** A schema to plan. */
export interface PlanRequest {
  readonly schema: JsonObject;
  readonly hint: Hint;
  /** True for the result itself. */
  readonly isTop: boolean;
}

/** Plans the parts of a schema. */
export interface Planner {
  plan(schema: JsonSchema, hint: Hint, isTop?: boolean): Make;
  /** The minimum depth of a value. */
  costOf(schema: JsonSchema): number;
  /** A validator of an inner schema of the document. */
  validator(schema: JsonSchema): SchemaValidator;
  /** The default of a member if it fits. */
  defaultOf(member: JsonSchema): (() => Json) | undefined;
}

/** Depth below which values become as small as the schema allows. */
const DEEP = 7;
/** Depth at which generation stops, even if the value does not fit. */
export const DEEPEST = 80;

/** Starts generating a value. */
export function startMaking(random: Random, trials: Making["trials"]): Making {
  return {
    random,
    scene: new Scene(random),
    depth: 0,
    budget: 1_500,
    trials,
    listLength: undefined,
  };
}

/** Returns true if values must be as small as possible. */
export function isDeep(making: Making): boolean {
  return making.depth > DEEP || making.budget <= 0;
}
