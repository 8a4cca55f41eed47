import type { Json, JsonObject, JsonSchema, Parameter, Procedure } from "../contract/mod.ts";
import { type CallError, compileCall } from "../validate/mod.ts";
import {
  failed,
  type Outcome,
  type RpcCall,
  type RpcFault,
  succeeded,
  type WireValue,
} from "./call.ts";
import { encodeBytes } from "./encode_bytes.ts";
import { schemaNotConvertible } from "./errors.ts";

/**
 * A schema: JSON Schema, or a value of any Standard Schema library that converts to JSON Schema (Zod 4, ArkType, Valibot
 * with its converter).
 */
export type SchemaLike = JsonSchema | StandardSchema;

/** The part of Standard Schema that is used here (<https://standardschema.dev>). */
export interface StandardSchema {
  readonly "~standard": {
    readonly validate: (value: unknown) => StandardResult | Promise<StandardResult>;
    readonly jsonSchema?: {
      readonly input: (options: { readonly target: string }) => unknown;
      readonly output: (options: { readonly target: string }) => unknown;
    };
  };
  readonly toJSONSchema?: (options?: unknown) => unknown;
  readonly toJsonSchema?: (options?: unknown) => unknown;
}

type StandardResult =
  | { readonly value: unknown; readonly issues?: undefined }
  | {
    readonly issues: readonly {
      readonly message: string;
      readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
    }[];
  };

/** Schemas and documentation of a method. */
export interface MethodSchemas {
  /** By name, in the order of the function. */
  readonly parameters?: Readonly<Record<string, SchemaLike>>;
  readonly result?: SchemaLike;
  /** Values of optional parameters, by name. */
  readonly defaults?: Readonly<Record<string, Json>>;
  readonly doc?: string;
  readonly kind?: "query" | "mutation";
}

/** Valid arguments by name, or the error. */
export type CheckedArguments =
  | { readonly ok: true; readonly arguments: ReadonlyMap<string, unknown> }
  | { readonly ok: false; readonly fault: RpcFault };

/** A method with schemas: its entry of `GET /rpc` and its validation. */
export interface DescribedMethod {
  readonly procedure: Procedure;
  /** The entry of `GET /rpc`. */
  readonly document: JsonObject;
  checkCall(params: RpcCall["params"]): CheckedArguments | Promise<CheckedArguments>;
  checkResult(value: WireValue): Outcome | Promise<Outcome>;
}

/**
 * Makes a described method from schemas.
 *
 * @throws ToolError `SERVER_SCHEMA_UNKNOWN` for a schema that is not a JSON Schema and cannot be converted to one
 */
export function describeMethod(name: string, schemas: MethodSchemas): DescribedMethod {
  const given = Object.entries(schemas.parameters ?? {});
  const parameters = given.map(([parameter, schema]): Parameter => {
    const json = jsonSchemaOf(schema, "input", `${name}, parameter "${parameter}"`);
    const fallback = defaultOf(parameter, json, schemas.defaults) ?? libraryDefault(schema);
    return {
      name: parameter,
      schema: json,
      required: fallback === undefined,
      default: fallback ?? null,
      type: "typing.Any",
    };
  });
  const result = schemas.result === undefined
    ? ANYTHING
    : jsonSchemaOf(schemas.result, "output", `${name}, result`);
  const procedure: Procedure = {
    name,
    parameters,
    result,
    resultType: "typing.Any",
    doc: schemas.doc ?? "",
    isAsync: false,
    kind: schemas.kind ?? "query",
  };
  const validator = compileCall(procedure);
  const own = libraryChecks(schemas);
  return {
    procedure,
    document: procedureDocument(procedure),
    checkCall(params) {
      const checked = validator.checkCall(params);
      if (!checked.ok) return { ok: false, fault: callFault(checked.error) };
      return own === undefined ? checked : own.checkArguments(checked.arguments);
    },
    checkResult(value) {
      const checked = validator.checkResult(encodeBytes(value, result));
      if (!checked.ok) return failed(callFault(checked.error));
      return own?.checkResult(checked.value as WireValue) ??
        succeeded(checked.value as WireValue, result);
    },
  };
}

/** Checks of Standard Schema libraries that their JSON Schema does not contain. */
export interface LibraryChecks {
  /** Validates and transforms the arguments that have a Standard Schema. */
  checkArguments(
    args: ReadonlyMap<string, unknown>,
  ): CheckedArguments | Promise<CheckedArguments>;
  /** `undefined` if the result has no Standard Schema. */
  checkResult(value: WireValue): Outcome | Promise<Outcome> | undefined;
}

/** Makes the checks of libraries; `undefined` if all schemas are JSON Schema. */
export function libraryChecks(
  { parameters, result }: Pick<MethodSchemas, "parameters" | "result">,
): LibraryChecks | undefined {
  const standards = Object.entries(parameters ?? {}).filter((
    entry,
  ): entry is [string, StandardSchema] => isStandard(entry[1]));
  const resultStandard = isStandard(result) ? result : undefined;
  if (standards.length === 0 && resultStandard === undefined) return undefined;
  return {
    checkArguments: (args) =>
      standards.length === 0 ? { ok: true, arguments: args } : refine(args, standards),
    checkResult(value) {
      if (resultStandard === undefined) return undefined;
      const settled = resultStandard["~standard"].validate(value);
      return settled instanceof Promise ? settled.then(resultOutcome) : resultOutcome(settled);
    },
  };
}

