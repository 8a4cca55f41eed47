import {
  countKeyword,
  isJsonObject,
  isSchema,
  type Json,
  type JsonObject,
  type JsonSchema,
  keyword,
  memberSchemas,
  nameList,
} from "../../contract/mod.ts";
import { compilePattern } from "../../validate/mod.ts";
import { bothSchemas } from "./combine.ts";
import { dictionaryEntries } from "./dictionary.ts";
import { type Hint, hintOf } from "./hints.ts";
import {
  DEEPEST,
  isDeep,
  type Make,
  type Making,
  type Planner,
  type PlanRequest,
} from "./making.ts";
import { PAGE_LISTS } from "./page_lists.ts";
import { integerBetween } from "./random.ts";
import { rangesOf, sortRanges } from "./ranges.ts";
import { Scene } from "./scene.ts";
import { setMember } from "./schema_nodes.ts";

const ATTEMPTS = 200;
const DEFAULT_SHARE = 0.25;

interface Member {
  readonly name: string;
  readonly isRequired: boolean;
  readonly make: Make;
  readonly fallback: (() => Json) | undefined;
  readonly cost: number;
  /** True if a value may not exist, so that an optional member is left out. */
  readonly fits: ((value: Json) => boolean) | undefined;
}

/** Makes the plan of a model or a dictionary. */
export function objectMake(request: PlanRequest, planner: Planner): Make {
  const { schema, hint } = request;
  const rules = new MemberRules(schema, planner);
  const declared = membersOf(request, planner, rules);
  const members = inCanonicalOrder(declared, nameList(keyword(schema, "required")));
  const isInOrder = members.every((member, index) => member === declared[index]);
  const isOpen = rules.isOpen;
  const least = countKeyword(schema, "minProperties") ?? 0;
  const most = countKeyword(schema, "maxProperties") ?? Infinity;
  const isDictionary = members.length === 0 && isOpen;
  const entries = dictionaryEntries(schema, hint, (inner, own) => planner.plan(inner, own));
  const ranges = rangesOf(memberSchemas(schema, "properties"));
  const dependencies = dependenciesOf(schema);
  return (making) => {
    const object: Record<string, Json> = {};
    const { random, scene: around } = making;
    making.depth++;
    if (making.depth > 1) making.scene = new Scene(random);
    for (const member of members) addMember(object, member, making);
    sortRanges(object, ranges);
    if (dependencies.length > 0) {
      addDependencies(object, { dependencies, making, hint, rules });
    }
    if (most < Infinity) dropMembers(object, members, most);
    let count = Object.keys(object).length;
    const wanted = isDictionary && !isDeep(making) ? integerBetween(random, 2, 3) : 0;
    const target = Math.min(most, Math.max(least, count + wanted));
    for (
      let attempt = 0;
      count < target && attempt < ATTEMPTS && making.depth <= DEEPEST;
      attempt++
    ) {
      making.budget--;
      const [key, value] = entries(making);
      if (Object.hasOwn(object, key)) continue;
      const make = rules.isPlain ? undefined : rules.make(key, hint);
      if (make === null) continue;
      setMember(object, key, make === undefined ? value : make(making));
      count++;
    }
    making.scene = around;
    making.depth--;
    return isInOrder ? object : inDeclaredOrder(object, declared);
  };
}

/**
 * Sorts members so that they get the same values whatever their order in the document, which some servers sort: required
 * ones in the order of `required`, then the others by name.
 */
function inCanonicalOrder(
  members: readonly Member[],
  required: readonly string[],
): readonly Member[] {
  const rank = ({ name, isRequired }: Member) => isRequired ? required.indexOf(name) : Infinity;
  return members.toSorted((a, b) =>
    rank(a) === rank(b) ? (a.name < b.name ? -1 : 1) : rank(a) < rank(b) ? -1 : 1
  );
}

function inDeclaredOrder(
  object: Readonly<Record<string, Json>>,
  declared: readonly Member[],
): Record<string, Json> {
  const ordered: Record<string, Json> = {};
  for (const { name } of declared) {
    if (Object.hasOwn(object, name)) setMember(ordered, name, object[name] ?? null);
  }
  for (const name of Object.keys(object)) {
    if (!Object.hasOwn(ordered, name)) setMember(ordered, name, object[name] ?? null);
  }
  return ordered;
}

