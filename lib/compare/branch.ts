import type { Json, JsonSchema } from "../contract/mod.ts";

/** A schema with the document that its references are resolved in. */
export interface SchemaNode {
  readonly schema: JsonSchema;
  readonly root: JsonSchema;
}

interface BranchBase {
  /** Title of the model that the branch belongs to. */
  readonly model?: string | undefined;
  /**
   * Constraints that the branch does not model: with any of them the branch accepts more values than the schema. Equal
   * texts mean equal constraints.
   */
  readonly opaque: readonly string[];
}

/** A single value. */
export interface LiteralBranch extends BranchBase {
  readonly kind: "literal";
  readonly value: Json;
}

/** Numbers between bounds. */
export interface NumberBranch extends BranchBase {
  readonly kind: "number";
  readonly integer: boolean;
  readonly min: number | bigint;
  readonly minOpen: boolean;
  readonly max: number | bigint;
  readonly maxOpen: boolean;
  readonly multiples: readonly number[];
}

/** Strings; lengths in code points. */
export interface StringBranch extends BranchBase {
  readonly kind: "string";
  readonly minLength: number;
  readonly maxLength: number;
  readonly patterns: readonly string[];
  readonly formats: readonly string[];
  /** The value that an argument for `Json[T]` contains as text. */
  readonly content?: SchemaNode | undefined;
}

/** Arrays: a schema for each of the first items, and one for the rest. */
export interface ArrayBranch extends BranchBase {
  readonly kind: "array";
  readonly prefix: readonly SchemaNode[];
  readonly items: SchemaNode;
  readonly minItems: number;
  readonly maxItems: number;
  readonly unique: boolean;
}

/** Objects. */
export interface ObjectBranch extends BranchBase {
  readonly kind: "object";
  readonly properties: ReadonlyMap<string, SchemaNode>;
  readonly required: ReadonlySet<string>;
  /** The schema of undeclared members. */
  readonly additional: SchemaNode;
  /** True if the server accepts undeclared members of an argument and ignores them. */
  readonly ignoresOthers: boolean;
  readonly names: readonly SchemaNode[];
  /** The tag of the discriminated union that the branch is a member of. */
  readonly tag?: string | undefined;
  readonly minProperties: number;
  readonly maxProperties: number;
}

/** Values of one JSON type. A schema is a union of branches. */
export type Branch = LiteralBranch | NumberBranch | StringBranch | ArrayBranch | ObjectBranch;

/** Returns the schema of the item at an index. */
export function itemAt(branch: ArrayBranch, index: number): SchemaNode {
  return branch.prefix[index] ?? branch.items;
}

/** Returns the schema of the member with a name. */
export function propertyAt(branch: ObjectBranch, name: string): SchemaNode {
  return branch.properties.get(name) ?? branch.additional;
}

/** Returns the JSON type of a branch's values. */
export function jsonTypeOf(branch: Branch): string {
  if (branch.kind !== "literal") return branch.kind;
  const { value } = branch;
  return value === null ? "null" : Array.isArray(value) ? "array" : typeof value;
}

/** Branches that accept every value. */
export function universal(root: JsonSchema, opaque: readonly string[]): Branch[] {
  const anything: SchemaNode = { schema: true, root };
  return [
    { kind: "literal", value: null, opaque },
    { kind: "literal", value: true, opaque },
    { kind: "literal", value: false, opaque },
    {
      kind: "number",
      integer: false,
      min: -Infinity,
      minOpen: false,
      max: Infinity,
      maxOpen: false,
      multiples: [],
      opaque,
    },
    { kind: "string", minLength: 0, maxLength: Infinity, patterns: [], formats: [], opaque },
    {
      kind: "array",
      prefix: [],
      items: anything,
      minItems: 0,
      maxItems: Infinity,
      unique: false,
      opaque,
    },
    {
      kind: "object",
      properties: new Map(),
      required: new Set(),
      additional: anything,
      ignoresOthers: false,
      names: [],
      minProperties: 0,
      maxProperties: Infinity,
      opaque,
    },
  ];
}