/** Converts the error of a contract's validator. */
export function callFault(error: CallError): RpcFault {
  const { code, message, data } = error;
  const hasField = "field" in data;
  if (code === -32603 && !hasField) return { kind: "internal", message };
  const kind = code === -32603 ? "result" : hasField ? "validation" : "invalid-params";
  return { kind, message, data: data as WireValue };
}

/** Formats one procedure as in `GET /rpc`. */
export function procedureDocument(procedure: Procedure): JsonObject {
  return {
    name: procedure.name,
    parameters: procedure.parameters.map((parameter) => ({
      name: parameter.name,
      type: parameter.type,
      schema_: parameter.schema,
      required: parameter.required,
      default: parameter.default,
    })),
    return_type: procedure.resultType,
    return_schema: procedure.result,
    doc: procedure.doc,
    is_async: procedure.isAsync ?? false,
    kind: procedure.kind ?? "query",
  };
}

const ANYTHING: JsonSchema = { type: "any" };
const TARGET = { target: "draft-2020-12" };

function isStandard(schema: unknown): schema is StandardSchema {
  // ArkType's schemas are functions.
  return (typeof schema === "object" || typeof schema === "function") && schema !== null &&
    "~standard" in schema;
}

function jsonSchemaOf(schema: SchemaLike, side: "input" | "output", where: string): JsonSchema {
  if (!isStandard(schema)) {
    if (typeof schema === "boolean" || (typeof schema === "object" && schema !== null)) {
      return schema;
    }
    throw schemaNotConvertible(where);
  }
  try {
    const stated = schema["~standard"].jsonSchema?.[side](TARGET) ??
      schema.toJSONSchema?.({ io: side }) ?? schema.toJsonSchema?.();
    if (typeof stated === "object" && stated !== null) {
      const { $schema: _, ...rest } = stated as Record<string, Json>;
      return rest;
    }
  } catch (cause) {
    throw schemaNotConvertible(where, cause);
  }
  throw schemaNotConvertible(where);
}

function defaultOf(
  parameter: string,
  schema: JsonSchema,
  defaults: MethodSchemas["defaults"],
): Json | undefined {
  if (defaults !== undefined && Object.hasOwn(defaults, parameter)) return defaults[parameter];
  return typeof schema === "object" && Object.hasOwn(schema, "default")
    ? schema["default"]
    : undefined;
}

// A schema that accepts `undefined` (`z.string().optional()`) makes its parameter optional, which its JSON Schema
// does not express.
function libraryDefault(schema: SchemaLike): Json | undefined {
  if (!isStandard(schema)) return undefined;
  try {
    const settled = schema["~standard"].validate(undefined);
    if (settled instanceof Promise) {
      settled.catch(() => undefined);
      return undefined;
    }
    if (settled.issues !== undefined) return undefined;
    const { value } = settled;
    return ["string", "number", "boolean"].includes(typeof value) ? value as Json : null;
  } catch {
    // The user's own check expects a value.
    return undefined;
  }
}

// The library checks after us: refinements that JSON Schema cannot express, transformed values.
function refine(
  args: ReadonlyMap<string, unknown>,
  standards: readonly [string, StandardSchema][],
): CheckedArguments | Promise<CheckedArguments> {
  const refined = new Map(args);
  let waiting: Promise<CheckedArguments> | undefined;
  for (const [name, schema] of standards) {
    if (waiting === undefined && !refined.has(name)) continue;
    const step = (): CheckedArguments | Promise<CheckedArguments> => {
      if (!refined.has(name)) return { ok: true, arguments: refined };
      const settled = schema["~standard"].validate(refined.get(name));
      return settled instanceof Promise
        ? settled.then((result) => keep(refined, name, result))
        : keep(refined, name, settled);
    };
    if (waiting === undefined) {
      const done = step();
      if (done instanceof Promise) waiting = done;
      else if (!done.ok) return done;
    } else {
      waiting = waiting.then((before) => before.ok ? step() : before);
    }
  }
  return waiting ?? { ok: true, arguments: refined };
}

function keep(
  refined: Map<string, unknown>,
  name: string,
  result: StandardResult,
): CheckedArguments {
  if (result.issues !== undefined) {
    return {
      ok: false,
      fault: { kind: "validation", message: "Validation failed", data: issueData(result, name) },
    };
  }
  refined.set(name, result.value);
  return { ok: true, arguments: refined };
}

function resultOutcome(result: StandardResult): Outcome {
  if (result.issues === undefined) return succeeded(result.value as WireValue);
  return failed({
    kind: "result",
    message: "Internal Error: Return type validation failed",
    data: issueData(result, ""),
  });
}

function issueData(
  { issues }: Extract<StandardResult, { readonly issues: readonly unknown[] }>,
  field: string,
): WireValue {
  const path = issues[0]?.path?.map((part) => String(typeof part === "object" ? part.key : part)) ??
    [];
  return {
    field: path.length === 0 ? field : path.join("."),
    message: issues[0]?.message ?? "",
    type: "value_error",
  };
}
