import type { JsonSchema } from "../contract/mod.ts";
import { isObject } from "../is_object.ts";

/** The result of a check for an invalid value; {@link Run} contains the error. */
export const FAIL: unique symbol = Symbol("does not fit");

/** Returns the value (coerced in lax mode), or {@link FAIL}. */
export type Check = (value: unknown) => unknown;

/** How exactly a value matched its type. Selects the member of a union. */
export const Exactness = { Lax: 0, Strict: 1, Exact: 2 } as const;
export type Exactness = (typeof Exactness)[keyof typeof Exactness];

/** Maximum references followed in one validation: unions of recursive types can multiply them. */
const MAX_REFERENCES = 500_000;

/** The state of one validation, shared by all closures of a compiled schema. */
export class Run {
  type = "";
  message = "";
  /** The path of the error, innermost first. */
  readonly path: (string | number)[] = [];
  exactness: Exactness = Exactness.Exact;
  /** Number of fields given to models so far; undefined without models. */
  fieldsSet: number | undefined;
  references = 0;
  depth = 0;

  /** Resets the state for the next validation. */
  reset(): void {
    // Setting the length takes longer than many checks.
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

  /** Adds a segment to the path of the error. */
  at(segment: string | number): typeof FAIL {
    this.path.push(segment);
    return FAIL;
  }

  floor(exactness: Exactness): void {
    if (exactness < this.exactness) this.exactness = exactness;
  }

  /** Runs a check without its effects on the enclosing union. */
  test(check: Check, value: unknown): boolean {
    const { exactness, fieldsSet } = this;
    const checked = check(value);
    this.exactness = exactness;
    this.fieldsSet = fieldsSet;
    return checked !== FAIL;
  }

  countReference(): boolean {
    return ++this.references <= MAX_REFERENCES;
  }
}

/** The position of a schema, which affects the wording of its errors. */
export interface SchemaPosition {
  /** The name in `$defs`, if a reference led to it. */
  readonly definition?: string;
  /** True for the root of the document and for targets of references, whose title is the name of a class. */
  readonly isNamed: boolean;
}

export const INLINE: SchemaPosition = { isNamed: false };

/** The target of a `$ref`. */
export interface ReferenceTarget {
  readonly schema: JsonSchema;
  /** The last part of the reference: the name in `$defs`. */
  readonly name: string;
}

/** The shared context of the compiler's parts. */
export interface Compiler {
  readonly root: JsonSchema;
  readonly lax: boolean;
  readonly run: Run;
  readonly pythonType: string | undefined;
  warn(message: string): void;
  /** Builds the check of a schema when it is first needed. */
  check(schema: JsonSchema, position?: SchemaPosition): Check;
  /** Builds a check for names of members: they are texts, so that an IntEnum accepts "1". */
  checkName(schema: JsonSchema): Check;
  /** Builds a check that does not coerce, for conditions. */
  test(schema: JsonSchema): (value: unknown) => boolean;
  /** Returns the target of the `$ref` of a schema. */
  resolve(reference: string, from?: JsonSchema): ReferenceTarget | undefined;
}

/** Returns true for a schema with a type and documentation only. */
export function isBareType(schema: JsonSchema, type: string): boolean {
  return isObject(schema) && schema["type"] === type &&
    Object.keys(schema).every((key) =>
      ["type", "title", "description", "examples", "deprecated"].includes(key)
    );
}
