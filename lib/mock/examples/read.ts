import {
  type Contract,
  isJsonObject,
  type Json,
  type JsonObject,
  type Procedure,
} from "../../contract/mod.ts";
import type { SourcePosition } from "../../errors.ts";
import { examplesMalformed } from "./errors.ts";

/** One answer of a procedure. */
export type ExampleAnswer =
  | { readonly result: Json; readonly path: string }
  | { readonly error: ExampleError; readonly path: string };

/** An error as an answer. */
export interface ExampleError {
  readonly code: number;
  readonly message: string;
  readonly data: Json;
}

/** Answers for calls with exactly the arguments `args`, or whose arguments match `when`. */
export interface ExampleCase {
  readonly args?: JsonObject;
  /** Arguments that are not named are ignored. The same as `args` if that is given. */
  readonly when: JsonObject;
  /** Used in order; the last one repeats. */
  readonly answers: readonly ExampleAnswer[];
  readonly path: string;
}

/** A file of examples. */
export interface ExampleFile {
  /** The cases of each procedure; one without conditions comes last. */
  readonly procedures: ReadonlyMap<string, readonly ExampleCase[]>;
  /** The member `collections` as it is. */
  readonly collections: Json | undefined;
  /** Written by `--record`. */
  readonly isRecording: boolean;
}

/** The key of the member by which `--record` recognizes its own files. */
export const ABOUT = "$about";

/** The parsed value of a file of examples. */
export interface ExamplesDocument {
  readonly value: unknown;
  /** Finds a path such as `$.add.cases[0].result`, or the deepest part of it that exists. */
  positionOf(path: string): SourcePosition | undefined;
  /** Formats the value at a path as JSON in which floats stay floats (`2.0`). */
  textOf(path: string): string | undefined;
}

/**
 * Reads examples. Each procedure has a `result`, an `error`, `answers` used in order (or a list),
 * or `cases` by matching arguments, optionally with an answer for all other calls.
 *
 * @throws ToolError `EXAMPLES_MALFORMED` with the path of the first error
 */
export function readExamples(
  { value: document, positionOf }: ExamplesDocument,
  contract: Contract,
  where: string,
): ExampleFile {
  const fail = (path: string, problem: string, fix?: string): never => {
    throw examplesMalformed({ where, path, problem, position: positionOf(path), fix });
  };
  // An empty file has no examples.
  if (document === null || document === undefined) {
    return { procedures: new Map(), collections: undefined, isRecording: false };
  }
  if (!isJsonObject(document)) return fail("$", "expected an object keyed by procedure name");
  const procedures = new Map<string, readonly ExampleCase[]>();
  let collections: Json | undefined;
  for (const [name, value] of Object.entries(document)) {
    if (name === ABOUT || name === "$schema") continue;
    const procedure = contract.procedures.get(name);
    if (name === COLLECTIONS && (procedure === undefined || !isEntry(value))) {
      collections = value;
      continue;
    }
    if (procedure === undefined) {
      return fail(
        pathTo("$", name),
        `the contract has no procedure "${name}"`,
        nearest(name, contract),
      );
    }
    procedures.set(name, readEntry(value, procedure, pathTo("$", name), fail));
  }
  return { procedures, collections, isRecording: isJsonObject(document[ABOUT]) };
}

/** Throws an error about the part of the file at a path. */
export type Fail = (path: string, problem: string, fix?: string) => never;

/** The key of the collections. */
const COLLECTIONS = "collections";

// A procedure may be named "collections" as well.
function isEntry(value: Json): boolean {
  return !isJsonObject(value) || Object.keys(value).some((key) => KEYS.includes(key));
}

const KEYS = ["result", "error", "answers", "cases"];

function readEntry(value: unknown, procedure: Procedure, path: string, fail: Fail): ExampleCase[] {
  if (Array.isArray(value)) return [{ when: {}, answers: readAnswers(value, path, fail), path }];
  if (!isJsonObject(value)) return fail(path, "expected an object or a list of answers");
  const unknown = Object.keys(value).find((key) => !KEYS.includes(key));
  if (unknown !== undefined) return fail(pathTo(path, unknown), `unknown key "${unknown}"`);
  const cases: ExampleCase[] = [];
  if (Object.hasOwn(value, "cases")) {
    const list = value["cases"];
    if (!Array.isArray(list)) return fail(`${path}.cases`, "expected a list");
    for (const [index, item] of (list as readonly Json[]).entries()) {
      cases.push(readCase(item, procedure, `${path}.cases[${index}]`, fail));
    }
  }
  const { cases: _, ...rest } = value as Record<string, Json>;
  if (Object.keys(rest).length > 0) {
    cases.push({ when: {}, answers: readOneOrMore(rest, path, fail), path });
  }
  if (cases.length === 0) return fail(path, "expected result, error, answers or cases");
  return cases;
}

