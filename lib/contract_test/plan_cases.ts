import type { Json, JsonObject, Procedure } from "../contract/mod.ts";
import type { Sampler } from "../mock/mod.ts";
import { canonicalJson } from "../validate/mod.ts";
import { sitesOf, withMember } from "./schema_sites.ts";
import type { ArgumentCheck, Params, TestCase } from "./test_case.ts";
import { edgeValues, wrongValues } from "./values.ts";

/** Options of {@link planCases}. */
export interface PlanCasesOptions {
  readonly sampler: Sampler;
  /** Arguments by name of examples, which are tried first; missing ones are generated. */
  readonly examples: readonly JsonObject[];
}

/** Edges and invalid values of one part of an argument. */
const MAX_PER_SITE = 6;
/** Parts of one argument. */
const MAX_SITES = 40;
/** Further calls with sample values. */
const SAMPLES = 12;

/**
 * Plans the calls of a procedure: examples, the fewest and all arguments, by name and by position, missing and unexpected
 * ones, then each part of each argument at its edges and just outside them, then further sample values, and values
 * of other types. The order depends only on the seed of the sampler.
 */
export function planCases(
  procedure: Procedure,
  check: ArgumentCheck,
  { sampler, examples }: PlanCasesOptions,
): TestCase[] {
  const args = sampler.arguments(procedure);
  const edges: Params[] = [];
  const wrong: Params[] = [];
  for (const parameter of procedure.parameters) {
    const value = args[parameter.name];
    if (value === undefined) continue;
    const withValue = (other: Json) => withMember(args, parameter.name, other);
    for (
      const { schema, value: part, replace } of sitesOf(parameter.schema, value).slice(0, MAX_SITES)
    ) {
      edges.push(...edgeValues(parameter.schema, schema).map((each) => withValue(replace(each))));
      wrong.push(
        ...outermost(
          wrongValues(parameter.schema, schema, part),
          check,
          (each) => withValue(replace(each)),
        ),
      );
    }
  }
  const samples = Array.from(
    { length: SAMPLES },
    (_, index) => someArguments(procedure, sampler.arguments(procedure, String(index + 1)), index),
  );
  const required = requiredArguments(procedure, args);
  // A value of each other type: a validator may fail for one of them only.
  const otherTypes = procedure.parameters.flatMap(({ name }) =>
    Object.hasOwn(args, name)
      ? [null, true, 7, "not a value", [], {}].map((other) => withMember(args, name, other))
      : []
  );
  const candidates = [
    ...examples.map((example) => ({ ...required, ...example })),
    required,
    args,
    procedure.parameters.flatMap(({ name }) =>
      Object.hasOwn(args, name) ? [args[name] as Json] : []
    ),
    ...wrongNumbers(procedure, args),
    ...interleaved(edges, wrong),
    ...samples,
    ...otherTypes,
  ];
  return distinct(candidates).flatMap((params) => {
    const planned = check.caseOf(params);
    return planned === undefined || isIncomplete(procedure, planned) ? [] : [planned];
  });
}

// `*args` and `**kwargs` look like required parameters in a contract, and accept any number of arguments.
function isIncomplete({ parameters }: Procedure, { expected }: TestCase): boolean {
  return expected !== undefined && !("field" in expected.data) &&
    parameters.some(({ name }) => name === "args" || name === "kwargs");
}

// One value for each error of a part: `null`, a text and a list are often wrong for the same reason.
function outermost(
  values: readonly Json[],
  check: ArgumentCheck,
  paramsOf: (value: Json) => Params,
): Params[] {
  const found = new Map<string, Params>();
  for (const value of values) {
    const params = paramsOf(value);
    const expected = check.caseOf(params)?.expected;
    if (expected === undefined) continue;
    const key = "field" in expected.data ? `${expected.data.field}:${expected.data.type}` : "";
    if (!found.has(key)) found.set(key, params);
  }
  return [...found.values()].slice(0, MAX_PER_SITE);
}

function requiredArguments({ parameters }: Procedure, args: JsonObject): JsonObject {
  return Object.fromEntries(
    parameters.flatMap(({ name, required }) =>
      required && Object.hasOwn(args, name) ? [[name, args[name] as Json]] : []
    ),
  );
}

// The optional arguments that this call has.
function someArguments({ parameters }: Procedure, args: JsonObject, index: number): JsonObject {
  const kept = parameters.filter(({ name, required }, place) =>
    Object.hasOwn(args, name) && (required || ((index >> (place % 4)) & 1) === 0)
  );
  return Object.fromEntries(kept.map(({ name }) => [name, args[name] as Json]));
}

function wrongNumbers({ parameters }: Procedure, args: JsonObject): Params[] {
  const all = parameters.flatMap(({ name }) =>
    Object.hasOwn(args, name) ? [args[name] as Json] : []
  );
  return [
    ...parameters.filter(({ required }) => required).map(({ name }) =>
      withMember(args, name, undefined)
    ),
    Object.fromEntries([...Object.entries(args), ["unexpected_argument", 1]]),
    [...all, 1],
    all.slice(0, Math.max(0, parameters.filter(({ required }) => required).length - 1)),
  ];
}

function interleaved<T>(first: readonly T[], second: readonly T[]): T[] {
  return Array.from({ length: Math.max(first.length, second.length) }, (_, index) => index)
    .flatMap((index) => [...first.slice(index, index + 1), ...second.slice(index, index + 1)]);
}

function distinct(params: readonly Params[]): Params[] {
  return [...new Map(params.map((each) => [canonicalJson(each), each])).values()];
}
