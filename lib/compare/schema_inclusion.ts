import { type Direction, type JsonSchema, ownMember, resolvePointer } from "../contract/mod.ts";
import { counted } from "../counted.ts";
import {
  type ArrayBranch,
  type Branch,
  itemAt,
  jsonTypeOf,
  type LiteralBranch,
  type ObjectBranch,
  propertyAt,
  type SchemaNode,
  type StringBranch,
} from "./branch.ts";
import { Branches } from "./branches.ts";
import {
  describeBranch,
  describeItems,
  describeOthers,
  describeUnion,
  NO_OTHERS,
} from "./describe_branch.ts";
import {
  excluded,
  type Inclusion,
  Reasons,
  type SubsetReason,
  unclear,
  within,
  YES,
} from "./inclusion.ts";
import { sampleValues } from "./sample_values.ts";
import { compareNumbers, compareStrings } from "./scalar_inclusion.ts";

/** Options of {@link compareSchemas}. */
export interface CompareSchemasOptions {
  /**
   * `input`: compares the values that the server accepts; members that the first schema does not declare do not count.
   * `output`: compares the values that the server sends; a reader ignores members that the second does not declare.
   */
  readonly direction: Direction;
  /** Compare the values that the generated types allow. */
  readonly asTypes?: boolean;
  /** Members that only one of the schemas declares count too. */
  readonly isExact?: boolean;
  /** True if the first schema is the older one, whose models' names reasons have. */
  readonly isOldFirst?: boolean;
}

const MAX_STEPS = 20_000;
const MAX_DEPTH = 150;

/**
 * Decides if `second` accepts every value that `first` accepts. Both schemas may be recursive. References are resolved
 * in the schema itself. A "no" has a counterexample.
 *
 * @param branches Branches of the same direction, for several comparisons of the same schemas.
 */
export function compareSchemas(
  first: JsonSchema,
  second: JsonSchema,
  options: CompareSchemasOptions,
  branches: Branches = new Branches(options),
): Inclusion {
  const comparison = new Comparison(branches, options);
  return comparison.nodes({ schema: first, root: first }, { schema: second, root: second });
}

interface Pending {
  readonly depth: number;
}

// One comparison, with the pairs that are decided and those that are pending (recursive schemas reach them again).
class Comparison {
  readonly #branches: Branches;
  readonly #decided = new Map<string, Inclusion>();
  readonly #pending = new Map<string, Pending>();
  readonly #direction: Direction;
  readonly #asTypes: boolean;
  readonly #isExact: boolean;
  readonly #isOldFirst: boolean;
  #steps = 0;
  // The outermost pending pair that was assumed to be included since the last reset.
  #assumed = Infinity;

  constructor(
    branches: Branches,
    { direction, asTypes = false, isExact = false, isOldFirst = true }: CompareSchemasOptions,
  ) {
    this.#branches = branches;
    this.#direction = direction;
    this.#asTypes = asTypes;
    this.#isExact = isExact;
    this.#isOldFirst = isOldFirst;
  }

  nodes(a: SchemaNode, b: SchemaNode): Inclusion {
    if (a.schema === false || this.#isAnything(b)) return YES;
    if (isLeaf(a.schema) && isSameWithoutReferences(a.schema, b.schema)) return YES;
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
      return unclear("size", "too much to compare", "too much to compare");
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

  #isAnything({ schema, root }: SchemaNode, nesting = 0): boolean {
    if (typeof schema === "boolean") return schema;
    const isFree = Object.keys(schema).every((key) =>
      NO_CONSTRAINT.has(key) || key === "$ref" || (key === "type" && schema[key] === "any")
    );
    const ref = ownMember(schema, "$ref");
    if (!isFree || ref === undefined) return isFree;
    const target = typeof ref === "string" ? resolvePointer(root, ref) : undefined;
    return target !== undefined && nesting < MAX_DEPTH &&
      this.#isAnything({ schema: target, root }, nesting + 1);
  }

  #unions(a: SchemaNode, b: SchemaNode): Inclusion {
    const cases = this.#branches.of(a);
    const offered = this.#branches.of(b);
    const found = new Reasons();
    const missing: Branch[] = [];
    for (const branch of cases) {
      let result = this.#inUnion(branch, offered);
      if (result.verdict === "yes") continue;
      // An empty branch has no counterexample; an opaque one may accept more values than the schema.
      if (this.#branches.isEmptyBranch(branch)) continue;
      if (result.verdict === "maybe" || branch.opaque.length > 0) {
        result = this.#hasCounterexample(branch, b) ? decided(result) : undecided(result);
      }
      const isMissing = isCase(result) || isOtherModel(branch, cases, offered);
      if (result.verdict === "no" && isMissing) missing.push(branch);
      else found.add("", result);
    }
    for (const reason of missingCases(missing, cases, offered)) {
      found.add("", { verdict: "no", reasons: [reason] });
    }
    // The members of two models are the reason for which one is not the other.
    const [mine, theirs] = [onlyCase(cases), onlyCase(offered)];
    if (mine?.kind === "object" && theirs?.kind === "object" && missing.includes(mine)) {
      const { reasons } = this.#objects(mine, theirs);
      const certain = reasons.filter(({ verdict }) => verdict === "no");
      if (certain.length > 0) found.add("", { verdict: "no", reasons: certain });
    }
    return found.inclusion();
  }

  #hasCounterexample(branch: Branch, b: SchemaNode): boolean {
    return sampleValues(this.#branches, branch).some((value) =>
      this.#branches.branchAccepts(branch, value) === true &&
      this.#branches.accepts(b, value) === false
    );
  }