function membersOf(
  { schema, hint, isTop }: PlanRequest,
  planner: Planner,
  rules: MemberRules,
): Member[] {
  const title = keyword(schema, "title");
  const owner = typeof title === "string" && isJsonObject(keyword(schema, "properties"))
    ? title
    : hint.owner.join(" ") || hint.name;
  const names = new Set(nameList(keyword(schema, "required")));
  const members = memberSchemas(schema, "properties").flatMap(([name, property]): Member[] => {
    const isRequired = names.delete(name);
    const member = rules.isPlain ? property : rules.schemaOf(name);
    if (!isRequired && (member === false || !rules.acceptsName(name))) return [];
    const isCertain = rules.isPlain && typeof member === "object";
    const validator = isCertain ? undefined : planner.validator(member);
    return [{
      name,
      isRequired,
      make: planner.plan(
        member,
        hintOf(name, owner, keyword(member, "description")),
        isTop && PAGE_LISTS.has(name),
      ),
      fallback: planner.defaultOf(member),
      cost: planner.costOf(member),
      fits: validator === undefined ? undefined : (value) => validator.check(value) === undefined,
    }];
  });
  for (const name of names) {
    members.push({
      name,
      isRequired: true,
      make: planner.plan(rules.schemaOf(name), hintOf(name, owner, undefined)),
      fallback: undefined,
      cost: 0,
      fits: undefined,
    });
  }
  return members;
}

function addMember(object: Record<string, Json>, member: Member, making: Making): void {
  const { name, isRequired, make, fallback, cost, fits } = member;
  making.budget--;
  if (!isRequired) {
    if (fallback !== undefined && (isDeep(making) || making.random() < DEFAULT_SHARE)) {
      setMember(object, name, fallback());
      return;
    }
    if (isDeep(making) && cost > 0) return;
  }
  const value = make(making);
  if (isRequired || fits === undefined || fits(value)) setMember(object, name, value);
}

/** Leaves out optional members of which there are too many. */
function dropMembers(
  object: Record<string, Json>,
  members: readonly Member[],
  most: number,
): void {
  let count = Object.keys(object).length;
  for (const { name, isRequired } of members.toReversed()) {
    if (count <= most) return;
    if (isRequired || !Object.hasOwn(object, name)) continue;
    delete object[name];
    count--;
  }
}

function dependenciesOf(schema: JsonObject): readonly (readonly [string, readonly string[]])[] {
  return ["dependentRequired", "dependencies"].flatMap((name) => {
    const rules = keyword(schema, name);
    if (!isJsonObject(rules)) return [];
    return Object.entries(rules).map(([member, names]) => [member, nameList(names)] as const);
  });
}

interface Dependent {
  readonly dependencies: readonly (readonly [string, readonly string[]])[];
  readonly making: Making;
  readonly hint: Hint;
  readonly rules: MemberRules;
}

/** Adds members that others require. */
function addDependencies(
  object: Record<string, Json>,
  { dependencies, making, hint, rules }: Dependent,
): void {
  for (let isComplete = false; !isComplete;) {
    isComplete = true;
    for (const [name, names] of dependencies) {
      if (!Object.hasOwn(object, name)) continue;
      for (const other of names) {
        if (Object.hasOwn(object, other)) continue;
        setMember(object, other, rules.make(other, hint)?.(making) ?? null);
        isComplete = false;
      }
    }
  }
}

/** The schemas that apply to the members of an object. */
class MemberRules {
  /** False if names, or members that match a pattern, have rules of their own. */
  readonly isPlain: boolean;
  readonly isOpen: boolean;
  readonly #planner: Planner;
  readonly #properties: ReadonlyMap<string, JsonSchema>;
  readonly #patterns: readonly (readonly [test: (name: string) => boolean, schema: JsonSchema])[];
  readonly #additional: JsonSchema;
  readonly #names: JsonSchema;
  readonly #acceptsName: (name: string) => boolean;

  constructor(schema: JsonObject, planner: Planner) {
    this.#planner = planner;
    this.#properties = new Map(memberSchemas(schema, "properties"));
    this.#patterns = memberSchemas(schema, "patternProperties").map(([source, member]) =>
      [compilePattern(source) ?? (() => true), member] as const
    );
    const additional = keyword(schema, "additionalProperties") ??
      keyword(schema, "unevaluatedProperties");
    this.#additional = isSchema(additional) ? additional : {};
    this.isOpen = additional !== false;
    const names = keyword(schema, "propertyNames");
    this.#names = isSchema(names) ? names : true;
    const validator = planner.validator(this.#names);
    this.#acceptsName = (name) => validator.check(name) === undefined;
    const isDictionary = this.#properties.size === 0 && this.#patterns.length < 2;
    this.isPlain = isDictionary || this.#patterns.length === 0 && this.#names === true;
  }

  acceptsName(name: string): boolean {
    return this.#names === true || this.#acceptsName(name);
  }

  /** The schema of a member: its own, those of the patterns that match, or that of undeclared members. */
  schemaOf(name: string): JsonSchema {
    const own = this.#properties.get(name);
    const matching = this.#patterns.filter(([test]) => test(name)).map(([, schema]) => schema);
    const schemas = own === undefined ? matching : [own, ...matching];
    return schemas.length === 0
      ? this.#additional
      : schemas.reduce((all, schema) => bothSchemas(all, schema));
  }

  /** The plan of a member; null if it may not exist. */
  make(name: string, hint: Hint): Make | null {
    const schema = this.schemaOf(name);
    if (schema === false || !this.acceptsName(name)) return null;
    return this.#planner.plan(schema, hintOf(name, hint.name, undefined));
  }
}
