import {
  type ArrayBranch,
  type Branch,
  Branches,
  itemAt,
  jsonTypeOf,
  type NumberBranch,
  type ObjectBranch,
  propertyAt,
  type SchemaNode,
  type StringBranch,
} from "./branches.ts";
import { includesPattern } from "./pattern_inclusion.ts";
import type { Json, JsonSchema } from "../contract/mod.ts";
import { isJsonObject } from "../contract/mod.ts";

/** Whether every value of one schema is one of another: `maybe` where that cannot be decided. */
export type Verdict = "yes" | "no" | "maybe";

/** Why a schema is not (or perhaps not) within another. */
export interface SubsetReason {
  /** Where in the value: `$` the value itself, `$.price.amount`, `$[]`, `${}` (any further member). */
  readonly path: string;
  /** What the first schema allows there. */
  readonly first: string;
  /** What the second one allows there. */
  readonly second: string;
  readonly verdict: "no" | "maybe";
}

/** What {@link compareSchemas} found. */
export interface Inclusion {
  readonly verdict: Verdict;
  /** Empty for `yes`; the first few otherwise. */
  readonly reasons: readonly SubsetReason[];
}

/** Options of {@link compareSchemas}. */
export interface CompareSchemasOptions {
  /**
   * `input`: a member that only the second schema names counts as `maybe` where it may be left out, because a value that
   * holds a member of that name without a meaning is legal and unlikely.
   * `output`: a member that got a default counts as `maybe`, because pyRPC always sends it.
   */
  readonly direction: "input" | "output";
}

const MAX_STEPS = 20_000;
const MAX_DEPTH = 150;
const MAX_REASONS = 4;
const YES: Inclusion = { verdict: "yes", reasons: [] };

/**
 * Decides whether every value that `first` accepts is accepted by `second`. "yes" is never wrong by the rules of JSON
 * Schema 2020-12; a format counts as narrowing. Both may be recursive; references are looked up in the schema itself.
 */
export function compareSchemas(
  first: JsonSchema,
  second: JsonSchema,
  options: CompareSchemasOptions,
): Inclusion {
  const comparison = new Comparison(options);
  return comparison.nodes({ schema: first, root: first }, { schema: second, root: second });
}

interface Pending {
  readonly depth: number;
}

// One comparison: remembers what was decided, and what is being decided (a recursive schema comes back to it).
class Comparison {
  readonly #branches = new Branches();
  readonly #decided = new Map<string, Inclusion>();
  readonly #pending = new Map<string, Pending>();
  readonly #direction: "input" | "output";
  #steps = 0;
  // The outermost pending pair that was assumed to hold since this was last reset.
  #assumed = Infinity;

  constructor({ direction }: CompareSchemasOptions) {
    this.#direction = direction;
  }

  nodes(a: SchemaNode, b: SchemaNode): Inclusion {
    if (a.schema === false || b.schema === true || this.#isAnything(b)) return YES;
    if (isPlainlySame(a.schema, b.schema)) return YES;
    const key = `${this.#branches.key(a)}<${this.#branches.key(b)}`;
    const decided = this.#decided.get(key);
    if (decided !== undefined) return decided;
    const pending = this.#pending.get(key);
    if (pending !== undefined) {
      // Values are finite, and each step goes to a part of the value: assuming what is to be shown is sound.
      this.#assumed = Math.min(this.#assumed, pending.depth);
      return YES;
    }
    const depth = this.#pending.size;
    if (++this.#steps > MAX_STEPS || depth > MAX_DEPTH) {
      return unclear("too much to compare", "too much to compare");
    }
    this.#pending.set(key, { depth });
    const outer = this.#assumed;
    this.#assumed = Infinity;
    const result = this.#unions(a, b);
    // What rests on an assumption further out is not known for itself.
    const stands = this.#assumed >= depth;
    this.#assumed = Math.min(outer, stands ? Infinity : this.#assumed);
    this.#pending.delete(key);
    if (stands) this.#decided.set(key, result);
    return result;
  }

  #isAnything(node: SchemaNode): boolean {
    const { schema } = node;
    return typeof schema === "object" &&
      Object.keys(schema).every((key) =>
        NO_CONSTRAINT.has(key) || (key === "type" && schema[key] === "any")
      );
  }

