import type { Contract, Json, Procedure } from "../../contract/mod.ts";
import { failed, type Resolver, succeeded } from "../../rpc/mod.ts";
import { compileSchema, isSameJson, type Violation } from "../../validate/mod.ts";
import type { Sampler } from "../values/mod.ts";
import { isJsonObject } from "../values/schema_nodes.ts";
import { completeExample } from "./complete.ts";
import { exampleDoesNotFit } from "./errors.ts";
import { positionOf } from "./position.ts";
import { type ExampleCase, type ExampleError, pathTo, readExamples } from "./read.ts";

/** Options of {@link parseExamples}. */
export interface ParseExamplesOptions {
  readonly contract: Contract;
  /** Makes what examples leave out. */
  readonly sampler: Sampler;
  /** The file, for error messages. */
  readonly where: string;
}

/** Answers that somebody wrote down. */
export interface ExampleSet {
  /** Procedures that have examples. */
  readonly procedures: ReadonlySet<string>;
  /**
   * The answer to a call, or nothing where no case matches. Lists of answers are taken in order, the last one stays.
   *
   * @param args By name; those that were left out count with their default.
   */
  answer(
    procedure: Procedure,
    args: ReadonlyMap<string, unknown>,
  ): { readonly result: Json } | { readonly error: ExampleError } | undefined;
}

/**
 * Reads examples (see {@link readExamples}) and checks each result against the contract: results may be partial, what is
 * missing is taken from the made value of the call.
 *
 * @throws ToolError `EXAMPLES_NOT_READABLE`, `EXAMPLES_MALFORMED`, `EXAMPLE_DOES_NOT_FIT`, each with the place.
 */
export function parseExamples(
  text: string,
  { contract, sampler, where }: ParseExamplesOptions,
): ExampleSet {
  const file = readExamples(text, contract, where);
  const taken = new Map<ExampleCase, number>();

  const complete = (procedure: Procedure, args: ReadonlyMap<string, unknown>, result: Json): Json =>
    completeExample(
      procedure.result,
      result,
      sampler.result(procedure, args),
      sampler,
      procedure.name,
    );

  const misfit: Misfit = (path, { message, type }) => {
    throw exampleDoesNotFit({ where, path, message, type, position: positionOf(text, path) });
  };
  for (const [name, cases] of file) {
    const procedure = contract.procedures.get(name)!;
    const validator = compileSchema(procedure.result, { pythonType: procedure.resultType });
    for (const { when, answers, path } of cases) {
      checkConditions(procedure, when, path, misfit);
      for (const answer of answers) {
        if ("error" in answer) continue;
        const result = complete(procedure, new Map(Object.entries(when)), answer.result);
        const violation = validator.check(result);
        if (violation === undefined) continue;
        misfit(violation.path.reduce<string>(pathTo, answer.path), violation);
      }
    }
  }

  return {
    procedures: new Set(file.keys()),
    answer(procedure, args) {
      const one = file.get(procedure.name)?.find(({ when }) => matches(procedure, when, args));
      if (one === undefined) return undefined;
      const count = taken.get(one) ?? 0;
      taken.set(one, count + 1);
      const answer = one.answers[Math.min(count, one.answers.length - 1)]!;
      if ("error" in answer) return { error: answer.error };
      return { result: complete(procedure, args, answer.result) };
    },
  };
}

type Misfit = (path: string, violation: Pick<Violation, "message" | "type">) => void;

// A condition that no call can meet is a mistake of the file.
function checkConditions(
  procedure: Procedure,
  when: Readonly<Record<string, Json>>,
  path: string,
  misfit: Misfit,
): void {
  for (const { name, schema, type: pythonType } of procedure.parameters) {
    // Of objects and lists a part may be given.
    if (!Object.hasOwn(when, name) || (typeof when[name] === "object" && when[name] !== null)) {
      continue;
    }
    const violation = compileSchema(schema, { mode: "lax", pythonType }).check(when[name]);
    if (violation === undefined) continue;
    misfit(pathTo(`${path}.when`, name), violation);
  }
}

function matches(
  procedure: Procedure,
  when: Readonly<Record<string, Json>>,
  args: ReadonlyMap<string, unknown>,
): boolean {
  return Object.entries(when).every(([name, wanted]) => {
    const value = args.has(name)
      ? args.get(name)
      : procedure.parameters.find((parameter) => parameter.name === name)?.default;
    return includes(value, wanted);
  });
}

/** Whether a value is what is wanted; of objects, whether it has at least that. */
function includes(value: unknown, wanted: Json): boolean {
  if (!isJsonObject(wanted) || !isJsonObject(value)) return isSameJson(value, wanted);
  return Object.entries(wanted).every(([name, inner]) =>
    Object.hasOwn(value, name) && includes(value[name], inner)
  );
}

/** The examples as a resolver of a contract's dispatcher. */
export function exampleResolver(examples: ExampleSet): Resolver {
  return {
    name: "example",
    covers: ({ name }) => examples.procedures.has(name),
    answer({ procedure, arguments: args }) {
      const answer = examples.answer(procedure, args);
      if (answer === undefined) return undefined;
      if ("result" in answer) return succeeded(answer.result);
      const { code, message, data } = answer.error;
      return failed({ kind: "procedure", code, message, ...(data === null ? {} : { data }) });
    },
  };
}
