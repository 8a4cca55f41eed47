import {
  ANNOTATIONS,
  defaultOutsideType,
  type Direction,
  forEachSubschema,
  hasDefault,
  isDuration,
  isJsonObject,
  isSchema,
  type Json,
  jsonContent,
  type JsonObject,
  type JsonSchema,
  leastItems,
  MAX_SCHEMA_DEPTH,
  mayBeAbsent,
  type Model,
  type ModelGraph,
  ownMember,
  type SchemaDocument,
  tagOf,
} from "../contract/mod.ts";
import { schemaDoc } from "./doc_comment.ts";
import {
  ANY_OF,
  COMBINED,
  DEFAULT,
  FORMAT,
  isNarrowing,
  keywordGroups,
  NARROWING,
  OTHER,
} from "./keyword_groups.ts";
import { compare } from "./names.ts";
import type { TaggedUnion } from "./tagged_unions.ts";
import {
  BOOLEAN,
  intersectionOf,
  isInherited,
  isKeyword,
  NEVER,
  NULL,
  NUMBER,
  type Property,
  STRING,
  type TypeNode,
  UNDEFINED,
  unionOf,
  unionOfTexts,
  UNKNOWN,
} from "./type_tree.ts";

/** A part of a schema that types cannot express. */
export interface Warning {
  readonly procedure: string;
  /** The path in the procedure: `result/properties/items`, `parameter "x"/anyOf/0`. */
  readonly path: string;
  readonly message: string;
}

/** The context of a conversion. */
export interface Conversion {
  readonly graph: ModelGraph;
  readonly direction: Direction;
  /** Use one type for both directions: the argument's, which also accepts results. */
  readonly single?: boolean;
  /** Returns the identifier of a model for this direction. */
  readonly nameOf: (model: Model) => string;
  /** Returns the identifier of a discriminated union with a name. */
  readonly unionNameOf: (schema: JsonObject, document: SchemaDocument) => string | undefined;
  readonly warn: (warning: Warning) => void;
}

/** Returns the type of a parameter or result. */
export function convertDocument(document: SchemaDocument, conversion: Conversion): TypeNode {
  const { root } = document;
  const plain = isJsonObject(root) ? plainType(root, keywordGroups(root)) : undefined;
  if (plain !== undefined && !Object.hasOwn(root as JsonObject, "title")) return plain;
  const model = conversion.graph.root(document);
  if (model !== undefined) return { kind: "reference", name: conversion.nameOf(model) };
  return new Converter(document, undefined, conversion).convert(document.root, "", 0);
}

/** Returns the type that the name of a discriminated union stands for. */
export function convertUnion(
  { schema, document }: TaggedUnion,
  conversion: Conversion,
): TypeNode {
  return new Converter(document, undefined, { ...conversion, unionNameOf: () => undefined })
    .convert(schema, "", 0);
}

/** Returns the type that a model's name stands for. */
export function convertModel(model: Model, conversion: Conversion): TypeNode {
  return new Converter(model.document, model, conversion).convertModelBody(model);
}

// Keywords that narrow only with a value of the right type; any other value is ignored.
interface Shape {
  readonly wanted: string;
  fits(value: Json): boolean;
}

const LIST: Shape = { wanted: "a list", fits: Array.isArray };
const OBJECT: Shape = { wanted: "an object", fits: isJsonObject };
const SCHEMA: Shape = { wanted: "a JSON Schema", fits: isSchema };

const SHAPES: ReadonlyMap<string, Shape> = new Map([
  ["$ref", { wanted: "a text", fits: (value) => typeof value === "string" }],
  ["enum", LIST],
  ["anyOf", LIST],
  ["oneOf", LIST],
  ["allOf", LIST],
  ["required", LIST],
  ["properties", OBJECT],
  ["patternProperties", OBJECT],
  ["additionalProperties", SCHEMA],
  ["propertyNames", SCHEMA],
]);