  // Compares one branch with a union.
  #inUnion(a: Branch, union: readonly Branch[], splits = 0): Inclusion {
    if (a.kind === "literal") return this.#literalInUnion(a, union);
    const alike = union.filter((b) => jsonTypeOf(b) === a.kind);
    const candidates = alike.filter((b) =>
      // The reasons are those of the same model, even if it has no value in common.
      (a.model === b.model && (alike.length < 2 || a.model !== undefined)) ||
      !this.#branches.areDisjoint(...this.#comparable(a, b))
    );
    const [only] = candidates;
    if (only === undefined) return excluded("types", describeBranch(a), describeUnion(union));
    const results = candidates.map((b) => this.#pair(a, b));
    const yes = results.find(({ verdict }) => verdict === "yes");
    if (yes !== undefined) return yes;
    const [first, second] = [describeBranch(a), describeUnion(union)];
    // Several branches together may cover a branch that none covers alone: compare one value of a tag at a time.
    const split = candidates.length > 1 && splits < 4 ? this.#split(a) : undefined;
    if (split !== undefined) {
      const parts = split.map((part) => this.#inUnion(part, candidates, splits + 1));
      if (parts.every(({ verdict }) => verdict === "yes")) return YES;
      const certain = parts.find(({ verdict }) => verdict === "no");
      if (certain !== undefined) return certain;
      return parts.find(({ verdict }) => verdict === "maybe") ?? YES;
    }
    const best = candidates.findIndex(({ model }) => model !== undefined && model === a.model);
    const [result] = best === -1 ? results : results.slice(best);
    if (candidates.length === 1 && result !== undefined) return result;
    const literals = candidates.every(({ kind }) => kind === "literal");
    if (literals && results.every(({ verdict }) => verdict === "no") && isEndless(a)) {
      return excluded("types", first, second);
    }
    return result === undefined || best === -1
      ? unclear("union", first, second)
      : undecided(result);
  }

  // A reader ignores members that a closed model does not declare: they do not distinguish the cases of a union.
  #comparable(a: Branch, b: Branch): [a: Branch, b: Branch] {
    if (this.#direction === "input") return [a, b];
    return [this.#isExact ? opened(a) : a, opened(b)];
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
        return YES;
      }
      if (accepted === undefined) maybe = true;
    }
    const [first, second] = [describeBranch(a), describeUnion(union)];
    return maybe ? unclear("condition", first, second) : excluded("values", first, second);
  }

