import { canonicalJson } from "../contract/mod.ts";
import type { Json, JsonObject, JsonSchema } from "../contract/mod.ts";
import { isJsonObject, isSchema, ownMember } from "../contract/mod.ts";
import { resolvePointer } from "../contract/mod.ts";

/** A schema with the document that its references point into. */
export interface SchemaNode {
  readonly schema: JsonSchema;
  readonly root: JsonSchema;
}

interface BranchBase {
  /**
   * What the branch cannot say: with any of these the branch holds more values than the schema. Equal texts mean equal
   * constraints.
   */
  readonly opaque: readonly string[];
}

/** One value. */
export interface LiteralBranch extends BranchBase {
  readonly kind: "literal";
  readonly value: Json;
}

/** Numbers between bounds. */
export interface NumberBranch extends BranchBase {
  readonly kind: "number";
  readonly integer: boolean;
  readonly min: number;
  readonly minOpen: boolean;
  readonly max: number;
  readonly maxOpen: boolean;
  readonly multiples: readonly number[];
}

/** Texts; lengths in code points. */
export interface StringBranch extends BranchBase {
  readonly kind: "string";
  readonly minLength: number;
  readonly maxLength: number;
  readonly patterns: readonly string[];
  readonly formats: readonly string[];
}

/** Lists: one schema for each of the first places, one for the rest. */
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
  readonly additional: SchemaNode;
  readonly names: readonly SchemaNode[];
  readonly minProperties: number;
  readonly maxProperties: number;
}

/** Values of one JSON type; a schema is a union of these. */
export type Branch = LiteralBranch | NumberBranch | StringBranch | ArrayBranch | ObjectBranch;

/** Whether something holds; `undefined` where it cannot be decided. */
export type Maybe = boolean | undefined;

const MAX_BRANCHES = 128;
const MAX_NESTING = 60;

const TYPES = ["null", "boolean", "number", "string", "array", "object"] as const;

// Keywords that narrow and that branches do not model.
const OPAQUE = [
  "not",
  "if",
  "then",
  "else",
  "contains",
  "minContains",
  "maxContains",
  "dependentSchemas",
  "dependentRequired",
  "dependencies",
  "unevaluatedProperties",
  "unevaluatedItems",
  "$dynamicRef",
  "$recursiveRef",
];

// What only some JSON types are asked.
const OPAQUE_TYPE: Readonly<Record<string, string>> = {
  contains: "array",
  minContains: "array",
  maxContains: "array",
  unevaluatedItems: "array",
  dependentSchemas: "object",
  dependentRequired: "object",
  dependencies: "object",
  unevaluatedProperties: "object",
};

/** Turns schemas into unions of branches, each node once. */
export class Branches {
  readonly #known = new Map<string, readonly Branch[]>();
  readonly #busy = new Set<string>();
  readonly #ids = new WeakMap<object, number>();
  readonly #joined = new Map<string, SchemaNode>();
  #lastId = 0;

  /** A key that equal nodes share; different keys may still mean equal schemas. */
  key({ schema, root }: SchemaNode): string {
    if (typeof schema === "boolean") return String(schema);
    return `${this.#id(schema)}.${typeof root === "boolean" ? root : this.#id(root)}`;
  }

  /** What both accept. */
  both(a: SchemaNode, b: SchemaNode): SchemaNode {
    if (a.schema === true || isEmptyObject(a.schema)) return b;
    if (b.schema === true || isEmptyObject(b.schema)) return a;
    if (a.schema === false || b.schema === false) return { schema: false, root: a.root };
    const key = `${this.key(a)}&${this.key(b)}`;
    let node = this.#joined.get(key);
    if (node === undefined) {
      node = { schema: { allOf: [a.schema, b.schema] }, root: a.root };
      this.#joined.set(key, node);
    }
    return node;
  }