function readCase(value: Json, procedure: Procedure, path: string, fail: Fail): ExampleCase {
  if (!isJsonObject(value)) return fail(path, "expected an object");
  const { when, args, ...rest } = value as Record<string, Json>;
  if (when !== undefined && args !== undefined) return fail(path, "expected args or when");
  const key = args === undefined ? "when" : "args";
  const conditions = args ?? when ?? {};
  const where = `${path}.${key}`;
  if (!isJsonObject(conditions)) return fail(where, "expected an object of arguments by name");
  for (const name of Object.keys(conditions)) {
    if (!procedure.parameters.some((parameter) => parameter.name === name)) {
      const names = procedure.parameters.map((parameter) => parameter.name).join(", ");
      return fail(
        pathTo(where, name),
        `"${name}" is not a parameter of ${procedure.name}`,
        `Parameters: ${names}`,
      );
    }
  }
  const missing = procedure.parameters.find(({ name, required }) =>
    required && !Object.hasOwn(conditions, name)
  );
  if (args !== undefined && missing !== undefined) {
    return fail(where, `the required argument "${missing.name}" is missing`);
  }
  const unknown = Object.keys(rest).find((key) => !KEYS.includes(key) || key === "cases");
  if (unknown !== undefined) return fail(pathTo(path, unknown), `unknown key "${unknown}"`);
  const answers = readOneOrMore(rest, path, fail);
  return { when: conditions, answers, path, ...(args === undefined ? {} : { args: conditions }) };
}

function readOneOrMore(value: JsonObject, path: string, fail: Fail): readonly ExampleAnswer[] {
  if (Object.keys(value).length !== 1) {
    return fail(path, "expected exactly one of result, error and answers");
  }
  if (!Object.hasOwn(value, "answers")) return [readAnswer(value, path, fail)];
  const answers = value["answers"];
  if (!Array.isArray(answers)) return fail(`${path}.answers`, "expected a list");
  return readAnswers(answers, `${path}.answers`, fail);
}

function readAnswers(
  values: readonly unknown[],
  path: string,
  fail: Fail,
): readonly ExampleAnswer[] {
  if (values.length === 0) return fail(path, "expected at least one answer");
  return values.map((value, index) => readAnswer(value, `${path}[${index}]`, fail));
}

function readAnswer(value: unknown, path: string, fail: Fail): ExampleAnswer {
  if (!isJsonObject(value) || Object.keys(value).length !== 1) {
    return fail(path, 'expected {"result": …} or {"error": …}');
  }
  const { result, error } = value;
  if (result !== undefined) return { result, path: `${path}.result` };
  if (error === undefined) return fail(path, 'expected {"result": …} or {"error": …}');
  return { error: readError(error, `${path}.error`, fail), path: `${path}.error` };
}

/** Reads an error: its members, or a message alone. */
export function readError(value: Json, path: string, fail: Fail): ExampleError {
  // A message alone stands for a procedure that raises.
  if (typeof value === "string") return { code: -32603, message: value, data: null };
  if (!isJsonObject(value)) return fail(path, "expected an object or a message");
  const { code = -32603, message, data = null, ...rest } = value as Record<string, Json>;
  if (!Number.isInteger(code)) return fail(`${path}.code`, "expected an integer");
  if (typeof message !== "string") return fail(`${path}.message`, "expected a text");
  const unknown = Object.keys(rest)[0];
  if (unknown !== undefined) return fail(pathTo(path, unknown), `unknown key "${unknown}"`);
  return { code: code as number, message, data };
}

/** Appends a step to a path: `$.users["get all"]`. */
export function pathTo(parent: string, key: string | number): string {
  if (typeof key === "number") return `${parent}[${key}]`;
  return /^[A-Za-z_$][\w$]*$/.test(key) ? `${parent}.${key}` : `${parent}[${JSON.stringify(key)}]`;
}

/** Names the procedures that are most like a name. */
export function nearest(name: string, contract: Contract): string {
  const letters = new Set(name.toLowerCase());
  const scored = [...contract.procedures.keys()].map((other) => {
    const common = [...new Set(other.toLowerCase())].filter((letter) => letters.has(letter)).length;
    return { other, score: common / Math.max(letters.size, new Set(other).size) };
  }).sort((a, b) => b.score - a.score);
  return scored.length === 0
    ? "The contract has no procedures"
    : `Did you mean ${scored.slice(0, 3).map(({ other }) => `"${other}"`).join(", ")}?`;
}
