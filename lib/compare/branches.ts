import {
  ANNOTATIONS,
  canonicalJson,
  type Direction,
  isDuration,
  isJsonObject,
  isSchema,
  type Json,
  jsonContent,
  type JsonObject,
  type JsonSchema,
  leastItems,
  mayBeAbsent,
  ownMember,
  resolvePointer,
  tagOf,
  undeclaredMembers,
} from "../contract/mod.ts";
import {
  type ArrayBranch,
  type Branch,
  itemAt,
  jsonTypeOf,
  type LiteralBranch,
  propertyAt,
  type SchemaNode,
  universal,
} from "./branch.ts";
import { hasEmptyBounds, normalizeBranch } from "./normalize_branch.ts";
import { hasOuterBounds, withOuterBounds } from "./outer_bounds.ts";
import { formatAccepts, UNCHECKED_FORMATS } from "./text_formats.ts";
import { count, listOf, numberOf, texts, typesOf } from "./schema_keywords.ts";
import { allOf, anyOf, isMultiple, matchesPattern, type Maybe } from "./three_valued.ts";

const MAX_BRANCHES = 128;
const MAX_NESTING = 60;

// Narrowing keywords that branches do not model.
const OPAQUE: ReadonlySet<string> = new Set([
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
]);

// The only JSON type that a keyword constrains.
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

/** How {@link Branches} reads schemas. */
export interface BranchesOptions {
  /** `input`: the values that the server accepts. `output`: the values that it sends. */
  readonly direction: Direction;
  /** True for the values that the generated types allow: bounds, formats and patterns do not count. */
  readonly asTypes?: boolean;
}

/** Converts schemas to unions of branches. Converted nodes are cached. */
export class Branches {
  readonly #direction: Direction;
  readonly #asTypes: boolean;
  readonly #cached = new Map<string, readonly Branch[]>();
  readonly #busy = new Set<string>();
  readonly #ids = new WeakMap<object, number>();
  readonly #joined = new Map<string, SchemaNode>();
  readonly #withDefault = new WeakMap<object, SchemaNode>();
  #lastId = 0;
  #hasImpossible = false;

  constructor({ direction, asTypes = false }: BranchesOptions) {
    this.#direction = direction;
    this.#asTypes = asTypes;
  }

  /** True if a schema that was read has bounds that no value fits. Its TypeScript type has values. */
  get hasImpossible(): boolean {
    return this.#hasImpossible;
  }

  /** Returns a key that is equal for equal nodes. Nodes with different keys may have equal schemas. */
  key({ schema, root }: SchemaNode): string {
    if (typeof schema === "boolean") return String(schema);
    return `${this.#id(schema)}.${typeof root === "boolean" ? root : this.#id(root)}`;
  }

  /** Returns a node that accepts the values that both nodes accept. */
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