  /** The union of branches that a schema means. */
  of(node: SchemaNode, nesting = 0): readonly Branch[] {
    if (node.schema === true) return universal(node.root, []);
    if (node.schema === false) return [];
    const key = this.key(node);
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    // A schema that only refers to itself says nothing; following it twice at each step would never end.
    if (nesting > MAX_NESTING || this.#busy.has(key)) return universal(node.root, [`deep:${key}`]);
    this.#busy.add(key);
    const branches = this.#convert(node.schema, node.root, nesting).map(settle)
      .filter((branch) => !isPlainlyEmpty(branch));
    this.#busy.delete(key);
    const result = branches.length > MAX_BRANCHES
      ? universal(node.root, [`wide:${key}`])
      : branches;
    this.#known.set(key, result);
    return result;
  }

  /** Whether no value is accepted; `false` also where that is not seen. */
  isEmpty(node: SchemaNode, nesting = 0): boolean {
    if (node.schema === false) return true;
    if (node.schema === true || nesting > 8) return false;
    return this.of(node).every((branch) => this.isEmptyBranch(branch, nesting));
  }

  /** {@link isEmpty} for one branch. */
  isEmptyBranch(branch: Branch, nesting = 0): boolean {
    if (branch.kind === "array") {
      const places = Math.min(branch.minItems, branch.prefix.length + 1, 16);
      for (let index = 0; index < places; index++) {
        if (this.isEmpty(itemAt(branch, index), nesting + 1)) return true;
      }
      return false;
    }
    if (branch.kind !== "object") return false;
    return [...branch.required].some((name) =>
      this.isEmpty(propertyAt(branch, name), nesting + 1) ||
      branch.names.some((names) => this.accepts(names, name) === false)
    );
  }

  /** Whether a value is accepted, as JSON Schema has it (`format` is only an annotation there). */
  accepts(node: SchemaNode, value: Json): Maybe {
    return anyOf(this.of(node), (branch) => this.branchAccepts(branch, value));
  }

  /** {@link accepts} for one branch. */
  branchAccepts(branch: Branch, value: Json): Maybe {
    const accepted = this.#shapeAccepts(branch, value);
    return accepted === true && branch.opaque.length > 0 ? undefined : accepted;
  }

  #shapeAccepts(branch: Branch, value: Json): Maybe {
    switch (branch.kind) {
      case "literal":
        return canonicalJson(branch.value) === canonicalJson(value);
      case "number": {
        if (typeof value !== "number") return false;
        if (branch.integer && !Number.isInteger(value)) return false;
        if (value < branch.min || (branch.minOpen && value === branch.min)) return false;
        if (value > branch.max || (branch.maxOpen && value === branch.max)) return false;
        return allOf(branch.multiples, (step) => isMultiple(value, step));
      }
      case "string": {
        if (typeof value !== "string") return false;
        const length = [...value].length;
        if (length < branch.minLength || length > branch.maxLength) return false;
        return allOf(branch.patterns, (pattern) => matches(pattern, value));
      }
      case "array": {
        if (!Array.isArray(value)) return false;
        if (value.length < branch.minItems || value.length > branch.maxItems) return false;
        if (
          branch.unique &&
          new Set(value.map((item: Json) => canonicalJson(item))).size < value.length
        ) {
          return false;
        }
        return allOf(
          [...value.entries()],
          ([index, item]) => this.accepts(itemAt(branch, index), item),
        );
      }
      case "object": {
        if (!isJsonObject(value)) return false;
        const names = Object.keys(value);
        if (names.length < branch.minProperties || names.length > branch.maxProperties) {
          return false;
        }
        if ([...branch.required].some((name) => !Object.hasOwn(value, name))) return false;
        return allOf(names, (name) =>
          allOf([
            () => this.accepts(propertyAt(branch, name), value[name] as Json),
            ...branch.names.map((node) => () => this.accepts(node, name)),
          ], (check) => check()));
      }
    }
  }