const PLAIN_TYPES: ReadonlyMap<unknown, TypeNode> = new Map([
  ["string", STRING],
  ["integer", NUMBER],
  ["number", NUMBER],
  ["boolean", BOOLEAN],
  ["null", NULL],
]);

// A fast path: most schemas of a contract are one of JSON's own types.
function plainType(schema: JsonObject, groups: number): TypeNode | undefined {
  return (groups & (OTHER | ANY_OF)) === 0 && ((groups & FORMAT) === 0 || !isDuration(schema))
    ? PLAIN_TYPES.get(ownMember(schema, "type"))
    : undefined;
}

const OBJECT_KEYWORDS: ReadonlySet<string> = new Set([
  ...ANNOTATIONS,
  "type",
  "properties",
  "required",
  "additionalProperties",
]);

// A fast path: nearly every model is an object with only these keywords, each of the right type.
function isPlainObject(schema: JsonObject): boolean {
  if (schema["type"] !== "object") return false;
  for (const keyword in schema) if (!OBJECT_KEYWORDS.has(keyword)) return false;
  const { properties, required, additionalProperties } = schema;
  return isJsonObject(properties) &&
    (required === undefined || Array.isArray(required)) &&
    (additionalProperties === undefined || isSchema(additionalProperties));
}

const NEEDS_TYPE = [
  "properties",
  "required",
  "items",
  "prefixItems",
  "patternProperties",
  "additionalProperties",
];

// The models that a directly self-referencing type expands, and whether one of them referred to itself.
interface Expansion {
  readonly models: Model[];
  cyclic: boolean;
}

/** A member of an intersection, with the schemas that it is made of. */
interface Part {
  readonly type: TypeNode;
  readonly schemas: readonly Json[];
}

class Converter {
  readonly #document: SchemaDocument;
  readonly #model: Model | undefined;
  readonly #conversion: Conversion;
  readonly #expansion: Expansion;

  constructor(
    document: SchemaDocument,
    model: Model | undefined,
    conversion: Conversion,
    expansion: Expansion = { models: [], cyclic: false },
  ) {
    this.#document = document;
    this.#model = model;
    this.#conversion = conversion;
    this.#expansion = expansion;
  }

  convertModelBody(model: Model): TypeNode {
    this.#expansion.models.push(model);
    const type = this.convert(model.schema, model.pointer, 0, true);
    if (isKeyword(type, "never") && this.#expansion.cyclic) {
      this.#warn(model.pointer, "refers only to itself, typed as unknown");
      return UNKNOWN;
    }
    return type;
  }

  /**
   * Converts a schema. `bare`: at a position where a self-referencing alias would be an error of TypeScript (TS2456).
   */
  convert(schema: JsonSchema, pointer: string, depth: number, bare = false): TypeNode {
    if (typeof schema === "boolean") return schema ? UNKNOWN : NEVER;
    return this.#converted(schema, keywordGroups(schema), pointer, depth, bare);
  }

