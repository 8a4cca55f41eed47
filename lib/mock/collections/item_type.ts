import {
  isSchema,
  type Json,
  type JsonObject,
  type JsonSchema,
  keyword,
  memberSchemas,
  type Procedure,
  schemaList,
} from "../../contract/mod.ts";
import { compileSchema, resolveReference, type SchemaValidator } from "../../validate/mod.ts";
import { PAGE_LISTS } from "../values/page_lists.ts";
import { withDefinitions } from "../values/schema_nodes.ts";

/** A schema without references and unions, and the document that its own references point into. */
export interface Branch {
  readonly root: JsonSchema;
  readonly schema: JsonSchema;
}

const MAX_DEPTH = 20;

/** The branches of a schema: references are followed, unions taken apart. */
export function branchesOf(root: JsonSchema, schema: JsonSchema, depth = 0): readonly Branch[] {
  if (depth > MAX_DEPTH) return [];
  const reference = keyword(schema, "$ref");
  if (typeof reference === "string") {
    const target = resolveReference(root, reference);
    return target === undefined ? [] : branchesOf(root, target.schema, depth + 1);
  }
  const options = schemaList(keyword(schema, "oneOf") ?? keyword(schema, "anyOf"));
  return options.length === 0
    ? [{ root, schema }]
    : options.flatMap((option) => branchesOf(root, option, depth + 1));
}

/** The members of an object's schema; empty for other schemas. */
export function membersOf({ schema }: Branch): ReadonlyMap<string, JsonSchema> {
  return new Map(memberSchemas(schema, "properties"));
}

/** The schema of a list's items as branches; empty for other schemas. */
export function itemsOf({ root, schema }: Branch): readonly Branch[] {
  const items = keyword(schema, "items");
  return keyword(schema, "type") === "array" && isSchema(items) ? branchesOf(root, items) : [];
}

/** The objects of a branch with a member of this name. */
export function objectsWith(branches: readonly Branch[], key: string): readonly Branch[] {
  return branches.filter((branch) => membersOf(branch).has(key));
}

/** The schema of a branch that can be used without its document. */
export function wholeSchema({ root, schema }: Branch): JsonSchema {
  return withDefinitions(schema, keyword(root, "$defs"));
}

/** The objects in the list that a procedure returns, or in the lists of a page. */
export function listedObjects(result: JsonSchema): readonly Branch[] {
  const branches = branchesOf(result, result);
  const pages = branches.flatMap(memberBranches);
  const inPages = [...pages, ...pages.flatMap(({ branch }) => memberBranches(branch))]
    .sort((a, b) => Number(PAGE_LISTS.has(b.name)) - Number(PAGE_LISTS.has(a.name)))
    .map(({ branch }) => branch);
  return objectsOf([...branches, ...inPages].flatMap(itemsOf));
}

/** The objects that a procedure returns, and those inside another object. */
export function returnedObjects(result: JsonSchema): readonly Branch[] {
  const branches = branchesOf(result, result);
  return objectsOf([
    ...branches,
    ...branches.flatMap(memberBranches).map(({ branch }) => branch),
  ]);
}

function memberBranches(branch: Branch): readonly { name: string; branch: Branch }[] {
  return [...membersOf(branch)].flatMap(([name, member]) =>
    branchesOf(branch.root, member).map((inner) => ({ name, branch: inner }))
  );
}

function objectsOf(branches: readonly Branch[]): readonly Branch[] {
  return branches.filter((branch) => membersOf(branch).size > 0);
}

/** The type of a collection's items. */
export class ItemType {
  readonly branch: Branch;
  readonly schema: JsonSchema;
  readonly members: ReadonlyMap<string, JsonSchema>;
  readonly #validators = new Map<string, SchemaValidator>();

  constructor(branch: Branch) {
    this.branch = branch;
    this.schema = wholeSchema(branch);
    this.members = membersOf(branch);
  }

  /** Returns true if the item has the member and the value fits it. */
  fits(name: string, value: Json): boolean {
    const member = this.members.get(name);
    if (member === undefined) return false;
    let validator = this.#validators.get(name);
    if (validator === undefined) {
      validator = compileSchema(wholeSchema({ root: this.branch.root, schema: member }));
      this.#validators.set(name, validator);
    }
    return validator.check(value) === undefined;
  }

  /** The members that have a default, with it. */
  defaults(): JsonObject {
    return Object.fromEntries(
      [...this.members].flatMap(([name, member]) => {
        const value = keyword(member, "default");
        return value === undefined || !this.fits(name, value) ? [] : [[name, value]];
      }),
    );
  }
}

/** A parameter, or a member of a parameter that is a model. */
export interface Field {
  readonly schema: JsonSchema;
  readonly root: JsonSchema;
  readonly default: Json | undefined;
}

/**
 * The parameters of a procedure by name. A model is replaced by its members, as in `list_orders(query: OrderQuery)`, unless
 * the item has a member of the parameter's name.
 */
export function fieldsOf(
  { parameters }: Procedure,
  members: ReadonlyMap<string, unknown>,
): ReadonlyMap<string, Field> {
  const own = new Map<string, Field>();
  const inner = new Map<string, Field>();
  for (const { name, schema, default: fallback, required } of parameters) {
    const models = members.has(name)
      ? []
      : branchesOf(schema, schema).flatMap((branch) =>
        [...membersOf(branch)].map(([key, member]) => [key, member, branch.root] as const)
      );
    if (models.length === 0) {
      own.set(name, { schema, root: schema, default: required ? undefined : fallback });
    }
    for (const [key, member, root] of models) {
      if (!inner.has(key)) {
        inner.set(key, { schema: member, root, default: keyword(member, "default") });
      }
    }
  }
  return new Map([...inner, ...own]);
}