  #id(object: object): number {
    let id = this.#ids.get(object);
    if (id === undefined) {
      id = ++this.#lastId;
      this.#ids.set(object, id);
    }
    return id;
  }

  #convert(schema: JsonObject, root: JsonSchema, nesting: number): Branch[] {
    let branches = this.#plain(schema, root);
    const narrow = (others: readonly Branch[]) => {
      branches = this.#cross(branches, others, root);
    };
    const ref = ownMember(schema, "$ref");
    if (ref !== undefined) {
      const target = typeof ref === "string" ? resolvePointer(root, ref) : undefined;
      if (target === undefined) narrow(universal(root, [`ref:${this.#id(schema)}`]));
      else narrow(this.of({ schema: target, root }, nesting + 1));
    }
    const union = (list: readonly Json[]) =>
      list.flatMap((item) => isSchema(item) ? this.of({ schema: item, root }, nesting + 1) : []);
    for (const item of listOf(schema, "allOf")) {
      if (isSchema(item)) narrow(this.of({ schema: item, root }, nesting + 1));
    }
    if (Array.isArray(ownMember(schema, "anyOf"))) narrow(union(listOf(schema, "anyOf")));
    if (Array.isArray(ownMember(schema, "oneOf"))) {
      const options = listOf(schema, "oneOf");
      narrow(union(options));
      // Values that two options accept are refused: only where there are none is a union the same.
      if (!this.#disjoint(options, root, nesting)) {
        const opaque = textOf({ oneOf: options }) ?? `oneOf:${this.#id(schema)}`;
        branches = branches.map((branch) => ({ ...branch, opaque: [...branch.opaque, opaque] }));
      }
    }
    return branches;
  }

  #disjoint(options: readonly Json[], root: JsonSchema, nesting: number): boolean {
    const unions = options.map((item) =>
      isSchema(item) ? this.of({ schema: item, root }, nesting + 1) : []
    );
    return unions.every((union, index) =>
      unions.slice(index + 1).every((other) =>
        union.every((a) => other.every((b) => this.areDisjoint(a, b, 0)))
      )
    );
  }

  /** Whether no value is in both; false also where that is not seen. */
  areDisjoint(a: Branch, b: Branch, nesting = 0): boolean {
    if (nesting > 4) return false;
    if (a.kind === "literal") return this.branchAccepts(b, a.value) === false;
    if (b.kind === "literal") return this.branchAccepts(a, b.value) === false;
    if (a.kind !== b.kind) return true;
    if (a.kind !== "object" || b.kind !== "object") return false;
    const names = new Set([...a.required, ...b.required]);
    return [...names].some((name) =>
      this.of(propertyAt(a, name)).every((x) =>
        this.of(propertyAt(b, name)).every((y) => this.areDisjoint(x, y, nesting + 1))
      )
    );
  }

  #cross(left: readonly Branch[], right: readonly Branch[], root: JsonSchema): Branch[] {
    const result: Branch[] = [];
    for (const a of left) {
      for (const b of right) {
        const both = this.#meet(a, b);
        if (both !== undefined) result.push(both);
        if (result.length > 4 * MAX_BRANCHES) return universal(root, [`wide:${++this.#lastId}`]);
      }
    }
    return result;
  }

  #meet(a: Branch, b: Branch): Branch | undefined {
    const opaque = [...new Set([...a.opaque, ...b.opaque])];
    if (a.kind === "literal" || b.kind === "literal") {
      const [literal, other] = a.kind === "literal" ? [a, b] : [b as LiteralBranch, a];
      return this.#shapeAccepts(other, literal.value) === false
        ? undefined
        : { ...literal, opaque };
    }
    if (a.kind === "number" && b.kind === "number") {
      const low = a.min > b.min || (a.min === b.min && a.minOpen) ? a : b;
      const high = a.max < b.max || (a.max === b.max && a.maxOpen) ? a : b;
      return {
        kind: "number",
        integer: a.integer || b.integer,
        min: low.min,
        minOpen: low.minOpen,
        max: high.max,
        maxOpen: high.maxOpen,
        multiples: unique([...a.multiples, ...b.multiples]),
        opaque,
      };
    }
    if (a.kind === "string" && b.kind === "string") {
      return {
        kind: "string",
        minLength: Math.max(a.minLength, b.minLength),
        maxLength: Math.min(a.maxLength, b.maxLength),
        patterns: unique([...a.patterns, ...b.patterns]),
        formats: unique([...a.formats, ...b.formats]),
        opaque,
      };
    }
    if (a.kind === "array" && b.kind === "array") {
      const places = Math.max(a.prefix.length, b.prefix.length);
      return {
        kind: "array",
        prefix: Array.from(
          { length: places },
          (_, index) => this.both(itemAt(a, index), itemAt(b, index)),
        ),
        items: this.both(a.items, b.items),
        minItems: Math.max(a.minItems, b.minItems),
        maxItems: Math.min(a.maxItems, b.maxItems),
        unique: a.unique || b.unique,
        opaque,
      };
    }
    if (a.kind === "object" && b.kind === "object") {
      const names = new Set([...a.properties.keys(), ...b.properties.keys()]);
      return {
        kind: "object",
        properties: new Map(
          [...names].map((name) => [name, this.both(propertyAt(a, name), propertyAt(b, name))]),
        ),
        required: new Set([...a.required, ...b.required]),
        additional: this.both(a.additional, b.additional),
        names: [...a.names, ...b.names],
        minProperties: Math.max(a.minProperties, b.minProperties),
        maxProperties: Math.min(a.maxProperties, b.maxProperties),
        opaque,
      };
    }
    return undefined;
  }

  // What the schema's own keywords say, without references and combinations.
  #plain(schema: JsonObject, root: JsonSchema): Branch[] {
    const types = typesOf(schema);
    let branches: Branch[] = types === undefined
      ? universal(root, [`type:${canonicalJson(schema["type"] ?? null)}`])
      : types.flatMap((type) => this.#ofType(type, schema, root));
    for (const keyword of OPAQUE) {
      if (!Object.hasOwn(schema, keyword)) continue;
      const text = textOf({ [keyword]: schema[keyword] as Json }) ??
        `${keyword}:${this.#id(schema)}`;
      branches = branches.map((branch) => {
        const type = OPAQUE_TYPE[keyword];
        return type === undefined || jsonTypeOf(branch) === type
          ? { ...branch, opaque: [...branch.opaque, text] }
          : branch;
      });
    }
    const literals = Object.hasOwn(schema, "const")
      ? [schema["const"] as Json]
      : Array.isArray(ownMember(schema, "enum"))
      ? listOf(schema, "enum")
      : undefined;
    if (literals === undefined) return branches;
    return literals.flatMap((value): Branch[] => {
      const branch = branches.find((branch) => this.#shapeAccepts(branch, value) !== false);
      return branch === undefined ? [] : [{ kind: "literal", value, opaque: branch.opaque }];
    });
  }

  #ofType(type: string, schema: JsonObject, root: JsonSchema): Branch[] {
    switch (type) {
      case "null":
        return [{ kind: "literal", value: null, opaque: [] }];
      case "boolean":
        return [true, false].map((value) => ({ kind: "literal", value, opaque: [] }));
      case "string":
        return [{
          kind: "string",
          minLength: count(schema, "minLength", 0),
          maxLength: count(schema, "maxLength", Infinity),
          patterns: texts(schema, "pattern"),
          formats: texts(schema, "format"),
          opaque: [],
        }];
      case "array":
        return [this.#array(schema, root)];
      case "object":
        return [this.#object(schema, root)];
      default:
        return [numberOf(schema, type === "integer")];
    }
  }

  #array(schema: JsonObject, root: JsonSchema): Branch {
    const node = (value: Json | undefined): SchemaNode => ({
      schema: isSchema(value) ? value : true,
      root,
    });
    const items = ownMember(schema, "items");
    // A list as `items` is what earlier drafts had for `prefixItems`.
    const prefix = Array.isArray(items) ? items : listOf(schema, "prefixItems");
    return {
      kind: "array",
      prefix: prefix.map(node),
      items: node(Array.isArray(items) ? ownMember(schema, "additionalItems") : items),
      minItems: count(schema, "minItems", 0),
      maxItems: count(schema, "maxItems", Infinity),
      unique: schema["uniqueItems"] === true,
      opaque: [],
    };
  }

  #object(schema: JsonObject, root: JsonSchema): Branch {
    const opaque: string[] = [];
    const properties = new Map<string, SchemaNode>();
    const own = ownMember(schema, "properties");
    if (isJsonObject(own)) {
      for (const [name, value] of Object.entries(own)) {
        if (isSchema(value)) properties.set(name, { schema: value, root });
      }
    }
    const additional = ownMember(schema, "additionalProperties");
    const patterns = ownMember(schema, "patternProperties");
    const hasPatterns = isJsonObject(patterns) && Object.keys(patterns).length > 0;
    if (hasPatterns) {
      const whole = { patternProperties: patterns, additionalProperties: additional ?? true };
      const names = [...properties.keys()].sort();
      opaque.push(textOf({ ...whole, names }) ?? `patterns:${this.#id(schema)}`);
    }
    const names = ownMember(schema, "propertyNames");
    const required = listOf(schema, "required").filter((name) => typeof name === "string");
    return {
      kind: "object",
      properties,
      required: new Set(required),
      // A name that a pattern takes is not additional: the branch leaves all others open and says so as opaque.
      additional: { schema: isSchema(additional) && !hasPatterns ? additional : true, root },
      names: isSchema(names) ? [{ schema: names, root }] : [],
      minProperties: count(schema, "minProperties", 0),
      maxProperties: count(schema, "maxProperties", Infinity),
      opaque,
    };
  }
}

