import type { Json, JsonObject, JsonSchema, Parameter, Procedure } from "../../contract/mod.ts";
import { stringifyJson } from "../../json/mod.ts";
import { compileSchema, type SchemaValidator } from "../../validate/mod.ts";
import { type Echo, echoOf, requestedLength } from "./echo.ts";
import { hashText, hashValues } from "./hash.ts";
import { type Make, type Making, startMaking } from "./making.ts";
import { planOf } from "./plan.ts";
import { type Random, seededRandom } from "./random.ts";
import { setMember } from "./schema_nodes.ts";

/** Options of {@link createSampler}. */
export interface SamplerOptions {
  /** Seed of the values. @default {""} */
  readonly seed?: string;
  /** A source of numbers from 0 to below 1. With one, values differ from call to call. */
  readonly random?: () => number;
  /** Called once for each schema that no value could be generated for. */
  readonly warn?: (message: string) => void;
}

/** Generates values that fit schemas. The same call gives the same value on every engine. */
export interface Sampler {
  /**
   * A result of the procedure for these arguments. Arguments that match a member of the result are echoed; missing ones
   * have their default. Do not change the value: it may share parts with the schema.
   *
   * @param seed Replaces the sampler's seed.
   * @returns undefined if no value was found that fits
   */
  result(procedure: Procedure, args: ReadonlyMap<string, unknown>, seed?: string): Json | undefined;
  /** A value of the schema; different keys give different values. Undefined if none was found that fits. */
  value(schema: JsonSchema, key: string): Json | undefined;
  /** Sample arguments for a call, by name, without those for which no value was found. */
  arguments(procedure: Procedure, key?: string): JsonObject;
}

interface ResultPlan {
  readonly make: Make;
  readonly echo: Echo;
  readonly validator: SchemaValidator;
  /** The hash of the sampler's seed and the procedure's name. */
  readonly start: number;
}

interface ValuePlan {
  readonly make: Make;
  readonly validator: SchemaValidator;
}

/** Attempts at a value that fits. */
const ATTEMPTS = 40;
/** Attempts at parts of it. */
const TRIALS = 300;
/** Attempts with echoed arguments: an echoed one may be the reason why a value does not fit. */
const ATTEMPTS_WITH_ECHO = 10;

/** Makes a sampler. It caches a plan for each schema, so use one sampler as long as the contract does not change. */
export function createSampler({ seed = "", random, warn }: SamplerOptions = {}): Sampler {
  const results = new WeakMap<Procedure, ResultPlan>();
  const values = new WeakMap<JsonObject, ValuePlan>();
  const warned = new Set<string>();

  const source = (text: string): Random => random ?? seededRandom(hashText(text));

  const giveUp = (what: string) => {
    if (warned.has(what)) return;
    warned.add(what);
    warn?.(`No value could be made that fits ${what}`);
  };

  const valueOf = (schema: JsonSchema, name: string, key: string): Json | undefined => {
    const document: JsonObject = typeof schema === "object" ? schema : schema ? {} : { not: {} };
    let plan = values.get(document);
    if (plan === undefined) {
      plan = {
        make: planOf(document, name),
        validator: compileSchema(document),
      };
      values.set(document, plan);
    }
    const value = fittingValue(plan.validator, source(`${seed}\0${key}`), plan.make);
    if (value === undefined) giveUp(`the schema ${stringifyJson(schema).slice(0, 80)}`);
    return value;
  };

  const resultOf = (
    { name }: Procedure,
    { make, echo, validator }: ResultPlan,
    args: ReadonlyMap<string, unknown>,
    numbers: Random,
  ): Json | undefined => {
    const length = requestedLength(args);
    const value = fittingValue(validator, numbers, (making, attempt) => {
      const value = make({ ...making, listLength: length });
      return attempt < ATTEMPTS_WITH_ECHO ? echo(value, args) : value;
    });
    if (value === undefined) giveUp(`the result of ${name}`);
    return value;
  };

  return {
    result(procedure, args, ownSeed = seed) {
      let plan = results.get(procedure);
      if (plan === undefined) {
        plan = {
          make: planOf(procedure.result, resultName(procedure.name)),
          echo: echoOf(procedure),
          validator: compileSchema(procedure.result),
          start: hashText(`${seed}\0${procedure.name}`),
        };
        results.set(procedure, plan);
      }
      const whole = withDefaults(procedure.parameters, args);
      if (random !== undefined) return resultOf(procedure, plan, whole, random);
      const start = ownSeed === seed ? plan.start : hashText(`${ownSeed}\0${procedure.name}`);
      return resultOf(procedure, plan, whole, seededRandom(hashValues(start, whole.values())));
    },
    value: (schema, key) => valueOf(schema, "", key),
    arguments(procedure, key = "") {
      const made: Record<string, Json> = {};
      for (const { name, schema } of procedure.parameters) {
        const value = valueOf(schema, name, `${procedure.name}\0${name}\0${key}`);
        if (value !== undefined) setMember(made, name, value);
      }
      return made;
    },
  };
}

/** The first value that fits; undefined if the attempts are used up. */
function fittingValue(
  validator: SchemaValidator,
  random: Random,
  make: (making: Making, attempt: number) => Json,
): Json | undefined {
  const trials = { left: TRIALS };
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const making = startMaking(random, trials);
    // Items may be impossible where an empty list fits: the last attempts are as small as possible.
    if (attempt >= ATTEMPTS / 2) making.budget = 0;
    const value = make(making, attempt);
    if (validator.check(value) === undefined) return value;
  }
  return undefined;
}

function withDefaults(
  parameters: readonly Parameter[],
  args: ReadonlyMap<string, unknown>,
): ReadonlyMap<string, unknown> {
  if (parameters.every(({ name }) => args.has(name))) return args;
  const whole = new Map<string, unknown>(parameters.map((one) => [one.name, one.default]));
  for (const [name, value] of args) whole.set(name, value);
  return whole;
}

/** The name of a procedure's result: `get_user_email` returns `user_email`. */
function resultName(procedure: string): string {
  const last = procedure.slice(procedure.lastIndexOf(".") + 1);
  return last.replace(
    /^(get|list|find|fetch|load|read|create|make|compute|calculate|search)_/i,
    "",
  );
}
