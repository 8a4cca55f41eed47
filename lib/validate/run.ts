import type { Json, JsonObject, JsonSchema } from "../contract/mod.ts";

/** What a check gives for a value that does not fit; what is wrong is in {@link Run}. */
export const FAIL: unique symbol = Symbol("does not fit");

/** Gives the value (coerced in lax mode), or {@link FAIL}. */
export type Check = (value: unknown) => unknown;

/** How near a value came to what was asked for: what decides between the members of a union. */
export const Exactness = { Lax: 0, Strict: 1, Exact: 2 } as const;
export type Exactness = (typeof Exactness)[keyof typeof Exactness];

/** References followed in one validation, after which it is given up: what a union of recursive types could blow up. */
const MAX_REFERENCES = 500_000;

/** The state of one validation, shared by all closures of a compiled schema. */
export class Run {
  type = "";
  message = "";
  /** From the inside out. */
  readonly path: (string | number)[] = [];
  exactness: Exactness = Exactness.Exact;
  /** Fields that were given to models so far; absent where there was no model. */
  fieldsSet: number | undefined;
  references = 0;
  depth = 0;

  /** Begins anew. */
  reset(): void {
    // Setting the length takes longer than many a check.
    if (this.path.length > 0) this.path.length = 0;
    this.exactness = Exactness.Exact;
    this.fieldsSet = undefined;
    this.references = 0;
    this.depth = 0;
  }

  fail(type: string, message: string): typeof FAIL {
    this.type = type;
    this.message = message;
    if (this.path.length > 0) this.path.length = 0;
    return FAIL;
  }

  failWith(wrong: { readonly type: string; readonly message: string }): typeof FAIL {
    return this.fail(wrong.type, wrong.message);
  }

  /** Adds a place around what has failed. */
  at(place: string | number): typeof FAIL {
    this.path.push(place);
    return FAIL;
  }

  floor(exactness: Exactness): void {
    if (exactness < this.exactness) this.exactness = exactness;
  }

  countReference(): boolean {
    return ++this.references <= MAX_REFERENCES;
  }
}

/** Where a schema stands, which decides on some words of its errors. */
export interface Place {
  /** The name in `$defs`, where it was reached by a reference. */
  readonly definition?: string;
  /** Whether it is the document's root (`true`), or a reference led here: then a title is that of a class. */
  readonly isNamed: boolean;
}

export const INLINE: Place = { isNamed: false };

/** What the parts of the compiler share. */
export interface Compiler {
  readonly root: JsonSchema;
  readonly lax: boolean;
  readonly run: Run;
  readonly pythonType: string | undefined;
  warn(message: string): void;
  /** Makes the check of a schema when it is first needed. */
  check(schema: JsonSchema, place?: Place): Check;
  /** The schema that a `$ref` of the document leads to, and its name. */
  resolve(reference: string): { schema: JsonSchema; name: string } | undefined;
}

/** A member of a schema; nothing for a schema that is a boolean, and for what only a prototype has. */
export function keyword(schema: JsonSchema, name: string): Json | undefined {
  return typeof schema === "object" && Object.hasOwn(schema, name) ? schema[name] : undefined;
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function isSchema(value: Json | undefined): value is JsonSchema {
  return typeof value === "boolean" || isObject(value);
}

export function schemaList(value: Json | undefined): readonly JsonSchema[] {
  return Array.isArray(value) ? (value as readonly Json[]).filter(isSchema) : [];
}

export function schemaMap(value: Json | undefined): readonly (readonly [string, JsonSchema])[] {
  return isObject(value)
    ? Object.entries(value as JsonObject).filter((entry): entry is [string, JsonSchema] =>
      isSchema(entry[1])
    )
    : [];
}

export function numberKeyword(schema: JsonSchema, name: string): number | undefined {
  const value = keyword(schema, name);
  return typeof value === "number" ? value : undefined;
}

export function isBareType(schema: JsonSchema, type: string): boolean {
  return isObject(schema) && schema["type"] === type &&
    Object.keys(schema).every((key) =>
      ["type", "title", "description", "examples", "deprecated"].includes(key)
    );
}
