import type { Contract, Json, JsonObject, Procedure } from "../../contract/mod.ts";
import { defined } from "../../defined.ts";
import { type CheckedRpcCall, failed, type Outcome, type Resolver } from "../../rpc/mod.ts";
import { canonicalJson, compileSchema, type SchemaValidator } from "../../validate/mod.ts";
import { REDACTED } from "../secrets.ts";
import type { Sampler } from "../values/mod.ts";
import { type CaseIndex, indexCases } from "./case_index.ts";
import { completeExample } from "./complete.ts";
import { exampleDoesNotFit } from "./errors.ts";
import { fillRedacted } from "./fill_redacted.ts";
import { type Misfit, openCollections } from "./open_collections.ts";
import {
  type ExampleAnswer,
  type ExampleCase,
  type ExampleError,
  type ExamplesDocument,
  pathTo,
  readExamples,
} from "./read.ts";

/** Options of {@link createExampleSet}. */
export interface ExampleSetOptions {
  readonly contract: Contract;
  /** Generates the parts that examples leave out. */
  readonly sampler: Sampler;
  /** The file, for error messages. */
  readonly where: string;
}

/** Answers from a file of examples. */
export interface ExampleSet {
  /** Procedures that have examples. */
  readonly procedures: ReadonlySet<string>;
  /** The arguments by name of the cases of each procedure; those of a partial case are incomplete. */
  readonly arguments: ReadonlyMap<string, readonly JsonObject[]>;
  /**
   * The answer to a call; `undefined` if no case matches. Lists of answers are used in order, and the last one repeats.
   *
   * @param args By name; missing ones have their default.
   */
  answer(
    procedure: Procedure,
    args: ReadonlyMap<string, unknown>,
  ):
    | { readonly result: Json; readonly text?: string }
    | { readonly error: ExampleError }
    | undefined;
  /** The answer of a collection, which has state; `undefined` if the procedure belongs to none. */
  collected(call: CheckedRpcCall): Outcome | undefined;
  /** Forgets all earlier calls. */
  reset(): void;
}

/**
 * Reads examples (see {@link readExamples}) and validates each result against the contract. Results may be partial: missing
 * members are taken from the sample value of the call. Those of a recording are complete: they are returned as they are.
 *
 * @throws ToolError `EXAMPLES_MALFORMED`, `EXAMPLE_DOES_NOT_FIT`, each with the position
 */
export function createExampleSet(
  document: ExamplesDocument,
  { contract, sampler, where }: ExampleSetOptions,
): ExampleSet {
  const file = readExamples(document, contract, where);
  const { positionOf } = document;
  const recordedText = file.isRecording ? recordedTexts(document) : () => undefined;
  const { procedures: cases } = file;
  const used = new Map<ExampleCase, number>();
  const indexes = new Map<string, CaseIndex>();
  const validators = new Map<Procedure, SchemaValidator>();
  const validatorOf = (procedure: Procedure) => {
    const validator = validators.get(procedure) ??
      compileSchema(procedure.result, { pythonType: procedure.resultType });
    validators.set(procedure, validator);
    return validator;
  };

  const complete = (
    procedure: Procedure,
    args: ReadonlyMap<string, unknown>,
    given: Json,
  ): Json => {
    const { name: key, result: schema } = procedure;
    if (file.isRecording) {
      const example = fillRedacted(schema, given, { sampler, key });
      if (validatorOf(procedure).check(example) === undefined) return example;
    }
    const sample = sampler.result(procedure, args);
    return completeExample({ schema, example: given, sample, sampler, key });
  };

  const misfit: Misfit = (path, { message, type }) => {
    throw exampleDoesNotFit({ where, path, message, type, position: positionOf(path) });
  };
  for (const [name, list] of cases) {
    const procedure = contract.procedures.get(name);
    if (procedure === undefined) continue;
    indexes.set(name, indexCases(procedure, list));
    const validator = validatorOf(procedure);
    for (const { args, when, answers, path } of list) {
      if (args === undefined) checkConditions(procedure, when, path, misfit);
      else checkArguments(procedure, args, path, misfit);
      for (const answer of answers) {
        if ("error" in answer) continue;
        const result = complete(procedure, new Map(Object.entries(when)), answer.result);
        const violation = validator.check(result);
        if (violation === undefined) continue;
        misfit(violation.path.reduce<string>(pathTo, answer.path), violation);
      }
    }
  }

  const collections = openCollections(file, { positionOf, contract, sampler, where, misfit });
  return {
    procedures: new Set([...cases.keys(), ...collections.procedures]),
    arguments: new Map(
      [...cases].map(([name, list]) => [name, list.map(({ args, when }) => args ?? when)]),
    ),
    collected: collections.answer,
    reset() {
      used.clear();
      collections.reset();
    },
    answer(procedure, args) {
      const one = indexes.get(procedure.name)?.find(args);
      if (one === undefined) return undefined;
      const count = used.get(one) ?? 0;
      used.set(one, count + 1);
      const answer = one.answers[Math.min(count, one.answers.length - 1)];
      if (answer === undefined) return undefined;
      if ("error" in answer) return { error: answer.error };
      const result = complete(procedure, args, answer.result);
      return { result, ...defined({ text: recordedText(answer) }) };
    },
  };
}

