/** Any JSON value. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;

/** A JSON object. Keys come from elsewhere: read them with `Object.hasOwn`, never trust `__proto__`. */
export interface JsonObject {
  readonly [key: string]: Json;
}

/** A JSON Schema as Pydantic emits it (2020-12, validation mode); `true` and `{}` mean anything. */
export type JsonSchema = boolean | JsonObject;

/** Whether a procedure reads or changes (pyRPC 0.9 and later). */
export type ProcedureKind = "query" | "mutation";

/** One parameter of a procedure, in the order of the Python signature. */
export interface Parameter {
  readonly name: string;
  /** The parameter's JSON Schema with its own `$defs`. `{"type":"any"}` means no constraint. */
  readonly schema: JsonSchema;
  readonly required: boolean;
  /** `null` both for "no default" and for a default of `None`: only `required` tells. */
  readonly default: Json;
  /** The Python type as text; only for people. */
  readonly type: string;
}

/** One procedure of a backend. */
export interface Procedure {
  /** The key in `GET /rpc`, which is what the wire calls it (a prefixed router's `name` member differs). */
  readonly name: string;
  readonly parameters: readonly Parameter[];
  readonly result: JsonSchema;
  /** The Python result type as text; only for people. */
  readonly resultType: string;
  /** The docstring; `""` where there is none. */
  readonly doc: string;
  /** Absent in what pyRPC below 0.7 or `pyrpc pull` wrote. */
  readonly isAsync?: boolean;
  /** Absent in what pyRPC below 0.9 or `pyrpc pull` wrote. */
  readonly kind?: ProcedureKind;
}

/** What a backend says of itself on `GET /rpc`. */
export interface Contract {
  /** By name, in the order of the document. */
  readonly procedures: ReadonlyMap<string, Procedure>;
  /** The document as it was read, unknown members kept, so that a mock can serve it as it got it. */
  readonly document: JsonObject;
}
