import { propertyKey } from "./escape.ts";
import { tupleLabel } from "./names.ts";
import { NOT_ITERABLE, printFlat } from "./print_type.ts";
import { isInherited, isKeyword, type TypeNode } from "./type_tree.ts";

/** A parameter with its type. */
export interface TypedParameter {
  readonly name: string;
  readonly type: TypeNode;
  readonly required: boolean;
}

/**
 * How a procedure may be called, as lists of arguments in TypeScript, each printed on one line.
 *
 * The client sends a single argument that is an object (not a list) or `null` as named parameters, and `undefined` in a
 * list as `null`. So every form that would be sent wrongly is left out, and what may be left out makes a form of its own
 * instead of an optional element.
 */
export interface CallForms {
  /** Whether it can be called without arguments. */
  readonly empty: boolean;
  /** Argument lists of one or more positional arguments: `[a: number, b: number]`. */
  readonly positional: readonly string[];
  /** The named form's only argument: `{ a: number; b?: number }`; absent without parameters. */
  readonly named?: string;
  /**
   * Whether the only positional form takes a single argument that may be a list. Upstream's hooks spread a list, so they
   * must see the named form alone.
   */
  readonly listAlone: boolean;
  /** Whether a required parameter follows an optional one: in Python that is possible for keyword-only ones only. */
  readonly keywordOnly: boolean;
}

/** The forms in which a procedure can be called. `typeOf` gives the type behind a reference's name. */
export function callForms(
  parameters: readonly TypedParameter[],
  typeOf: (name: string) => TypeNode | undefined,
): CallForms {
  const required = parameters.filter((parameter) => parameter.required).length;
  const empty = required === 0;
  if (parameters.length === 0) {
    return { empty, positional: [], listAlone: false, keywordOnly: false };
  }
  const keywordOnly = parameters.slice(0, required).some((parameter) => !parameter.required);
  const labelled = parameters.map(({ name, type, required }, index) => {
    // `undefined` would be sent as null, which is not "left out".
    const text = !required && isKeyword(type, "unknown") ? "{} | null" : printFlat(type);
    return `${labelOf(parameters, name, index)}: ${text}`;
  });
  const first = shapesOf(parameters[0]!.type, typeOf);

  const positional: string[] = [];
  for (let count = Math.max(required, 1); count <= parameters.length && !keywordOnly; count++) {
    if (count === 1 && ((first & (OBJECT | NULL)) !== 0)) continue;
    positional.push(`[${labelled.slice(0, count).join(", ")}]`);
  }
  const alone = parameters.length === 1 || keywordOnly;
  return {
    empty,
    positional,
    named: namedForm(parameters),
    listAlone: alone && positional.length === 1 && (first & LIST) !== 0,
    keywordOnly,
  };
}

function labelOf(parameters: readonly TypedParameter[], name: string, index: number): string {
  const label = tupleLabel(name, index);
  // `class` becomes `class_`, which may be another parameter's name.
  return label !== name && parameters.some((parameter) => parameter.name === label)
    ? `arg${index}`
    : label;
}

function namedForm(parameters: readonly TypedParameter[]): string {
  const members = parameters.map(({ name, type, required }) =>
    `${propertyKey(name)}${required ? "" : "?"}: ${printFlat(type)}`
  );
  const named = `{ ${members.join("; ")} }`;
  // Texts and lists have members of their own: without this `f("text")` would pass for `f({ length: 4 })`.
  return parameters.some(isInherited) ? `${named} & { ${NOT_ITERABLE} }` : named;
}

// What a value can be at run time, as far as the client treats it differently; a set of bits.
const SCALAR = 1;
const LIST = 2;
const OBJECT = 4;
const NULL = 8;
const ANYTHING = SCALAR | LIST | OBJECT | NULL;

const NONE_SEEN: readonly string[] = [];

function shapesOf(
  type: TypeNode,
  typeOf: (name: string) => TypeNode | undefined,
  seen: readonly string[] = NONE_SEEN,
): number {
  switch (type.kind) {
    case "keyword":
      if (type.name === "unknown") return ANYTHING;
      if (type.name === "never") return 0;
      return type.name === "null" ? NULL : SCALAR;
    case "literal":
      return SCALAR;
    case "array":
    case "tuple":
      return LIST;
    case "object":
    case "record":
      return OBJECT;
    case "reference": {
      if (seen.includes(type.name)) return 0;
      const target = typeOf(type.name);
      return target === undefined ? ANYTHING : shapesOf(target, typeOf, [...seen, type.name]);
    }
    case "union":
    case "intersection":
      return type.members.reduce((shapes, member) => shapes | shapesOf(member, typeOf, seen), 0);
  }
}