  /** Returns the union of branches of a schema. */
  of(node: SchemaNode, nesting = 0): readonly Branch[] {
    if (node.schema === true) return universal(node.root, []);
    if (node.schema === false) return [];
    const key = this.key(node);
    const cached = this.#cached.get(key);
    if (cached !== undefined) return cached;
    // A schema that only refers to itself has no constraints; following it would not end.
    if (nesting > MAX_NESTING || this.#busy.has(key)) return universal(node.root, [`deep:${key}`]);
    this.#busy.add(key);
    const all = this.#convert(node.schema, node.root, nesting).map(normalizeBranch);
    let branches = all.filter((branch) => !hasEmptyBounds(branch));
    this.#hasImpossible ||= branches.length < all.length;
    if (this.#asTypes) branches = branches.map((branch) => ({ ...branch, opaque: [] }));
    if (node.schema === node.root) branches = labelled(branches, node.schema);
    this.#busy.delete(key);
    const result = branches.length > MAX_BRANCHES
      ? universal(node.root, [`wide:${key}`])
      : branches;
    this.#cached.set(key, result);
    return result;
  }

  /** Returns true if a node certainly accepts no value. */
  isEmpty(node: SchemaNode, nesting = 0): boolean {
    if (node.schema === false) return true;
    if (node.schema === true || nesting > 8) return false;
    return this.of(node).every((branch) => this.isEmptyBranch(branch, nesting));
  }

  /** Like {@link isEmpty}, for one branch. */
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

  /** Returns true if a node accepts a value. */
  accepts(node: SchemaNode, value: Json): Maybe {
    return anyOf(this.of(node), (branch) => this.branchAccepts(branch, value));
  }

  /** Like {@link accepts}, for one branch. */
  branchAccepts(branch: Branch, value: Json): Maybe {
    const accepted = this.#shapeAccepts(branch, value);
    return accepted === true && branch.opaque.length > 0 ? undefined : accepted;
  }

  #shapeAccepts(branch: Branch, value: Json): Maybe {
    switch (branch.kind) {
      case "literal":
        return canonicalJson(branch.value) === canonicalJson(value);
      case "number": {
        if (typeof value !== "number" && typeof value !== "bigint") return false;
        if (branch.integer && !Number.isInteger(Number(value))) return false;
        if (value < branch.min || (branch.minOpen && value === branch.min)) return false;
        if (value > branch.max || (branch.maxOpen && value === branch.max)) return false;
        return allOf(branch.multiples, (step) => isMultiple(Number(value), step));
      }
      case "string": {
        if (typeof value !== "string") return false;
        const length = [...value].length;
        if (length < branch.minLength || length > branch.maxLength) return false;
        if (branch.content !== undefined) return this.#isJsonText(branch.content, value);
        return allOf([
          ...branch.formats.map((format) => () => formatAccepts(format, value, this.#direction)),
          ...branch.patterns.map((pattern) => () => matchesPattern(pattern, value)),
        ], (check) => check());
      }
      case "array": {
        if (!Array.isArray(value)) return false;
        if (value.length < branch.minItems || value.length > branch.maxItems) return false;
        if (branch.unique && !this.#isUnique(branch, value)) return false;
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
            () => this.accepts(propertyAt(branch, name), value[name] ?? null),
            ...branch.names.map((node) => () => this.accepts(node, name)),
          ], (check) => check()));
      }
    }
  }

  // A set of arguments may repeat values; the number of distinct ones counts.
  #isUnique({ minItems }: ArrayBranch, value: readonly Json[]): boolean {
    const distinct = new Set(value.map((item) => canonicalJson(item))).size;
    return this.#direction === "input" ? distinct >= minItems : distinct === value.length;
  }

  #isJsonText(content: SchemaNode, value: string): Maybe {
    try {
      return this.accepts(content, JSON.parse(value));
    } catch {
      return false;
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
    // A reference or a union without keywords of its own has the branches of its targets.
    let isAnything = isTransparent(schema);
    let branches = isAnything ? [] : this.#plain(schema, root);
    const narrow = (others: readonly Branch[]) => {
      branches = isAnything ? [...others] : this.#cross(branches, others, root);
      isAnything = false;
    };
    const ref = ownMember(schema, "$ref");
    if (ref !== undefined) {
      const target = typeof ref === "string" ? resolvePointer(root, ref) : undefined;
      if (target === undefined) narrow(universal(root, [`ref:${this.#id(schema)}`]));
      else {
        const branches = this.of({ schema: target, root }, nesting + 1);
        narrow(isJsonObject(target) ? labelled(branches, target) : branches);
      }
    }
    const union = (list: readonly Json[]) =>
      list.flatMap((item) => isSchema(item) ? this.of({ schema: item, root }, nesting + 1) : []);
    for (const item of listOf(schema, "allOf")) {
      if (isSchema(item)) narrow(this.of({ schema: item, root }, nesting + 1));
    }
    if (Array.isArray(ownMember(schema, "anyOf"))) narrow(union(listOf(schema, "anyOf")));
    if (Array.isArray(ownMember(schema, "oneOf"))) {
      const options = listOf(schema, "oneOf");
      const tag = tagOf(schema);
      const isTagged = tag !== undefined && this.#direction === "input";
      narrow(isTagged ? union(options).map(requiring(tag)) : union(options));
      // `oneOf` rejects values that two options accept; it is a union only if the options are disjoint. Of a discriminated
      // union the server looks at one option only. A function of the server chooses one of several models.
      if (tag === undefined && !this.#disjoint(options, root, nesting)) {
        const areModels = options.every((option) => isModelReference(option, root));
        const text = textOf({ oneOf: options }) ?? `oneOf:${this.#id(schema)}`;
        branches = branches.map((branch) => ({
          ...branch,
          opaque: [...branch.opaque, areModels ? `chosen:${branch.model}` : text],
        }));
      }
    }
    if (isAnything) return this.#plain(schema, root);
    return this.#asTypes || !hasOuterBounds(schema) ? branches : branches.flatMap((branch) => {
      if (branch.kind !== "literal") return withOuterBounds(branch, schema);
      // For Python, true is a number.
      const value = typeof branch.value === "boolean" ? Number(branch.value) : branch.value;
      const bounded = universal(root, []).flatMap((each) => withOuterBounds(each, schema));
      return bounded.some((each) => this.#shapeAccepts(each, value) !== false) ? branch : [];
    });
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