/** The schema of the item at a place. */
export function itemAt(branch: ArrayBranch, index: number): SchemaNode {
  return branch.prefix[index] ?? branch.items;
}

/** The schema of the member of that name. */
export function propertyAt(branch: ObjectBranch, name: string): SchemaNode {
  return branch.properties.get(name) ?? branch.additional;
}

/** The JSON type of a branch's values. */
export function jsonTypeOf(branch: Branch): string {
  if (branch.kind !== "literal") return branch.kind;
  const { value } = branch;
  return value === null ? "null" : Array.isArray(value) ? "array" : typeof value;
}

/** True if one is, false if none is. */
export function anyOf<T>(list: readonly T[], check: (item: T) => Maybe): Maybe {
  let result: Maybe = false;
  for (const item of list) {
    const answer = check(item);
    if (answer === true) return true;
    if (answer === undefined) result = undefined;
  }
  return result;
}

/** False if one is, true if all are. */
export function allOf<T>(list: readonly T[], check: (item: T) => Maybe): Maybe {
  let result: Maybe = true;
  for (const item of list) {
    const answer = check(item);
    if (answer === false) return false;
    if (answer === undefined) result = undefined;
  }
  return result;
}

function universal(root: JsonSchema, opaque: readonly string[]): Branch[] {
  const anything: SchemaNode = { schema: true, root };
  return [
    { kind: "literal", value: null, opaque },
    { kind: "literal", value: true, opaque },
    { kind: "literal", value: false, opaque },
    { ...numberOf({}, false), opaque },
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
      names: [],
      minProperties: 0,
      maxProperties: Infinity,
      opaque,
    },
  ];
}