  #unions(a: SchemaNode, b: SchemaNode): Inclusion {
    const wanted = this.#branches.of(a);
    const offered = this.#branches.of(b);
    let verdict = "yes" as Verdict;
    const reasons: SubsetReason[] = [];
    for (const branch of wanted) {
      const result = this.#inUnion(branch, offered, b.root);
      if (result.verdict === "yes") continue;
      // The branch may hold more than the schema, or nothing at all: then nothing is shown.
      if (this.#branches.isEmptyBranch(branch)) continue;
      const certain = branch.opaque.length === 0 && result.verdict === "no";
      verdict = certain || verdict === "no" ? "no" : "maybe";
      for (const reason of result.reasons) {
        if (reasons.length < MAX_REASONS) {
          reasons.push(certain ? reason : { ...reason, verdict: "maybe" });
        }
      }
    }
    return verdict === "yes" ? YES : { verdict, reasons: merged(reasons, a, b) };
  }

  // One branch against a union.
  #inUnion(a: Branch, union: readonly Branch[], root: JsonSchema, splits = 0): Inclusion {
    const first = describeBranch(a);
    const second = describeUnion(union);
    if (a.kind === "literal") {
      let maybe = false;
      for (const b of union) {
        const accepted = this.#branches.branchAccepts(b, a.value);
        const opaque = b.opaque.every((text) => a.opaque.includes(text));
        if (
          accepted === true || (accepted === undefined && opaque && b.opaque.length > 0 &&
            this.#branches.branchAccepts({ ...b, opaque: [] }, a.value) === true)
        ) {
          // A format is no part of the judgement by value, but it refuses texts all the same.
          if (b.kind === "string" && b.formats.length > 0) maybe = true;
          else return YES;
        }
        if (accepted === undefined) maybe = true;
      }
      return maybe ? unclear(first, second) : refused(first, second);
    }
    const alike = union.filter((b) => jsonTypeOf(b) === a.kind);
    const candidates = alike.length < 2
      ? alike
      : alike.filter((b) => !this.#branches.areDisjoint(a, b));
    if (candidates.length === 0) return refused(first, second);
    const results = candidates.map((b) => this.#pair(a, b));
    const yes = results.find(({ verdict }) => verdict === "yes");
    if (yes !== undefined) return yes;
    // Several together may cover what none does alone: one value of a tag at a time.
    const split = splits < 4 ? this.#split(a) : undefined;
    if (split !== undefined && candidates.length > 1) {
      const parts = split.map((part) => this.#inUnion(part, candidates, root, splits + 1));
      if (parts.every(({ verdict }) => verdict === "yes")) return YES;
      const certain = parts.find(({ verdict }) => verdict === "no");
      if (certain !== undefined) return certain;
      return parts.find(({ verdict }) => verdict === "maybe") ?? YES;
    }
    const [only] = results;
    if (results.length === 1 && only !== undefined) return only;
    const literals = candidates.every(({ kind }) => kind === "literal");
    const ranges = results.every(({ verdict }) => verdict === "no") && literals && isEndless(a);
    return ranges ? refused(first, second) : unclear(first, second);
  }

  // A small set of numbers, or an object with a tag, as its cases.
  #split(a: Branch): Branch[] | undefined {
    if (a.kind === "number" && a.integer && a.max - a.min < 64) {
      const cases: Branch[] = [];
      for (let value = a.min; value <= a.max; value++) {
        const literal: Branch = { kind: "literal", value, opaque: a.opaque };
        if (this.#branches.branchAccepts({ ...a, opaque: [] }, value) !== false) {
          cases.push(literal);
        }
      }
      return cases;
    }
    if (a.kind !== "object") return undefined;
    for (const name of a.required) {
      const node = propertyAt(a, name);
      const cases = this.#branches.of(node);
      if (cases.length < 2 || cases.length > 16) continue;
      if (!cases.every((branch) => branch.kind === "literal" && branch.opaque.length === 0)) {
        continue;
      }
      return cases.map((branch) => ({
        ...a,
        properties: new Map(a.properties).set(name, {
          schema: { const: branch.kind === "literal" ? branch.value : null },
          root: node.root,
        }),
      }));
    }
    return undefined;
  }

  #pair(a: Exclude<Branch, { kind: "literal" }>, b: Branch): Inclusion {
    let result: Inclusion;
    if (b.kind === "literal") {
      const cases = this.#split(a);
      result = cases !== undefined && cases.every((one) =>
          one.kind === "literal" && this.#branches.branchAccepts(b, one.value) === true
        )
        ? YES
        : refused(describeBranch(a), describeBranch(b));
    } else if (a.kind === "number" && b.kind === "number") result = numbers(a, b);
    else if (a.kind === "string" && b.kind === "string") result = strings(a, b);
    else if (a.kind === "array" && b.kind === "array") result = this.#arrays(a, b);
    else if (a.kind === "object" && b.kind === "object") result = this.#objects(a, b);
    else result = refused(describeBranch(a), describeBranch(b));
    const known = b.opaque.every((text) => a.opaque.includes(text));
    if (result.verdict === "yes" && !known) return unclear(describeBranch(a), "a condition");
    return result;
  }

  #arrays(a: ArrayBranch, b: ArrayBranch): Inclusion {
    const found = new Findings();
    if (a.minItems < b.minItems) found.no(items(a), items(b));
    if (this.#mostItems(a) > b.maxItems) found.no(items(a), items(b));
    if (b.unique && !a.unique && this.#mostItems(a) > 1) found.no("any items", "unique items");
    const places = Math.max(a.prefix.length, b.prefix.length);
    const most = this.#mostItems(a);
    for (let index = 0; index < places && index < most; index++) {
      found.add(`[${index}]`, this.nodes(itemAt(a, index), itemAt(b, index)));
    }
    if (most > places) found.add("[]", this.nodes(a.items, b.items));
    return found.inclusion();
  }

  // Items after one that cannot be are not there either.
  #mostItems(branch: ArrayBranch): number {
    const limit = Math.min(branch.maxItems, branch.prefix.length + 1);
    for (let index = 0; index < limit; index++) {
      if (this.#branches.isEmpty(itemAt(branch, index))) return index;
    }
    return branch.maxItems;
  }

  #objects(a: ObjectBranch, b: ObjectBranch): Inclusion {
    const found = new Findings();
    const closed = this.#branches.isEmpty(a.additional);
    for (const name of b.required) {
      if (a.required.has(name)) continue;
      const hasDefault = this.#direction === "output" && mayHaveDefault(a.properties.get(name));
      // Where a number of members is asked for, one that may be left out can be there always.
      if (hasDefault || a.minProperties > 0) {
        found.maybe("may be left out", "required", member(name));
      } else found.no("may be left out", "required", member(name));
    }
    for (const name of new Set([...a.properties.keys(), ...b.properties.keys()])) {
      const mine = propertyAt(a, name);
      const result = this.nodes(mine, propertyAt(b, name));
      if (result.verdict === "yes") continue;
      // A member that can never be there takes nothing away.
      if (this.#branches.isEmpty(mine) || !this.#nameFits(a, name)) continue;
      const added = this.#direction === "input" && !a.properties.has(name) &&
        b.properties.has(name) && result.verdict === "no";
      if (added) found.maybe("not named, so ignored", "named and checked", member(name));
      else found.add(member(name), result);
    }
    if (!closed) found.add("{}", this.nodes(a.additional, b.additional));
    for (const names of b.names) {
      for (const name of a.properties.keys()) {
        if (this.#branches.isEmpty(propertyAt(a, name)) || !this.#nameFits(a, name)) continue;
        const accepted = this.#branches.accepts(names, name);
        if (accepted === false) found.no("allowed as a name", "no allowed name", member(name));
        if (accepted === undefined) {
          found.maybe("allowed as a name", "perhaps no allowed name", member(name));
        }
      }
      if (closed) continue;
      const mine = a.names.reduce<SchemaNode>((left, right) => this.#branches.both(left, right), {
        schema: { type: "string" },
        root: a.additional.root,
      });
      found.add("{name}", this.nodes(mine, names));
    }
    const least = Math.max(a.minProperties, a.required.size);
    const most = Math.min(a.maxProperties, closed ? a.properties.size : Infinity);
    if (least < b.minProperties) {
      found.no(`at least ${least} members`, `at least ${b.minProperties} members`);
    }
    if (most > b.maxProperties) {
      found.no("more members", `at most ${b.maxProperties} members`);
    }
    return found.inclusion();
  }

  #nameFits(branch: ObjectBranch, name: string): boolean {
    return branch.names.every((names) => this.#branches.accepts(names, name) !== false);
  }
}

// Equal schemas without a reference, which could mean something else in another document. Most parts of two schemas are.
function isPlainlySame(a: unknown, b: unknown, depth = 0): boolean {
  if (a === b) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (depth > 20 || Array.isArray(a) !== Array.isArray(b)) return false;
  const [x, y] = [a as Record<string, unknown>, b as Record<string, unknown>];
  let count = 0;
  for (const key in x) {
    if (key === "$ref" || !Object.hasOwn(y, key)) return false;
    if (!isPlainlySame(x[key], y[key], depth + 1)) return false;
    count++;
  }
  return Object.keys(y).length === count;
}

// Collects what speaks against an inclusion.
class Findings {
  #verdict: Verdict = "yes";
  readonly #reasons: SubsetReason[] = [];

  no(first: string, second: string, path = ""): void {
    this.add(path, refused(first, second));
  }

  maybe(first: string, second: string, path = ""): void {
    this.add(path, unclear(first, second));
  }

  add(path: string, { verdict, reasons }: Inclusion): void {
    if (verdict === "yes") return;
    this.#verdict = verdict === "no" || this.#verdict === "no" ? "no" : "maybe";
    for (const reason of reasons) {
      if (this.#reasons.length >= MAX_REASONS) return;
      this.#reasons.push({ ...reason, path: `$${path}${reason.path.slice(1)}` });
    }
  }

  inclusion(): Inclusion {
    return this.#verdict === "yes" ? YES : { verdict: this.#verdict, reasons: this.#reasons };
  }
}

const NO_CONSTRAINT = new Set([
  "title",
  "description",
  "default",
  "examples",
  "deprecated",
  "readOnly",
  "writeOnly",
  "$comment",
  "$defs",
  "definitions",
  "$schema",
  "$id",
]);

function numbers(a: NumberBranch, b: NumberBranch): Inclusion {
  const first = describeBranch(a);
  const second = describeBranch(b);
  const below = a.min < b.min || (a.min === b.min && b.minOpen && !a.minOpen);
  const above = a.max > b.max || (a.max === b.max && b.maxOpen && !a.maxOpen);
  // With steps the ends of the range may be no values at all.
  const stepped = a.multiples.length > 0;
  if (below || above) return stepped ? unclear(first, second) : refused(first, second);
  const whole = a.integer || a.multiples.some((step) => Number.isInteger(step));
  if (b.integer && !whole) {
    return a.min === a.max || stepped ? unclear(first, second) : refused(first, second);
  }
  let maybe = false;
  for (const step of b.multiples) {
    const held = a.multiples.some((mine) =>
      mine === step || (Number.isInteger(mine) && Number.isInteger(step) && mine % step === 0)
    ) || (step === 1 && whole);
    if (held) {
      continue;
    }
    if (stepped || a.max - a.min < 1e6 || !Number.isInteger(step)) {
      maybe = true;
    } else return refused(first, second);
  }
  return maybe ? unclear(first, second) : YES;
}

function strings(a: StringBranch, b: StringBranch): Inclusion {
  const first = describeBranch(a);
  const second = describeBranch(b);
  const shaped = a.patterns.length > 0 || a.formats.length > 0;
  if (a.minLength < b.minLength || a.maxLength > b.maxLength) {
    return shaped ? unclear(first, second) : refused(first, second);
  }
  let maybe = false;
  for (const format of b.formats) {
    if (a.formats.includes(format)) continue;
    if (a.formats.length > 0 || a.patterns.length > 0 || !KNOWN_FORMATS.has(format)) maybe = true;
    else return refused(first, second);
  }
  for (const pattern of b.patterns) {
    if (a.patterns.includes(pattern)) continue;
    const included = a.patterns.length === 0
      ? includesPattern(undefined, pattern)
      : a.patterns.some((mine) => includesPattern(mine, pattern) === true)
      ? true
      : a.patterns.length === 1
      ? includesPattern(a.patterns[0], pattern)
      : undefined;
    if (included === true) continue;
    const narrowed = a.formats.length > 0 || a.minLength > 0 || a.maxLength < Infinity;
    if (included === undefined || narrowed) maybe = true;
    else return refused(first, second);
  }
  return maybe ? unclear(first, second) : YES;
}

// Formats of Pydantic that refuse texts.
const KNOWN_FORMATS = new Set([
  "date",
  "date-time",
  "time",
  "duration",
  "uuid",
  "uuid1",
  "uuid3",
  "uuid4",
  "uuid5",
  "uri",
  "email",
  "ipv4",
  "ipv6",
  "ipvanyaddress",
  "json-string",
]);

function isEndless(branch: Branch): boolean {
  switch (branch.kind) {
    case "number":
      return branch.multiples.length === 0 &&
        (branch.integer
          ? branch.max === Infinity || branch.min === -Infinity
          : branch.max > branch.min);
    case "string":
      return branch.patterns.length === 0 && branch.formats.length === 0 && branch.maxLength > 0;
    default:
      return false;
  }
}

function mayHaveDefault(node: SchemaNode | undefined): boolean {
  return node !== undefined && isJsonObject(node.schema) && Object.hasOwn(node.schema, "default");
}

function refused(first: string, second: string): Inclusion {
  return { verdict: "no", reasons: [{ path: "$", first, second, verdict: "no" }] };
}

function unclear(first: string, second: string): Inclusion {
  return { verdict: "maybe", reasons: [{ path: "$", first, second, verdict: "maybe" }] };
}

// Several lost cases of one union read better as one sentence: what was allowed, and what is.
function merged(reasons: readonly SubsetReason[], a: SchemaNode, b: SchemaNode): SubsetReason[] {
  const here = reasons.filter(({ path }) => path === "$");
  if (here.length < 2) return [...reasons];
  const branches = new Branches();
  const verdict = here.some((reason) => reason.verdict === "no") ? "no" : "maybe";
  return [
    {
      path: "$",
      first: describeUnion(branches.of(a)),
      second: describeUnion(branches.of(b)),
      verdict,
    },
    ...reasons.filter(({ path }) => path !== "$"),
  ];
}

function member(name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? `.${name}` : `[${JSON.stringify(name)}]`;
}

function items({ minItems, maxItems }: ArrayBranch): string {
  return maxItems === Infinity ? `at least ${minItems} items` : `${minItems} to ${maxItems} items`;
}

function describeUnion(union: readonly Branch[]): string {
  if (union.length === 0) return "nothing";
  const words = union.slice(0, 8).map(describeBranch);
  const isBoolean = words.includes("true") && words.includes("false");
  const short = isBoolean
    ? [...words.filter((word) => word !== "true" && word !== "false"), "boolean"]
    : words;
  return `${[...new Set(short)].join(" | ")}${union.length > 8 ? " | …" : ""}`;
}

function describeBranch(branch: Branch): string {
  switch (branch.kind) {
    case "literal":
      return shortJson(branch.value);
    case "number": {
      const bounds = [
        branch.min === -Infinity ? "" : `${branch.minOpen ? ">" : ">="} ${branch.min}`,
        branch.max === Infinity ? "" : `${branch.maxOpen ? "<" : "<="} ${branch.max}`,
        ...branch.multiples.map((step) => `multiple of ${step}`),
      ].filter((text) => text !== "");
      return `${branch.integer ? "integer" : "number"}${inBrackets(bounds)}`;
    }
    case "string": {
      const bounds = [
        ...branch.formats.map((format) => `format ${format}`),
        branch.minLength === 0 ? "" : `at least ${branch.minLength} characters`,
        branch.maxLength === Infinity ? "" : `at most ${branch.maxLength} characters`,
        ...branch.patterns.map((pattern) => `pattern ${pattern}`),
      ].filter((text) => text !== "");
      return `string${inBrackets(bounds)}`;
    }
    case "array":
      return branch.prefix.length > 0 ? `tuple of ${branch.prefix.length}` : "array";
    case "object":
      return `object${inBrackets(tagsOf(branch))}`;
  }
}

// What tells the cases of a tagged union apart.
function tagsOf(branch: ObjectBranch): string[] {
  return [...branch.properties].flatMap(([name, { schema }]) =>
    isJsonObject(schema) && Object.hasOwn(schema, "const")
      ? [`${name} ${shortJson(schema["const"] as Json)}`]
      : []
  ).slice(0, 2);
}

function inBrackets(bounds: readonly string[]): string {
  return bounds.length === 0 ? "" : ` (${bounds.join(", ")})`;
}

function shortJson(value: Json): string {
  const text = JSON.stringify(value);
  return text.length <= 40 ? text : `${text.slice(0, 39)}…`;
}
