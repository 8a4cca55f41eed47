import { isKeywordOnly, type Json } from "../contract/mod.ts";
import { propertyKey } from "./escape.ts";
import { tupleLabel } from "./names.ts";
import { NOT_ITERABLE, printFlat } from "./print_type.ts";
import {
  BOOLEAN,
  isInherited,
  isKeyword,
  NEVER,
  NUMBER,
  STRING,
  type TypeNode,
  unionOf,
  UNKNOWN,
} from "./type_tree.ts";

/** A parameter with its type. */
export interface TypedParameter {
  readonly name: string;
  readonly type: TypeNode;
  /** The type on one line. */
  readonly text: string;
  readonly required: boolean;
  readonly default?: Json;
}

/**
 * The ways to call a procedure, as argument lists in TypeScript, each printed on one line.
 *
 * The client sends a single object (not a list) or `null` as named parameters, and `undefined` in a list as `null`. So
 * the form with one argument lacks these members of the parameter's type, and each optional parameter adds a form
 * instead of an optional element.
 */
export interface CallForms {
  /** True if it can be called without arguments. */
  readonly empty: boolean;
  /** Argument lists of one or more positional arguments: `[a: number, b: number]`. */
  readonly positional: readonly string[];
  /** The only argument of the named form: `{ a: number; b?: number }`; absent without parameters. */
  readonly named?: string;
  /**
   * True if the only positional form has a single argument that may be a list. Upstream's hooks spread a list, so they
   * must see the named form alone.
   */
  readonly listAlone: boolean;
  /**
   * True if a required parameter follows an optional one. In Python this is possible for keyword-only parameters only.
   */
  readonly keywordOnly: boolean;
}

/** Returns the forms in which a procedure can be called. `typeOf` returns the type of a reference's name. */
export function callForms(
  parameters: readonly TypedParameter[],
  typeOf: (name: string) => TypeNode | undefined,
): CallForms {
  const [firstParameter] = parameters;
  if (firstParameter === undefined) {
    return { empty: true, positional: [], listAlone: false, keywordOnly: false };
  }
  const required = parameters.filter((parameter) => parameter.required).length;
  const keywordOnly = isKeywordOnly(parameters);
  const first = aloneType(firstParameter.type, typeOf);
  const positional = keywordOnly ? [] : positionalForms(parameters, required, first);
  const alone = parameters.length === 1 || keywordOnly;
  return {
    empty: required === 0,
    positional,
    named: namedForm(parameters),
    listAlone: alone && positional.length === 1 && (shapesOf(first, typeOf) & LIST) !== 0,
    keywordOnly,
  };
}

// Returns one list for each number of arguments from the required ones on, each a prefix of the next.
function positionalForms(
  parameters: readonly TypedParameter[],
  required: number,
  first: TypeNode,
): string[] {
  const forms: string[] = [];
  let list = "";
  for (const [index, parameter] of parameters.entries()) {
    const { name, type, text: printed, required: isRequired } = parameter;
    // `undefined` would be sent as null instead of being left out, which only a default of None means as well.
    const isDefined = !isRequired && parameter.default !== null && isKeyword(type, "unknown");
    const text = isDefined ? "{} | null" : printed;
    const label = labelOf(parameters, name, index);
    list += `${index === 0 ? "" : ", "}${label}: ${text}`;
    if (index + 1 < required) continue;
    if (index > 0) forms.push(`[${list}]`);
    else if (!isKeyword(first, "never")) {
      forms.push(`[${label}: ${first === type ? text : printFlat(first)}]`);
    }
  }
  return forms;
}

function labelOf(parameters: readonly TypedParameter[], name: string, index: number): string {
  const label = tupleLabel(name, index);
  // `class` becomes `class_`, which may be the name of another parameter.
  return label !== name && parameters.some((parameter) => parameter.name === label)
    ? `arg${index}`
    : label;
}

function namedForm(parameters: readonly TypedParameter[]): string {
  let members = "";
  let hasInherited = false;
  for (const parameter of parameters) {
    const { name, text, required } = parameter;
    members += `${members === "" ? "" : "; "}${propertyKey(name)}${required ? "" : "?"}: ${text}`;
    hasInherited ||= isInherited(parameter);
  }
  // Strings and arrays have members of their own: without this, `f("text")` would compile for `f({ length: 4 })`.
  return hasInherited ? `{ ${members} } & { ${NOT_ITERABLE} }` : `{ ${members} }`;
}

// Kinds of values at run time that the client treats differently, as bits.
const SCALAR = 1;
const LIST = 2;
const OBJECT = 4;
const NULL = 8;
const ANYTHING = SCALAR | LIST | OBJECT | NULL;
const NAMED = OBJECT | NULL;

const NONE_SEEN: readonly string[] = [];

/** Returns a type without the members that the client would send as named parameters if they are the only argument. */
function aloneType(
  type: TypeNode,
  typeOf: (name: string) => TypeNode | undefined,
  seen = NONE_SEEN,
): TypeNode {
  if (isKeyword(type, "unknown")) return ALONE_UNKNOWN;
  const shapes = shapesOf(type, typeOf);
  if ((shapes & NAMED) === 0) return type;
  if ((shapes & ~NAMED) === 0) return NEVER;
  if (type.kind === "union") {
    return unionOf(type.members.map((member) => aloneType(member, typeOf, seen)));
  }
  if (type.kind !== "reference" || seen.includes(type.name)) return NEVER;
  const target = typeOf(type.name);
  return target === undefined ? NEVER : aloneType(target, typeOf, [...seen, type.name]);
}

const ALONE_UNKNOWN = unionOf([STRING, NUMBER, BOOLEAN, { kind: "array", element: UNKNOWN }]);

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