function numberOf(schema: JsonObject, integer: boolean): NumberBranch {
  const bound = (name: string) => {
    const value = ownMember(schema, name);
    return typeof value === "number" ? value : undefined;
  };
  let min = bound("minimum") ?? -Infinity;
  let max = bound("maximum") ?? Infinity;
  let minOpen = schema["exclusiveMinimum"] === true;
  let maxOpen = schema["exclusiveMaximum"] === true;
  const above = bound("exclusiveMinimum");
  const below = bound("exclusiveMaximum");
  if (above !== undefined && above >= min) [min, minOpen] = [above, true];
  if (below !== undefined && below <= max) [max, maxOpen] = [below, true];
  const step = bound("multipleOf");
  return {
    kind: "number",
    integer,
    min,
    minOpen,
    max,
    maxOpen,
    multiples: step === undefined ? [] : [step],
    opaque: [],
  };
}

// Brings bounds into the form that comparing needs.
function settle(branch: Branch): Branch {
  if (branch.kind === "number" && branch.integer) {
    const min = branch.minOpen && Number.isInteger(branch.min)
      ? branch.min + 1
      : Math.ceil(branch.min);
    const max = branch.maxOpen && Number.isInteger(branch.max)
      ? branch.max - 1
      : Math.floor(branch.max);
    // Beyond the exact integers adding one changes nothing: the bound then stays as it was given.
    if (!isExact(min) || !isExact(max)) return branch;
    return { ...branch, min, minOpen: false, max, maxOpen: false };
  }
  if (branch.kind === "array") {
    let { maxItems } = branch;
    if (branch.items.schema === false) maxItems = Math.min(maxItems, branch.prefix.length);
    const closed = branch.prefix.findIndex(({ schema }) => schema === false);
    if (closed >= 0) maxItems = Math.min(maxItems, closed);
    return maxItems === branch.maxItems ? branch : { ...branch, maxItems };
  }
  return branch;
}

