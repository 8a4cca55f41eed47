/** Any JSON value. Integers that a `number` cannot represent exactly are `bigint`. */
export type Json = null | boolean | number | bigint | string | readonly Json[] | JsonObject;

/** A JSON object from an untrusted source: read its members with `Object.hasOwn`, because of `__proto__`. */
export interface JsonObject {
  readonly [key: string]: Json;
}

/** A JSON Schema as Pydantic emits it (2020-12, validation mode); `true` and `{}` accept any value. */
export type JsonSchema = boolean | JsonObject;

/** A query reads data, a mutation changes it (pyRPC 0.9 and later). */
export type ProcedureKind = "query" | "mutation";

/** One parameter of a procedure, in the order of the Python signature. */
export interface Parameter {
  readonly name: string;
  /** The parameter's JSON Schema with its own `$defs`. `{"type":"any"}` means no constraint. */
  readonly schema: JsonSchema;
  readonly required: boolean;
  /** `null` both without a default and for a default of `None`; only `required` distinguishes them. */
  readonly default: Json;
  /** The Python type, for display. */
  readonly type: string;
}

/** One procedure of a backend. */
export interface Procedure {
  /** The key in `GET /rpc`, which calls use. The `name` member of a prefixed router differs. */
  readonly name: string;
  readonly parameters: readonly Parameter[];
  readonly result: JsonSchema;
  /** The Python result type, for display. */
  readonly resultType: string;
  /** The docstring; `""` if it is missing. */
  readonly doc: string;
  /** Absent in documents of pyRPC before 0.7 and of `pyrpc pull`. */
  readonly isAsync?: boolean;
  /** Absent in documents of pyRPC before 0.9 and of `pyrpc pull`. */
  readonly kind?: ProcedureKind;
}

/** The description of a backend on `GET /rpc`. */
export interface Contract {
  /** The procedures by name, in the order of the document. */
  readonly procedures: ReadonlyMap<string, Procedure>;
  /** The parsed document with unknown members, so that a mock can serve it unchanged. */
  readonly document: JsonObject;
}