  // Splits a small set of numbers, or an object with a tag, into its cases.
  #split(a: Branch): Branch[] | undefined {
    if (a.kind === "number" && a.integer && Number(a.max) - Number(a.min) < 64) {
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

  #pair(a: Exclude<Branch, LiteralBranch>, b: Branch): Inclusion {
    let result: Inclusion;
    const different = () => excluded("types", describeBranch(a), describeBranch(b));
    if (b.kind === "literal") {
      const cases = this.#split(a);
      result = cases !== undefined && cases.every((one) =>
          one.kind === "literal" && this.#branches.branchAccepts(b, one.value) === true
        )
        ? YES
        : different();
    } else if (a.kind === "number" && b.kind === "number") result = compareNumbers(a, b);
    else if (a.kind === "string" && b.kind === "string") result = this.#strings(a, b);
    else if (a.kind === "array" && b.kind === "array") {
      result = within(this.#modelOf(a, b), this.#arrays(a, b));
    } else if (a.kind === "object" && b.kind === "object") {
      result = within(this.#modelOf(a, b), this.#objects(a, b));
    } else result = different();
    const isImplied = b.opaque.every((text) => a.opaque.includes(text));
    if (result.verdict === "yes" && !isImplied) {
      return unclear("condition", describeBranch(a), `${describeBranch(b)}, with a condition`);
    }
    return result;
  }

  #modelOf(a: Branch, b: Branch): string | undefined {
    return this.#isOldFirst ? a.model ?? b.model : b.model ?? a.model;
  }

  #strings(a: StringBranch, b: StringBranch): Inclusion {
    if (b.content === undefined) return compareStrings(a, b, this.#direction);
    if (a.content !== undefined) return this.nodes(a.content, b.content);
    // A format or pattern may still allow only JSON.
    return unclear("pattern", describeBranch(a), describeBranch(b));
  }

  #arrays(a: ArrayBranch, b: ArrayBranch): Inclusion {
    const found = new Reasons();
    const most = this.#mostItems(a);
    const [first, second] = [describeItems(a), describeItems(b)];
    if (this.#direction === "input") {
      // A caller may repeat the values of a set; the server counts distinct ones.
      const least = b.unique && !a.unique ? Math.min(a.minItems, 1) : a.minItems;
      const isRepeated = a.unique && !b.unique && a.minItems < a.maxItems && a.maxItems > 0;
      if (least < b.minItems || (isRepeated ? Infinity : most) > b.maxItems) {
        found.no("range", first, second);
      }
    } else {
      if (a.minItems < b.minItems || most > b.maxItems) found.no("range", first, second);
      if (b.unique && !a.unique && most > 1) found.no("range", "any items", "unique items");
    }
    const places = Math.max(a.prefix.length, b.prefix.length);
    for (let index = 0; index < places && index < most; index++) {
      const theirs = itemAt(b, index);
      found.add(`[${index}]`, this.nodes(itemAt(a, index), theirs));
      // For TypeScript an optional element may be undefined.
      const isOptional = this.#asTypes && index >= a.minItems && index < a.prefix.length;
      if (isOptional && index >= b.prefix.length && !this.#isAnything(theirs)) {
        found.no("types", "optional", "required", `[${index}]`);
      }
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
    for (const name of b.required) {
      if (a.required.has(name)) continue;
      const at = member(name);
      // A minimum number of members may require an optional member.
      if (a.minProperties > 0) found.maybe("condition", "may be absent", "required", at);
      else if (b.tag === name) found.no("tag", "may be absent", "required", at);
      else if (a.properties.has(name)) found.no("optional", "may be absent", "required", at);
      else {found.no(
          "undeclared",
          "not declared",
          describeUnion(this.#branches.of(propertyAt(b, name))),
          at,
        );}
    }
    this.#members(a, b, found);
    this.#otherMembers(a, b, found);
    this.#memberNames(a, b, found);
    return found.inclusion();
  }

  // Compares the members that one of the two declares.
  #members(a: ObjectBranch, b: ObjectBranch, found: Reasons): void {
    let hasCommon = false;
    for (const name of new Set([...a.properties.keys(), ...b.properties.keys()])) {
      const [isMine, isTheirs] = [a.properties.has(name), b.properties.has(name)];
      hasCommon ||= isMine && isTheirs;
      const [mine, theirs] = [propertyAt(a, name), propertyAt(b, name)];
      const describe = (node: SchemaNode) => describeUnion(this.#branches.of(node));
      if (this.#isExact && isMine !== isTheirs && !b.required.has(name)) {
        if (isMine) found.no("extra", describe(mine), "not declared", member(name));
        else found.no("missing", "not declared", describe(theirs), member(name));
        continue;
      }
      if (!isMine && b.required.has(name) && !a.required.has(name)) continue;
      // Callers do not send members that the server ignores, and readers do not read them.
      if (!isMine && a.ignoresOthers) continue;
      if (!isTheirs && this.#direction === "output" && b.additional.schema === false) continue;
      const result = this.nodes(mine, theirs);
      if (result.verdict === "yes") continue;
      // A member that cannot exist excludes no value.
      if (this.#branches.isEmpty(mine) || !this.#nameFits(a, name)) continue;
      if (!isTheirs && theirs.schema === false) {
        found.no("refused", describe(mine), "not declared", member(name));
      } else found.add(member(name), result);
    }
    // TypeScript's rule for types whose members are all optional.
    const isWeak = this.#asTypes && b.required.size === 0 && b.properties.size > 0 &&
      b.additional.schema === (b.ignoresOthers);
    if (isWeak && a.properties.size > 0 && !hasCommon) {
      const note = " (no member in common)";
      found.no(
        "types",
        `${describeBranch(a)}${this.#isOldFirst ? "" : note}`,
        `${describeBranch(b)}${this.#isOldFirst ? note : ""}`,
      );
    }
  }

  // Compares the members that neither declares.
  #otherMembers(a: ObjectBranch, b: ObjectBranch, found: Reasons): void {
    const [mine, theirs] = [
      this.#branches.isEmpty(a.additional),
      this.#branches.isEmpty(b.additional),
    ];
    if (this.#isExact && (mine !== theirs || a.ignoresOthers !== b.ignoresOthers)) {
      found.no("others", describeOthers(a, mine), describeOthers(b, theirs));
    }
    if (mine || (this.#direction === "output" && b.additional.schema === false)) return;
    if (a.ignoresOthers) {
      if (theirs && !this.#asTypes) found.no("others", describeOthers(a, mine), NO_OTHERS);
      return;
    }
    found.add("{}", this.nodes(a.additional, b.additional));
  }

  #memberNames(a: ObjectBranch, b: ObjectBranch, found: Reasons): void {
    const closed = a.ignoresOthers || this.#branches.isEmpty(a.additional);
    for (const names of b.names) {
      for (const name of a.properties.keys()) {
        if (this.#branches.isEmpty(propertyAt(a, name)) || !this.#nameFits(a, name)) continue;
        const accepted = this.#branches.accepts(names, name);
        if (accepted === false) {
          found.no("refused", "allowed as a name", "not an allowed name", member(name));
        }
        if (accepted === undefined) {
          found.maybe("condition", "allowed", "possibly not an allowed name", member(name));
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
      found.no(
        "range",
        `at least ${counted(least, "member")}`,
        `at least ${counted(b.minProperties, "member")}`,
      );
    }
    if (most > b.maxProperties) {
      found.no("range", "more members", `at most ${counted(b.maxProperties, "member")}`);
    }
  }

  #nameFits(branch: ObjectBranch, name: string): boolean {
    return branch.names.every((names) => this.#branches.accepts(names, name) !== false);
  }
}

// Models are compared member by member: comparing their texts first would visit each of them twice.
function isLeaf(schema: JsonSchema): boolean {
  return typeof schema === "boolean" ||
    !("properties" in schema || "$ref" in schema || "$defs" in schema);
}

function opened(branch: Branch): Branch {
  return branch.kind === "object" && branch.additional.schema === false
    ? { ...branch, additional: { ...branch.additional, schema: true } }
    : branch;
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

// Returns true if the first schema has a whole case that the second has not.
function isCase({ reasons }: Inclusion): boolean {
  const [reason] = reasons;
  return reasons.length === 1 && reason?.path === "$" && reason.model === undefined &&
    (reason.kind === "values" || reason.kind === "types");
}

// Returns true if the second union has no model of this name, but another model of the first.
function isOtherModel(
  branch: Branch,
  cases: readonly Branch[],
  offered: readonly Branch[],
): boolean {
  const has = (model: string) => offered.some((other) => other.model === model);
  return branch.kind === "object" && branch.model !== undefined && !has(branch.model) &&
    cases.some(({ kind, model }) => kind === "object" && model !== undefined && has(model));
}

// Returns one reason for each model with the cases that the second union has not.
function* missingCases(
  missing: readonly Branch[],
  cases: readonly Branch[],
  offered: readonly Branch[],
): Generator<SubsetReason> {
  const [first, second] = [describeUnion(cases), describeUnion(offered)];
  const base = { path: "$", member: "", first, second, verdict: "no" } as const;
  const literals = missing.filter((branch) => branch.kind === "literal");
  // Without a common case the type is another one.
  const isEnum = literals.length === missing.length &&
    offered.some(({ kind }) => kind === "literal");
  const isNull = literals.length === 1 && literals[0]?.value === null;
  if (missing.length > 0 && !isNull && !(isEnum && hasCommon(cases, missing))) {
    const isOther = withoutNull(missing).length === withoutNull(cases).length;
    const [model] = new Set(missing.map((branch) => branch.model));
    const label = isEnum ? model : undefined;
    yield { ...base, kind: "types", cases: isOther ? "" : describeUnion(missing), model: label };
    return;
  }
  for (const model of new Set(literals.map((branch) => branch.model))) {
    const values = literals.filter((branch) => branch.model === model).map(({ value }) => value);
    yield { ...base, kind: "values", values, model };
  }
}

function withoutNull(branches: readonly Branch[]): Branch[] {
  return branches.filter((branch) => branch.kind !== "literal" || branch.value !== null);
}

// Returns the case of a union that has no other, except null.
function onlyCase(branches: readonly Branch[]): Branch | undefined {
  const [only, ...others] = withoutNull(branches);
  return others.length === 0 ? only : undefined;
}

function hasCommon(cases: readonly Branch[], missing: readonly Branch[]): boolean {
  return missing.length < cases.length;
}

function decided({ reasons }: Inclusion): Inclusion {
  return {
    verdict: "no",
    reasons: reasons.map((reason) => ({ ...reason, verdict: "no", cause: undefined })),
  };
}

function undecided({ reasons }: Inclusion): Inclusion {
  return {
    verdict: "maybe",
    reasons: reasons.map((reason) => ({
      ...reason,
      verdict: "maybe",
      cause: reason.cause ?? "condition",
    })),
  };
}

function member(name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? `.${name}` : `[${JSON.stringify(name)}]`;
}