function isExact(bound: number): boolean {
  return !Number.isFinite(bound) || Math.abs(bound) < Number.MAX_SAFE_INTEGER;
}

function isPlainlyEmpty(branch: Branch): boolean {
  switch (branch.kind) {
    case "number":
      return branch.min > branch.max ||
        (branch.min === branch.max && (branch.minOpen || branch.maxOpen)) || hasNoMultiple(branch);
    case "string":
      return branch.minLength > branch.maxLength ||
        (branch.maxLength === 0 &&
          branch.patterns.some((pattern) => matches(pattern, "") === false));
    case "array":
      return branch.minItems > branch.maxItems;
    case "object":
      return branch.minProperties > branch.maxProperties ||
        branch.required.size > branch.maxProperties;
    case "literal":
      return false;
  }
}

// Whether a step leaves out the whole range.
function hasNoMultiple({ min, minOpen, max, maxOpen, multiples }: NumberBranch): boolean {
  return multiples.some((step) => {
    if (!Number.isInteger(step) || !Number.isFinite(min) || !Number.isFinite(max)) return false;
    let first = Math.ceil(min / step) * step;
    if (minOpen && first === min) first += step;
    return first > max || (maxOpen && first === max);
  });
}

function typesOf(schema: JsonObject): readonly string[] | undefined {
  const type = ownMember(schema, "type");
  // "any" is what pyRPC writes where there is no annotation.
  if (type === undefined || type === "any") return TYPES;
  const list = Array.isArray(type) ? type : [type];
  const known = list.filter((name): name is string =>
    name === "integer" || TYPES.some((type) => type === name)
  );
  if (known.length < list.length) return undefined;
  // Every integer is a number: naming both means numbers.
  return known.includes("number") ? known.filter((name) => name !== "integer") : known;
}

function isMultiple(value: number, step: number): Maybe {
  if (Number.isInteger(value) && Number.isInteger(step)) {
    return Math.abs(value) <= Number.MAX_SAFE_INTEGER ? value % step === 0 : undefined;
  }
  // How fractions divide differs from one implementation to the next.
  return value === 0 ? true : undefined;
}

function matches(pattern: string, value: string): Maybe {
  // A literal is short; a long text and a foreign pattern could take for ever.
  if (value.length > 200 || pattern.length > 200) return undefined;
  if (/[+*}]\)?[+*{]|\([^)]*[+*|][^)]*\)[+*{]/.test(pattern)) return undefined;
  try {
    return new RegExp(pattern, "u").test(value);
  } catch {
    return undefined;
  }
}

// The text of what is not modelled; undefined where references give it a meaning that the text does not show.
function textOf(value: JsonObject): string | undefined {
  const text = canonicalJson(value);
  return text.includes('"$') ? undefined : text;
}

function listOf(schema: JsonObject, key: string): readonly Json[] {
  const value = ownMember(schema, key);
  return Array.isArray(value) ? value : [];
}

function texts(schema: JsonObject, key: string): string[] {
  const value = ownMember(schema, key);
  return typeof value === "string" ? [value] : [];
}

function count(schema: JsonObject, key: string, fallback: number): number {
  const value = ownMember(schema, key);
  return typeof value === "number" && value >= 0 ? value : fallback;
}

function unique<T>(list: readonly T[]): T[] {
  return [...new Set(list)];
}

function isEmptyObject(schema: JsonSchema): boolean {
  return typeof schema === "object" && Object.keys(schema).length === 0;
}
