/** The tree between JSON Schema and printed TypeScript. Its constructors handle empty, single and repeated members. */
export type TypeNode =
  | { readonly kind: "keyword"; readonly name: Keyword }
  | { readonly kind: "literal"; readonly value: string | number | boolean }
  | { readonly kind: "reference"; readonly name: string }
  | { readonly kind: "array"; readonly element: TypeNode }
  | { readonly kind: "tuple"; readonly elements: readonly TupleElement[]; readonly rest?: TypeNode }
  | { readonly kind: "union"; readonly members: readonly TypeNode[] }
  | { readonly kind: "intersection"; readonly members: readonly TypeNode[] }
  | {
    readonly kind: "object";
    readonly properties: readonly Property[];
    readonly index?: TypeNode;
    /** `false` rejects strings and arrays explicitly, because they have some members of their own. */
    readonly iterable?: false;
  }
  | {
    readonly kind: "record";
    readonly key: TypeNode;
    readonly value: TypeNode;
    readonly partial: boolean;
  };

/** The TypeScript keywords that JSON needs. */
export type Keyword = "unknown" | "never" | "string" | "number" | "boolean" | "null" | "undefined";

/** One element of a tuple. */
export interface TupleElement {
  readonly type: TypeNode;
  readonly optional: boolean;
}

/** One property of an object type. */
export interface Property {
  readonly name: string;
  readonly type: TypeNode;
  readonly optional: boolean;
  /** Lines of its documentation comment, escaped. */
  readonly doc: readonly string[];
}

const keyword = (name: Keyword): TypeNode => ({ kind: "keyword", name });

export const UNKNOWN = keyword("unknown");
export const NEVER = keyword("never");
export const STRING = keyword("string");
export const NUMBER = keyword("number");
export const BOOLEAN = keyword("boolean");
export const NULL = keyword("null");
export const UNDEFINED = keyword("undefined");

/** Returns a union of string literals; an enum may have thousands of them. */
export function unionOfTexts(values: readonly string[]): TypeNode {
  const members = [...new Set(values)].map((value): TypeNode => ({ kind: "literal", value }));
  const [only] = members;
  return only !== undefined && members.length === 1 ? only : { kind: "union", members };
}

/** Returns a flat union without repetitions and without literals that a member already covers, `null` last. */
export function unionOf(types: readonly TypeNode[]): TypeNode {
  const [first, second] = types;
  if (first === undefined) return NEVER;
  if (types.length === 1) return first;
  // A fast path: nearly every union is `X | None`.
  if (types.length === 2 && second === NULL && isOneOf(first)) {
    return { kind: "union", members: types };
  }
  const seen = new Map<string, TypeNode>();
  const add = (type: TypeNode): void => {
    if (type.kind === "union") type.members.forEach(add);
    else seen.set(typeKey(type), type);
  };
  types.forEach(add);
  if (seen.has("unknown")) return UNKNOWN;
  seen.delete("never");
  if (seen.has("true") && seen.has("false")) seen.set("boolean", BOOLEAN);
  const members = [...seen.values()].filter((type) =>
    type.kind !== "literal" || !seen.has(typeof type.value)
  );
  const [only] = members;
  if (only === undefined) return NEVER;
  if (members.length === 1) return only;
  const nulls = members.filter((type) => isKeyword(type, "null"));
  const rest = members.filter((type) => !isKeyword(type, "null"));
  return { kind: "union", members: [...rest, ...nulls] };
}

// Returns false for unions, and for types that absorb others or disappear among them.
function isOneOf(type: TypeNode): boolean {
  return type.kind === "keyword"
    ? type.name !== "unknown" && type.name !== "never" && type.name !== "null"
    : type.kind !== "union";
}

/** Returns a flat intersection without repetitions and without `unknown`. */
export function intersectionOf(types: readonly TypeNode[]): TypeNode {
  const [first] = types;
  if (first === undefined) return UNKNOWN;
  if (types.length === 1) return first;
  const seen = new Map<string, TypeNode>();
  for (
    const type of types.flatMap((type) => type.kind === "intersection" ? type.members : [type])
  ) {
    if (isKeyword(type, "never")) return NEVER;
    if (!isKeyword(type, "unknown")) seen.set(typeKey(type), type);
  }
  const members = [...seen.values()];
  const [only] = members;
  if (only === undefined) return UNKNOWN;
  return members.length === 1 ? only : { kind: "intersection", members };
}

/** Returns true if a type is the given keyword. */
export function isKeyword(type: TypeNode, name: Keyword): boolean {
  return type.kind === "keyword" && type.name === name;
}

/**
 * Returns true if strings or arrays have a member of this name and type, so that they would pass for an object with
 * only such members.
 */
export function isInherited({ name, type }: Pick<Property, "name" | "type">): boolean {
  if (name === "length" || /^\d+$/.test(name)) return true;
  return isKeyword(type, "unknown") && (name in String.prototype || name in Array.prototype);
}

// Equal types have equal keys. Keys are never printed.
function typeKey(type: TypeNode): string {
  switch (type.kind) {
    case "keyword":
      return type.name;
    case "literal":
      return JSON.stringify(type.value);
    case "reference":
      return `@${type.name}`;
    default:
      return JSON.stringify(type);
  }
}
