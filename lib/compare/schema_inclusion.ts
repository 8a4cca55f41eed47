import { isJsonObject, type JsonSchema } from "../contract/mod.ts";
import {
  type ArrayBranch,
  type Branch,
  itemAt,
  jsonTypeOf,
  type LiteralBranch,
  type ObjectBranch,
  propertyAt,
  type SchemaNode,
} from "./branch.ts";
import { Branches } from "./branches.ts";
import { describeBranch, describeItems, describeUnion } from "./describe_branch.ts";
import {
  excluded,
  type Inclusion,
  MAX_REASONS,
  Reasons,
  type SubsetReason,
  unclear,
  type Verdict,
  YES,
} from "./inclusion.ts";
import { compareNumbers, compareStrings } from "./scalar_inclusion.ts";

/** Options of {@link compareSchemas}. */
export interface CompareSchemasOptions {
  /**
   * `input`: an optional member that only the second schema names counts as `maybe`. A value with such a member, which
   * the first schema ignores, is valid but unlikely.
   * `output`: a member with a new default counts as `maybe`, because pyRPC always sends it.
   */
  readonly direction: "input" | "output";
}

const MAX_STEPS = 20_000;
const MAX_DEPTH = 150;

/**
 * Decides if `second` accepts every value that `first` accepts. "yes" is always correct by JSON Schema 2020-12; a format
 * counts as narrowing. Both schemas may be recursive. References are resolved in the schema itself.
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

// One comparison, with the pairs that are decided and those that are pending (recursive schemas reach them again).
class Comparison {
  readonly #branches = new Branches();
  readonly #decided = new Map<string, Inclusion>();
  readonly #pending = new Map<string, Pending>();
  readonly #direction: "input" | "output";
  #steps = 0;
  // The outermost pending pair that was assumed to be included since the last reset.
  #assumed = Infinity;

  constructor({ direction }: CompareSchemasOptions) {
    this.#direction = direction;
  }

  nodes(a: SchemaNode, b: SchemaNode): Inclusion {
    if (a.schema === false || b.schema === true || this.#isAnything(b)) return YES;
    if (isSameWithoutReferences(a.schema, b.schema)) return YES;
    const key = `${this.#branches.key(a)}<${this.#branches.key(b)}`;
    const decided = this.#decided.get(key);
    if (decided !== undefined) return decided;
    const pending = this.#pending.get(key);
    if (pending !== undefined) {
      // Values are finite and each step descends into a part of the value, so the assumption is sound (induction).
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
    // A result that depends on an outer assumption is not decided yet.
    const isDecided = this.#assumed >= depth;
    this.#assumed = Math.min(outer, isDecided ? Infinity : this.#assumed);
    this.#pending.delete(key);
    if (isDecided) this.#decided.set(key, result);
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
    const cases = this.#branches.of(a);
    const offered = this.#branches.of(b);
    let verdict = "yes" as Verdict;
    const reasons: SubsetReason[] = [];
    for (const branch of cases) {
      const result = this.#inUnion(branch, offered, b.root);
      if (result.verdict === "yes") continue;
      // An empty branch has no counterexample; an opaque one may accept more values than the schema.
      if (this.#branches.isEmptyBranch(branch)) continue;
      const certain = branch.opaque.length === 0 && result.verdict === "no";
      verdict = certain || verdict === "no" ? "no" : "maybe";
      for (const reason of result.reasons) {
        if (reasons.length < MAX_REASONS) {
          reasons.push(certain ? reason : { ...reason, verdict: "maybe" });
        }
      }
    }
    return verdict === "yes" ? YES : { verdict, reasons: mergeReasons(reasons, a, b) };
  }

  // Compares one branch with a union.
  #inUnion(a: Branch, union: readonly Branch[], root: JsonSchema, splits = 0): Inclusion {
    const first = describeBranch(a);
    const second = describeUnion(union);
    if (a.kind === "literal") return this.#literalInUnion(a, union);
    const alike = union.filter((b) => jsonTypeOf(b) === a.kind);
    const candidates = alike.length < 2
      ? alike
      : alike.filter((b) => !this.#branches.areDisjoint(a, b));
    if (candidates.length === 0) return excluded(first, second);
    const results = candidates.map((b) => this.#pair(a, b));
    const yes = results.find(({ verdict }) => verdict === "yes");
    if (yes !== undefined) return yes;
    // Several branches together may cover a branch that none covers alone: compare one value of a tag at a time.
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
    return ranges ? excluded(first, second) : unclear(first, second);
  }

  #literalInUnion(a: LiteralBranch, union: readonly Branch[]): Inclusion {
    let maybe = false;
    for (const b of union) {
      const accepted = this.#branches.branchAccepts(b, a.value);
      const opaque = b.opaque.every((text) => a.opaque.includes(text));
      if (
        accepted === true || (accepted === undefined && opaque && b.opaque.length > 0 &&
          this.#branches.branchAccepts({ ...b, opaque: [] }, a.value) === true)
      ) {
        // The acceptance of a value ignores its format, but Pydantic validates it.
        if (b.kind === "string" && b.formats.length > 0) maybe = true;
        else return YES;
      }
      if (accepted === undefined) maybe = true;
    }
    const [first, second] = [describeBranch(a), describeUnion(union)];
    return maybe ? unclear(first, second) : excluded(first, second);
  }

  // Splits a small set of numbers, or an object with a tag, into its cases.
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
        : excluded(describeBranch(a), describeBranch(b));
    } else if (a.kind === "number" && b.kind === "number") result = compareNumbers(a, b);
    else if (a.kind === "string" && b.kind === "string") result = compareStrings(a, b);
    else if (a.kind === "array" && b.kind === "array") result = this.#arrays(a, b);
    else if (a.kind === "object" && b.kind === "object") result = this.#objects(a, b);
    else result = excluded(describeBranch(a), describeBranch(b));
    const isImplied = b.opaque.every((text) => a.opaque.includes(text));
    if (result.verdict === "yes" && !isImplied) return unclear(describeBranch(a), "a condition");
    return result;
  }

  #arrays(a: ArrayBranch, b: ArrayBranch): Inclusion {
    const found = new Reasons();
    if (a.minItems < b.minItems) found.no(describeItems(a), describeItems(b));
    if (this.#mostItems(a) > b.maxItems) found.no(describeItems(a), describeItems(b));
    if (b.unique && !a.unique && this.#mostItems(a) > 1) found.no("any items", "unique items");
    const places = Math.max(a.prefix.length, b.prefix.length);
    const most = this.#mostItems(a);
    for (let index = 0; index < places && index < most; index++) {
      found.add(`[${index}]`, this.nodes(itemAt(a, index), itemAt(b, index)));
    }
    if (most > places) found.add("[]", this.nodes(a.items, b.items));
    return found.inclusion();
  }

  // No item can follow one that accepts no value.
  #mostItems(branch: ArrayBranch): number {
    const limit = Math.min(branch.maxItems, branch.prefix.length + 1);
    for (let index = 0; index < limit; index++) {
      if (this.#branches.isEmpty(itemAt(branch, index))) return index;
    }
    return branch.maxItems;
  }

  #objects(a: ObjectBranch, b: ObjectBranch): Inclusion {
    const found = new Reasons();
    const closed = this.#branches.isEmpty(a.additional);
    for (const name of b.required) {
      if (a.required.has(name)) continue;
      const hasDefault = this.#direction === "output" && mayHaveDefault(a.properties.get(name));
      // A minimum number of members may require an optional member.
      if (hasDefault || a.minProperties > 0) {
        found.maybe("may be left out", "required", member(name));
      } else found.no("may be left out", "required", member(name));
    }
    for (const name of new Set([...a.properties.keys(), ...b.properties.keys()])) {
      const mine = propertyAt(a, name);
      const result = this.nodes(mine, propertyAt(b, name));
      if (result.verdict === "yes") continue;
      // A member that cannot exist excludes no value.
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
        if (accepted === false) found.no("allowed as a name", "not an allowed name", member(name));
        if (accepted === undefined) {
          found.maybe("allowed as a name", "possibly not an allowed name", member(name));
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

// Fast path for equal schemas. A reference may have another target in the other document.
function isSameWithoutReferences(a: unknown, b: unknown, depth = 0): boolean {
  if (a === b) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (depth > 20 || Array.isArray(a) !== Array.isArray(b)) return false;
  const [x, y] = [a as Record<string, unknown>, b as Record<string, unknown>];
  let count = 0;
  for (const key in x) {
    if (key === "$ref" || !Object.hasOwn(y, key)) return false;
    if (!isSameWithoutReferences(x[key], y[key], depth + 1)) return false;
    count++;
  }
  return Object.keys(y).length === count;
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

// Merges several excluded cases of one union into one reason with both unions.
function mergeReasons(
  reasons: readonly SubsetReason[],
  a: SchemaNode,
  b: SchemaNode,
): SubsetReason[] {
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