  #converted(
    schema: JsonObject,
    groups: number,
    pointer: string,
    depth: number,
    bare: boolean,
  ): TypeNode {
    const type = this.#withoutDefault(schema, groups, pointer, depth, bare);
    const { direction, single = false } = this.#conversion;
    if ((groups & DEFAULT) === 0 || (direction === "input" && !single)) return type;
    const value = defaultOutsideType(schema, this.#document.root);
    return value === undefined ? type : unionOf([type, literalType(value)]);
  }

  #withoutDefault(
    schema: JsonObject,
    groups: number,
    pointer: string,
    depth: number,
    bare: boolean,
  ): TypeNode {
    if (depth > MAX_SCHEMA_DEPTH) {
      this.#warn(pointer, `nested deeper than ${MAX_SCHEMA_DEPTH} levels, typed as unknown`);
      return UNKNOWN;
    }
    const plain = plainType(schema, groups);
    if (plain !== undefined) return plain;
    if (isPlainObject(schema)) return this.#object(schema, pointer, depth);
    const wrong = this.#wrongKeywords(schema, pointer);
    if (wrong.length > 0) {
      const rest = Object.entries(schema).filter(([keyword]) => !wrong.includes(keyword));
      return this.convert(Object.fromEntries(rest), pointer, depth, bare);
    }
    if ((groups & NARROWING) !== 0) {
      for (const keyword in schema) {
        if (isNarrowing(keyword)) {
          this.#warn(pointer, `"${keyword}" has no type in TypeScript, it is ignored`);
        }
      }
    }
    if ((groups & (ANY_OF | COMBINED)) === 0) {
      return this.#base(schema, pointer, depth, false) ?? UNKNOWN;
    }

    const parts: Part[] = [];
    const ref = ownMember(schema, "$ref");
    if (typeof ref === "string") {
      parts.push({ type: this.#reference(ref, pointer, depth, bare), schemas: [{ $ref: ref }] });
    }
    const tag = tagOf(schema);
    const unionName = tag === undefined || bare
      ? undefined
      : this.#conversion.unionNameOf(schema, this.#document);
    for (const keyword of ["anyOf", "oneOf"] as const) {
      const members = ownMember(schema, keyword);
      if (!Array.isArray(members)) continue;
      if (unionName !== undefined) {
        parts.push({ type: { kind: "reference", name: unionName }, schemas: members });
        continue;
      }
      const types = this.#list(members, `${pointer}/${keyword}`, depth, bare);
      const type = unionOf(
        tag === undefined
          ? types
          : types.map((type, index) => this.#tagged(type, members[index] ?? null, tag)),
      );
      parts.push({ type, schemas: members });
    }
    const all = ownMember(schema, "allOf");
    if (Array.isArray(all)) {
      const types = this.#list(all, `${pointer}/allOf`, depth, bare);
      // In an intersection, unlike in a union, a reference to itself must not remove all other members.
      types.forEach((type, index) =>
        parts.push({
          type: this.#expansion.cyclic && isKeyword(type, "never") ? UNKNOWN : type,
          schemas: [all[index] ?? null],
        })
      );
    }

    const base = this.#base(schema, pointer, depth, parts.length > 0);
    if (base !== undefined) parts.push({ type: base, schemas: [withoutCombinations(schema)] });
    return this.#intersection(parts);
  }

  // Leaves models without fields out of an intersection: the type of such a model rejects every member.
  #intersection(parts: readonly Part[]): TypeNode {
    const isEmpty = ({ schemas }: Part) =>
      schemas.some((schema) => isJsonObject(schema) && isEmptyModel(this.#follow(schema).schema));
    const rest = parts.length < 2
      ? []
      : parts.filter((part) => !isKeyword(part.type, "unknown") && !isEmpty(part));
    return intersectionOf((rest.length > 0 ? rest : parts).map(({ type }) => type));
  }

  #wrongKeywords(schema: JsonObject, pointer: string): string[] {
    const wrong: string[] = [];
    for (const keyword in schema) {
      const shape = SHAPES.get(keyword);
      if (shape === undefined || shape.fits(schema[keyword] ?? null)) continue;
      this.#warn(pointer, `"${keyword}" is not ${shape.wanted}, it is ignored`);
      wrong.push(keyword);
    }
    return wrong;
  }

  #list(schemas: readonly Json[], pointer: string, depth: number, bare: boolean): TypeNode[] {
    return schemas.map((schema, index) =>
      this.#subschema(schema, `${pointer}/${index}`, depth, bare)
    );
  }

  // Pydantic reads the tag first: it rejects a member without its tag even if the tag has a default.
  #tagged(type: TypeNode, member: Json, tag: string): TypeNode {
    if (!isJsonObject(member) || this.#conversion.direction === "output") return type;
    const { schema, document } = this.#follow(member);
    if (schema === undefined) return type;
    const properties = ownMember(schema, "properties");
    const property = isJsonObject(properties) ? ownMember(properties, tag) : undefined;
    if (property === undefined || requiredOf(schema).includes(tag)) return type;
    const value = new Converter(document, this.#model, this.#conversion, this.#expansion)
      .#subschema(property, `/${tag}`, 0);
    return intersectionOf([
      type,
      { kind: "object", properties: [{ name: tag, type: value, optional: false, doc: [] }] },
    ]);
  }

  // Follows references to the schema that they lead to.
  #follow(schema: JsonObject): { schema: JsonObject | undefined; document: SchemaDocument } {
    let current: JsonSchema | undefined = schema;
    let document = this.#document;
    for (let steps = 0; steps < MAX_SCHEMA_DEPTH && isJsonObject(current); steps++) {
      const ref: Json | undefined = ownMember(current, "$ref");
      if (typeof ref !== "string") return { schema: current, document };
      const target: Model | undefined = this.#conversion.graph.target(document, ref);
      current = target?.schema;
      document = target?.document ?? document;
    }
    return { schema: undefined, document };
  }

  #subschema(schema: Json | undefined, pointer: string, depth: number, bare = false): TypeNode {
    if (isSchema(schema)) return this.convert(schema, pointer, depth + 1, bare);
    this.#warn(pointer, "is not a JSON Schema, typed as unknown");
    return UNKNOWN;
  }

  #reference(ref: string, pointer: string, depth: number, bare: boolean): TypeNode {
    const { graph, nameOf } = this.#conversion;
    const target = graph.target(this.#document, ref);
    if (target === undefined) {
      this.#warn(
        pointer,
        `"$ref" points to ${JSON.stringify(ref)}, which does not exist; typed as unknown`,
      );
      return UNKNOWN;
    }
    if (!bare || this.#model === undefined || !graph.isCycle(this.#model, target)) {
      return { kind: "reference", name: nameOf(target) };
    }
    if (this.#expansion.models.includes(target)) {
      // `A = A | string` means string: a union gains nothing from referring to itself.
      this.#expansion.cyclic = true;
      return NEVER;
    }
    if (!isJsonObject(target.schema) || !isBareCycle(target.schema)) {
      return { kind: "reference", name: nameOf(target) };
    }
    this.#expansion.models.push(target);
    const type = new Converter(target.document, this.#model, this.#conversion, this.#expansion)
      .convert(target.schema, target.pointer, depth + 1, true);
    this.#expansion.models.pop();
    return type;
  }

  // Converts the keywords of this schema without `$ref` and combinations. `combined`: true if it has some of those.
  #base(
    schema: JsonObject,
    pointer: string,
    depth: number,
    combined: boolean,
  ): TypeNode | undefined {
    const constant = ownMember(schema, "const");
    if (constant !== undefined) return literalType(constant);
    const values = ownMember(schema, "enum");
    if (Array.isArray(values)) {
      if (values.length <= MAX_ENUM_VALUES) return enumType(values);
      this.#warn(
        pointer,
        `an enum of more than ${MAX_ENUM_VALUES} values is typed by the kind of its values`,
      );
      return unionOf(values.map(kindOf));
    }

    const type = ownMember(schema, "type");
    if (type === undefined) {
      const narrowing = NEEDS_TYPE.find((keyword) => Object.hasOwn(schema, keyword));
      if (narrowing === undefined) return undefined;
      if (narrowing === "properties" || narrowing === "required") {
        return this.#object(schema, pointer, depth);
      }
      this.#warn(pointer, `"${narrowing}" without "type" is ignored`);
      return undefined;
    }
    if (!Array.isArray(type)) return this.#ofType(type, schema, pointer, depth, combined);
    return unionOf(type.map((name: Json) => this.#ofType(name, schema, pointer, depth, combined)));
  }

  #ofType(
    name: Json,
    schema: JsonObject,
    pointer: string,
    depth: number,
    combined: boolean,
  ): TypeNode {
    switch (name) {
      case "string":
        return this.#string(schema, pointer, depth);
      case "integer":
      case "number":
        return NUMBER;
      case "boolean":
        return BOOLEAN;
      case "null":
        return NULL;
      case "any":
        // pyRPC's word for "no annotation", which is not part of JSON Schema.
        return UNKNOWN;
      case "array":
        return combined && !hasAny(schema, ["items", "prefixItems"])
          ? UNKNOWN
          : this.#array(schema, pointer, depth);
      case "object":
        return combined &&
            !hasAny(schema, [
              "properties",
              "additionalProperties",
              "patternProperties",
              "propertyNames",
            ])
          ? UNKNOWN
          : this.#object(schema, pointer, depth);
      default:
        this.#warn(
          pointer,
          `"type" ${JSON.stringify(name)} is not a type of JSON Schema, typed as unknown`,
        );
        return UNKNOWN;
    }
  }

  #string(schema: JsonObject, pointer: string, depth: number): TypeNode {
    const { direction, single = false } = this.#conversion;
    const content = jsonContent(schema);
    if (isDuration(schema)) return unionOf([NUMBER, STRING]);
    if (content === undefined || (direction === "input" && !single)) return STRING;
    const value = this.#subschema(content, `${pointer}/contentSchema`, depth);
    return single ? unionOf([STRING, value]) : value;
  }

  #array(schema: JsonObject, pointer: string, depth: number): TypeNode {
    const items = ownMember(schema, "items");
    const prefix = ownMember(schema, "prefixItems") ?? (Array.isArray(items) ? items : undefined);
    const most = countOf(schema, "maxItems");
    if (!Array.isArray(prefix)) {
      if (most === 0) return { kind: "tuple", elements: [] };
      if (items === false) return { kind: "tuple", elements: [] };
      const element = items === undefined
        ? UNKNOWN
        : this.#subschema(items, `${pointer}/items`, depth);
      return { kind: "array", element };
    }
    const minItems = countOf(schema, "minItems") ?? 0;
    const least = leastItems(prefix, minItems, this.#conversion.direction);
    const present = prefix.slice(0, most ?? prefix.length);
    const elements = present.map((element: Json, index) => ({
      type: this.#subschema(element, `${pointer}/prefixItems/${index}`, depth),
      optional: index >= least,
    }));
    const closed = items === false || (most !== undefined && most <= prefix.length);
    if (closed) return { kind: "tuple", elements };
    const restSchema = Array.isArray(items) ? ownMember(schema, "additionalItems") : items;
    if (restSchema === false) return { kind: "tuple", elements };
    const rest = restSchema === undefined
      ? UNKNOWN
      : this.#subschema(restSchema, `${pointer}/items`, depth);
    return { kind: "tuple", elements, rest };
  }

  #object(schema: JsonObject, pointer: string, depth: number): TypeNode {
    const declared = ownMember(schema, "properties");
    const properties = isJsonObject(declared) ? declared : {};
    const required = requiredOf(schema);
    const additional = ownMember(schema, "additionalProperties");
    const patterns = ownMember(schema, "patternProperties");

    const { values, others } = inOrder(properties, required);
    if (required.length + others.length === 0) return this.#mapping(schema, pointer, depth);

    const members: Property[] = [];
    required.forEach((name, index) => {
      const property = values[index];
      if (property !== undefined) {
        members.push(this.#field(property, pointer, name, depth, false));
        return;
      }
      const type = isSchema(additional)
        ? this.#subschema(additional, `${pointer}/additionalProperties`, depth)
        : UNKNOWN;
      members.push({ name, type, doc: [], optional: false });
    });
    for (const name of others) {
      const optional = mayBeAbsent(properties, name, this.#conversion.direction);
      members.push(this.#field(properties[name] ?? null, pointer, name, depth, optional));
    }
    const extra = this.#patternTypes(patterns, pointer, depth);
    if (isJsonObject(additional) || additional === true) {
      extra.unshift(this.#subschema(additional, `${pointer}/additionalProperties`, depth));
    } else if (isOpenByPatterns(schema)) extra.unshift(UNKNOWN);
    if (extra.length === 0) {
      const mistakable = members.every((member) => member.optional || isInherited(member)) &&
        members.some(isInherited);
      return mistakable
        ? { kind: "object", properties: members, iterable: false }
        : { kind: "object", properties: members };
    }
    // An index signature must also cover every declared property.
    const index = unionOf([
      ...extra,
      ...members.map(({ type }) => type),
      ...(members.some(({ optional }) => optional) ? [UNDEFINED] : []),
    ]);
    return { kind: "object", properties: members, index };
  }

  #field(
    schema: Json,
    pointer: string,
    name: string,
    depth: number,
    optional: boolean,
  ): Property {
    const place = `${pointer}/properties/${name}`;
    if (!isJsonObject(schema)) {
      return { name, type: this.#subschema(schema, place, depth), optional, doc: [] };
    }
    const groups = keywordGroups(schema);
    const type = this.#converted(schema, groups, place, depth + 1, false);
    return { name, type, optional, doc: schemaDoc(schema, groups) };
  }

  // Converts an object without declared properties: a `dict`, or a model without fields.
  #mapping(schema: JsonObject, pointer: string, depth: number): TypeNode {
    const additional = ownMember(schema, "additionalProperties");
    const patterns = ownMember(schema, "patternProperties");
    const patternTypes = this.#patternTypes(patterns, pointer, depth);
    const open = additional === true || isJsonObject(additional);
    if (!open && patternTypes.length === 0) {
      const { direction, single = false } = this.#conversion;
      // A function may return a subclass of a model without fields.
      const anything = Object.hasOwn(schema, "properties")
        ? direction === "output" || single
        : additional === undefined;
      return { kind: "record", key: STRING, value: anything ? UNKNOWN : NEVER, partial: false };
    }
    const value = unionOf([
      ...(open ? [this.#subschema(additional, `${pointer}/additionalProperties`, depth)] : []),
      ...(isOpenByPatterns(schema) ? [UNKNOWN] : []),
      ...patternTypes,
    ]);
    const key = this.#keyType(ownMember(schema, "propertyNames"), pointer, depth);
    if (key !== undefined) {
      return isKeyword(key, "never")
        ? { kind: "record", key: STRING, value: NEVER, partial: false }
        : { kind: "record", key, value, partial: true };
    }
    // `type A = Record<string, A>` is an error of TypeScript; an index signature is not.
    return this.#model !== undefined &&
        [additional, ...Object.values(isJsonObject(patterns) ? patterns : {})].some((schema) =>
          this.#isRecursive(schema, 0)
        )
      ? { kind: "object", properties: [], index: value }
      : { kind: "record", key: STRING, value, partial: false };
  }

  #patternTypes(patterns: Json | undefined, pointer: string, depth: number): TypeNode[] {
    if (!isJsonObject(patterns)) return [];
    return Object.keys(patterns).sort(compare).map((pattern) =>
      this.#subschema(patterns[pattern], `${pointer}/patternProperties/${pattern}`, depth)
    );
  }

  // Returns the keys of a `dict` with a literal or enum as key; `undefined` if any string is a key.
  #keyType(names: Json | undefined, pointer: string, depth: number): TypeNode | undefined {
    if (!isJsonObject(names)) return undefined;
    const { schema: resolved } = this.#follow(names);
    const keys = resolved === undefined ? undefined : literalKeys(resolved);
    if (resolved === undefined || keys === undefined) return undefined;
    // Pydantic parses a key for an `IntEnum` only: "1" is not a value of `Literal[1]` or of another enum.
    const isParsed = ownMember(resolved, "type") === "integer" && Object.hasOwn(names, "$ref");
    const texts = keys.filter((key) => typeof key === "string");
    const { direction, single = false } = this.#conversion;
    if (isParsed || texts.length === keys.length || direction === "output" || single) {
      return this.convert(names, `${pointer}/propertyNames`, depth + 1);
    }
    const place = `${pointer}/propertyNames`;
    this.#warn(place, "keys of JSON are strings, so the type has only the keys that are strings");
    return enumType(texts);
  }

  #isRecursive(schema: Json | undefined, depth: number): boolean {
    if (!isJsonObject(schema) || depth > MAX_SCHEMA_DEPTH) return false;
    const ref = ownMember(schema, "$ref");
    if (typeof ref === "string" && this.#model !== undefined) {
      const target = this.#conversion.graph.target(this.#document, ref);
      if (target !== undefined && this.#conversion.graph.isCycle(this.#model, target)) return true;
    }
    return ["anyOf", "oneOf", "allOf", "prefixItems"].some((keyword) => {
      const list = ownMember(schema, keyword);
      return Array.isArray(list) && list.some((item: Json) => this.#isRecursive(item, depth + 1));
    }) || ["items", "additionalProperties"].some((keyword) =>
      this.#isRecursive(ownMember(schema, keyword), depth + 1)
    );
  }

  #warn(pointer: string, message: string): void {
    const { procedure, parameter } = this.#document;
    const place = parameter === undefined ? "result" : `parameter ${JSON.stringify(parameter)}`;
    this.#conversion.warn({ procedure, path: `${place}${pointer}`, message });
  }
}

/**
 * Returns the names in `required` without repetitions, in the order of the Python fields: servers that sort keys do not
 * sort this list.
 */
function requiredOf(schema: JsonObject): readonly string[] {
  const required: Json = ownMember(schema, "required") ?? null;
  if (!Array.isArray(required)) return [];
  if (isClean(required)) return required as string[];
  return [...new Set(required.filter((name) => typeof name === "string"))];
}

// Returns true if a short list contains only distinct strings, which is the normal case.
function isClean(names: readonly Json[]): boolean {
  if (names.length > SHORT) return false;
  for (let index = 0; index < names.length; index++) {
    const name = names[index];
    if (typeof name !== "string" || names.indexOf(name) !== index) return false;
  }
  return true;
}

const SHORT = 16;

/** Returns the schemas of the required names, and the other names sorted. */
function inOrder(
  properties: JsonObject,
  required: readonly string[],
): { values: readonly (Json | undefined)[]; others: readonly string[] } {
  // Usually both are in the order of the Python fields, so that one pass is enough.
  const values: Json[] = [];
  const others: string[] = [];
  for (const name in properties) {
    if (name === required[values.length]) values.push(properties[name] ?? null);
    else others.push(name);
  }
  if (values.length === required.length) return { values, others: others.sort() };
  return {
    values: required.map((name) => ownMember(properties, name)),
    others: otherNames(properties, required),
  };
}

/** Returns the names of the properties that are not required, sorted. */
function otherNames(properties: JsonObject, required: readonly string[]): readonly string[] {
  const others = new Set(Object.keys(properties));
  for (const name of required) others.delete(name);
  return [...others].sort();
}

function hasAny(schema: JsonObject, keywords: readonly string[]): boolean {
  return keywords.some((keyword) => Object.hasOwn(schema, keyword));
}

function countOf(schema: JsonObject, keyword: string): number | undefined {
  const value = ownMember(schema, keyword);
  return typeof value === "number" ? value : undefined;
}

// Returns true if an object may have members that it does not declare.
function hasAnyMember(schema: JsonObject): boolean {
  const additional = ownMember(schema, "additionalProperties");
  return additional === true || isJsonObject(additional) ||
    Object.hasOwn(schema, "patternProperties");
}

function isEmptyModel(schema: JsonObject | undefined): boolean {
  if (schema === undefined) return false;
  const properties = ownMember(schema, "properties");
  return isJsonObject(properties) && Object.keys(properties).length === 0 &&
    Object.keys(schema).every((keyword) =>
      keyword === "properties" || keyword === "type" || keyword === "$defs" ||
      ANNOTATIONS.has(keyword)
    );
}

function withoutCombinations(schema: JsonObject): JsonObject {
  const { $ref: _, anyOf: __, oneOf: ___, allOf: ____, ...rest } = schema;
  return rest;
}

// Returns the values that keys may have. Keys that are numbers in Python are strings in JSON and either in TypeScript.
function literalKeys(schema: JsonObject): readonly Json[] | undefined {
  const constant = ownMember(schema, "const");
  const values = constant === undefined ? ownMember(schema, "enum") : [constant];
  return Array.isArray(values) && values.length > 0 && values.length <= MAX_ENUM_VALUES &&
      values.every((value) =>
        typeof value === "string" ||
        (typeof value === "number" && literalType(value).kind === "literal")
      )
    ? values
    : undefined;
}

// Pydantic describes a `dict` with a pattern for its keys as one pattern alone, and rejects all other keys. Any other
// schema with patterns accepts further members unless it forbids them.
function isOpenByPatterns(schema: JsonObject): boolean {
  const patterns = ownMember(schema, "patternProperties");
  return isJsonObject(patterns) && ownMember(schema, "additionalProperties") === undefined &&
    (Object.hasOwn(schema, "properties") || Object.keys(patterns).length !== 1);
}

// Returns true if a type would refer to this schema's targets directly: by `$ref`, or as a member of a union.
function isBareCycle(schema: JsonObject): boolean {
  return ["$ref", "anyOf", "oneOf", "allOf"].some((keyword) => Object.hasOwn(schema, keyword));
}

/** Returns true if a schema itself (not its references) has different types as argument and as result. */
export function differsByDirection(
  schema: JsonSchema,
  root: JsonSchema,
  depth = 0,
): boolean {
  if (typeof schema === "boolean" || depth > MAX_SCHEMA_DEPTH) return false;
  if (jsonContent(schema) !== undefined) return true;
  if (defaultOutsideType(schema, root) !== undefined) return true;
  const properties = ownMember(schema, "properties");
  if (isJsonObject(properties)) {
    // A result may be a subclass of a model without fields.
    if (Object.keys(properties).length === 0 && !hasAnyMember(schema)) return true;
    const required = requiredOf(schema);
    for (const name in properties) {
      if (!required.includes(name) && !mayBeAbsent(properties, name, "output")) return true;
    }
  }
  const prefix = ownMember(schema, "prefixItems");
  if (Array.isArray(prefix) && prefix.slice(countOf(schema, "minItems") ?? 0).some(hasDefault)) {
    return true;
  }
  let differs = false;
  forEachSubschema(
    schema,
    (subschema) => differs ||= differsByDirection(subschema, root, depth + 1),
  );
  return differs;
}

// Compilers need too long for larger unions.
const MAX_ENUM_VALUES = 100_000;

function kindOf(value: Json): TypeNode {
  switch (typeof value) {
    case "string":
      return STRING;
    case "number":
    case "bigint":
      return NUMBER;
    case "boolean":
      return BOOLEAN;
    default:
      return value === null ? NULL : UNKNOWN;
  }
}

function enumType(values: readonly Json[]): TypeNode {
  return values.length > 0 && values.every((value) => typeof value === "string")
    ? unionOfTexts(values)
    : unionOf(values.map(literalType));
}

/** Returns the type of one JSON value. Integers that a double cannot represent exactly become `number`. */
export function literalType(value: Json): TypeNode {
  if (value === null) return NULL;
  if (typeof value === "number") {
    const exact = Number.isFinite(value) &&
      (!Number.isInteger(value) || Number.isSafeInteger(value));
    return exact ? { kind: "literal", value: value === 0 ? 0 : value } : NUMBER;
  }
  if (typeof value === "bigint") return NUMBER;
  if (typeof value !== "object") return { kind: "literal", value };
  if (Array.isArray(value)) {
    return {
      kind: "tuple",
      elements: value.map((item: Json) => ({ type: literalType(item), optional: false })),
    };
  }
  const object = value as JsonObject;
  const members = Object.entries(object).sort(([a], [b]) => compare(a, b));
  const properties = members.map(([name, member]): Property => ({
    name,
    type: literalType(member),
    optional: false,
    doc: [],
  }));
  return properties.length === 0
    ? { kind: "record", key: STRING, value: NEVER, partial: false }
    : { kind: "object", properties };
}