  /** Returns true if certainly no value is in both branches. */
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
    if (a.kind === "literal") return this.#meetLiteral(a, b, opaque);
    if (b.kind === "literal") return this.#meetLiteral(b, a, opaque);
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
        model: a.model ?? b.model,
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
        content: a.content !== undefined && b.content !== undefined
          ? this.both(a.content, b.content)
          : a.content ?? b.content,
        model: a.model ?? b.model,
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
        model: a.model ?? b.model,
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
        ignoresOthers: a.ignoresOthers || b.ignoresOthers,
        names: [...a.names, ...b.names],
        minProperties: Math.max(a.minProperties, b.minProperties),
        maxProperties: Math.min(a.maxProperties, b.maxProperties),
        tag: a.tag ?? b.tag,
        model: a.model ?? b.model,
        opaque,
      };
    }
    return undefined;
  }

  #meetLiteral(
    literal: LiteralBranch,
    other: Branch,
    opaque: readonly string[],
  ): LiteralBranch | undefined {
    const isAccepted = this.#shapeAccepts(other, literal.value) !== false;
    return isAccepted ? { ...literal, model: literal.model ?? other.model, opaque } : undefined;
  }

  // The branches of a schema without its references and combinations.
  #plain(schema: JsonObject, root: JsonSchema): Branch[] {
    const types = typesOf(schema);
    let branches: Branch[] = types === undefined
      ? universal(root, [`type:${canonicalJson(schema["type"] ?? null)}`])
      : types.flatMap((type) => this.#ofType(type, schema, root));
    for (const keyword in schema) {
      if (!OPAQUE.has(keyword)) continue;
      const text = textOf({ [keyword]: schema[keyword] ?? null }) ??
        `${keyword}:${this.#id(schema)}`;
      branches = branches.map((branch) => {
        const type = OPAQUE_TYPE[keyword];
        return type === undefined || jsonTypeOf(branch) === type
          ? { ...branch, opaque: [...branch.opaque, text] }
          : branch;
      });
    }
    const literals = Object.hasOwn(schema, "const")
      ? [schema["const"] ?? null]
      : Array.isArray(ownMember(schema, "enum"))
      ? listOf(schema, "enum")
      : undefined;
    if (literals === undefined) return branches;
    return literals.flatMap((value): Branch[] => {
      const branch = branches.find((branch) => this.#shapeAccepts(branch, value) !== false);
      return branch === undefined ? [] : [{ kind: "literal", value, opaque: branch.opaque }];
    });
  }

  #ofType(type: string, schema: JsonObject, root: JsonSchema): readonly Branch[] {
    switch (type) {
      case "null":
        return [{ kind: "literal", value: null, opaque: [] }];
      case "boolean":
        return [true, false].map((value) => ({ kind: "literal", value, opaque: [] }));
      case "string":
        return this.#string(schema, root);
      case "array":
        return [this.#array(schema, root)];
      case "object":
        return [this.#object(schema, root)];
      default:
        return [this.#asTypes ? numberOf({}, false) : numberOf(schema, type === "integer")];
    }
  }

  #string(schema: JsonObject, root: JsonSchema): readonly Branch[] {
    const content = jsonContent(schema);
    if (content !== undefined && this.#direction === "output") {
      return this.of({ schema: content, root });
    }
    const own = this.#asTypes ? {} : schema;
    // No text without characters is JSON.
    const least = content === undefined || this.#asTypes ? 0 : 1;
    const isNumberToo = isDuration(schema) && (this.#asTypes || this.#direction === "output");
    return [...isNumberToo ? [numberOf({}, false)] : [], {
      kind: "string",
      minLength: Math.max(count(own, "minLength", 0), least),
      maxLength: count(own, "maxLength", Infinity),
      patterns: texts(own, "pattern"),
      formats: texts(own, "format").filter((name) => !UNCHECKED_FORMATS.has(name)),
      content: content === undefined || this.#asTypes ? undefined : { schema: content, root },
      opaque: [],
    }];
  }

  #array(schema: JsonObject, root: JsonSchema): Branch {
    const node = (value: Json | undefined): SchemaNode => ({
      schema: isSchema(value) ? value : true,
      root,
    });
    const items = ownMember(schema, "items");
    // Earlier drafts used a list in `items` for `prefixItems`.
    const prefix = Array.isArray(items) ? items : listOf(schema, "prefixItems");
    const minItems = count(schema, "minItems", 0);
    const maxItems = count(schema, "maxItems", Infinity);
    // A type has a length only if it is a tuple.
    const isTuple = !this.#asTypes || prefix.length > 0;
    return {
      kind: "array",
      prefix: prefix.map((item) => this.#withItsDefault(node(item), item)),
      items: node(Array.isArray(items) ? ownMember(schema, "additionalItems") : items),
      minItems: isTuple ? leastItems(prefix, minItems, this.#direction) : 0,
      maxItems: isTuple ? maxItems : maxItems === 0 ? 0 : Infinity,
      unique: !this.#asTypes && schema["uniqueItems"] === true,
      opaque: [],
    };
  }

  #object(schema: JsonObject, root: JsonSchema): Branch {
    const opaque: string[] = [];
    const properties = new Map<string, SchemaNode>();
    const declared = ownMember(schema, "properties");
    const own = isJsonObject(declared) ? declared : {};
    for (const [name, value] of Object.entries(own)) {
      if (isSchema(value)) {
        properties.set(name, this.#withItsDefault({ schema: value, root }, value));
      }
    }
    const required = new Set(listOf(schema, "required").filter((name) => typeof name === "string"));
    for (const name of properties.keys()) {
      if (!required.has(name) && !mayBeAbsent(own, name, this.#direction)) required.add(name);
    }
    const patterns = ownMember(schema, "patternProperties");
    const entries = isJsonObject(patterns) ? Object.entries(patterns) : [];
    // Pydantic writes the type of the keys of a dictionary like that, and no other key is valid.
    const [[key, value] = []] = entries;
    if (
      entries.length === 1 && key !== undefined && isSchema(value) && properties.size === 0 &&
      !isOpen(schema)
    ) {
      return this.#object({
        ...schema,
        patternProperties: {},
        propertyNames: { type: "string", pattern: key },
        additionalProperties: value,
      }, root);
    }
    const hasPatterns = entries.length > 0;
    if (hasPatterns) {
      const additional = ownMember(schema, "additionalProperties") ?? true;
      const whole = {
        patternProperties: Object.fromEntries(entries),
        additionalProperties: additional,
      };
      const names = [...properties.keys()].sort();
      opaque.push(textOf({ ...whole, names }) ?? `patterns:${this.#id(schema)}`);
    }
    const names = ownMember(schema, "propertyNames");
    const keys = this.#asTypes && properties.size === 0 && isOpen(schema) && isSchema(names)
      ? this.#literals({ schema: names, root })
      : undefined;
    if (keys !== undefined) return this.#partialRecord(keys, schema, root);
    // The type of an argument without fields has no members, though the server ignores them.
    const isEmptyType = this.#asTypes && this.#direction === "input" && properties.size === 0 &&
      isJsonObject(declared) && !isOpen(schema);
    const others = isEmptyType ? false : undeclaredMembers(schema, this.#direction);
    return {
      kind: "object",
      properties,
      required,
      // A name that matches a pattern is not additional. The branch allows all names, and has an opaque constraint.
      additional: { schema: hasPatterns ? true : others, root },
      ignoresOthers: !hasPatterns && this.#direction === "input" && !isEmptyType &&
        !Object.hasOwn(schema, "additionalProperties") && Object.hasOwn(schema, "properties"),
      names: isSchema(names) ? [this.#keys({ schema: names, root })] : [],
      minProperties: this.#asTypes ? 0 : count(schema, "minProperties", 0),
      maxProperties: this.#asTypes ? Infinity : count(schema, "maxProperties", Infinity),
      opaque,
    };
  }

  // The type of a dictionary with known keys has an optional member for each.
  #partialRecord(
    keys: readonly (string | number)[],
    schema: JsonObject,
    root: JsonSchema,
  ): Branch {
    const additional = ownMember(schema, "additionalProperties");
    const value: SchemaNode = { schema: isSchema(additional) ? additional : true, root };
    return {
      kind: "object",
      properties: new Map(keys.map((key) => [String(key), value])),
      required: new Set(),
      additional: { schema: this.#direction === "input", root },
      ignoresOthers: this.#direction === "input",
      names: [],
      minProperties: 0,
      maxProperties: Infinity,
      opaque: [],
    };
  }

  // The keys of a dictionary with an `IntEnum` are numbers for its schema, and texts in JSON.
  #keys(node: SchemaNode): SchemaNode {
    const literals = this.#literals(node);
    return literals === undefined
      ? node
      : { schema: { enum: literals.map(String) }, root: node.root };
  }

  #literals(node: SchemaNode): readonly (string | number)[] | undefined {
    const values = this.of(node).map((branch) => branch.kind === "literal" ? branch.value : null);
    return values.length > 0 && values.length <= MAX_BRANCHES &&
        values.every((value) => typeof value === "string" || typeof value === "number")
      ? values
      : undefined;
  }

  // Pydantic does not validate defaults: a result has the default even if the type does not allow it.
  #withItsDefault(node: SchemaNode, schema: Json): SchemaNode {
    if (this.#direction === "input" || !isJsonObject(schema)) return node;
    const value = ownMember(schema, "default");
    if (value === undefined) return node;
    let known = this.#withDefault.get(schema);
    if (known === undefined) {
      known = this.#acceptsDefault(node, value) === false
        ? { schema: { anyOf: [schema, { const: value }] }, root: node.root }
        : node;
      this.#withDefault.set(schema, known);
    }
    return known;
  }

  // No model accepts a default such as null. Reading it could read a model again that is half read.
  #acceptsDefault(node: SchemaNode, value: Json, nesting = 0): Maybe {
    const { schema, root } = node;
    if (!isJsonObject(schema) || isJsonObject(value) || nesting > MAX_NESTING) {
      return this.accepts(node, value);
    }
    if (ownMember(schema, "type") === "object") return false;
    if (!isTransparent(schema)) return this.accepts(node, value);
    const ref = ownMember(schema, "$ref");
    const target = typeof ref === "string" ? resolvePointer(root, ref) : undefined;
    const cases = target !== undefined
      ? [target]
      : ["anyOf", "oneOf"].flatMap((name) => listOf(schema, name)).filter(isSchema);
    return cases.length === 0
      ? this.accepts(node, value)
      : anyOf(cases, (each) => this.#acceptsDefault({ schema: each, root }, value, nesting + 1));
  }
}

const TRANSPARENT: ReadonlySet<string> = new Set([
  ...ANNOTATIONS,
  "$ref",
  "$defs",
  "allOf",
  "anyOf",
  "oneOf",
  "discriminator",
]);

function isTransparent(schema: JsonObject): boolean {
  for (const keyword in schema) if (!TRANSPARENT.has(keyword)) return false;
  return true;
}

function isOpen(schema: JsonObject): boolean {
  const additional = ownMember(schema, "additionalProperties");
  return additional === true || isJsonObject(additional);
}

// Adds the title of a model to its branches. The innermost model counts.
function labelled(branches: readonly Branch[], schema: JsonObject): Branch[] {
  const title = ownMember(schema, "title");
  return branches.map((branch) =>
    typeof title !== "string" || branch.model !== undefined ? branch : { ...branch, model: title }
  );
}

function isModelReference(option: Json, root: JsonSchema): boolean {
  const ref = isJsonObject(option) ? ownMember(option, "$ref") : undefined;
  const target = typeof ref === "string" ? resolvePointer(root, ref) : undefined;
  return isJsonObject(target) && Object.hasOwn(target, "title") &&
    isJsonObject(ownMember(target, "properties"));
}

// Pydantic reads the tag of a discriminated union first: a default does not help.
function requiring(tag: string): (branch: Branch) => Branch {
  return (branch) =>
    branch.kind === "object" && branch.properties.has(tag)
      ? { ...branch, required: new Set([...branch.required, tag]), tag }
      : branch;
}

// The text of an opaque constraint; undefined with references, because their meaning is not in the text.
function textOf(value: JsonObject): string | undefined {
  const text = canonicalJson(value);
  return text.includes('"$') ? undefined : text;
}

function unique<T>(list: readonly T[]): T[] {
  return [...new Set(list)];
}

function isEmptyObject(schema: JsonSchema): boolean {
  return typeof schema === "object" && Object.keys(schema).length === 0;
}