// A recorded answer without secrets is sent as it was received: `2.0` would not survive parsing and formatting.
function recordedTexts(
  { textOf }: ExamplesDocument,
): (answer: ExampleAnswer) => string | undefined {
  const texts = new Map<ExampleAnswer, string | undefined>();
  return (answer) => {
    if (!texts.has(answer)) {
      const text = textOf(answer.path);
      texts.set(answer, text?.includes(`"${REDACTED}"`) === true ? undefined : text);
    }
    return texts.get(answer);
  };
}

// A condition that no call can meet is an error in the file.
function checkConditions(
  procedure: Procedure,
  when: Readonly<Record<string, Json>>,
  path: string,
  misfit: Misfit,
): void {
  for (const { name, schema, type: pythonType } of procedure.parameters) {
    // Objects and lists may be partial.
    if (!Object.hasOwn(when, name) || (typeof when[name] === "object" && when[name] !== null)) {
      continue;
    }
    const violation = compileSchema(schema, { mode: "lax", pythonType }).check(when[name]);
    if (violation === undefined) continue;
    misfit(pathTo(`${path}.when`, name), violation);
  }
}

// Exact arguments that no call can have are an error, too. A redacted value stands for any other.
function checkArguments(
  procedure: Procedure,
  args: Readonly<Record<string, Json>>,
  path: string,
  misfit: Misfit,
): void {
  for (const { name, schema, type: pythonType } of procedure.parameters) {
    const value = args[name];
    if (value === undefined || canonicalJson(value).includes(`"${REDACTED}"`)) continue;
    const violation = compileSchema(schema, { mode: "lax", pythonType }).check(value);
    if (violation === undefined) continue;
    misfit([name, ...violation.path].reduce<string>(pathTo, `${path}.args`), violation);
  }
}

/** A resolver whose answers depend on earlier calls. */
export interface StatefulResolver extends Resolver {
  /** Forgets all earlier calls. */
  reset(): void;
}

/** Makes a resolver of examples and collections. */
export function exampleResolver(examples: ExampleSet): StatefulResolver {
  return {
    name: "example",
    covers: ({ name }) => examples.procedures.has(name),
    reset: () => examples.reset(),
    answer(call) {
      const answer = examples.answer(call.procedure, call.arguments);
      if (answer === undefined) return examples.collected(call);
      if ("result" in answer) {
        return { ok: true, value: answer.result, ...defined({ text: answer.text }) };
      }
      const { code, message, data } = answer.error;
      return failed({ kind: "procedure", code, message, ...(data === null ? {} : { data }) });
    },
  };
}
