import { isJsonObject, type JsonSchema, resolvePointer } from "../contract/mod.ts";

/** The type of a value for which the contract allows several scalar types. */
export interface UntypedValue {
  /** Members by name, items of lists as `[]`. */
  readonly path: string;
  /** The types that the contract allows. */
  readonly allowed: readonly string[];
  readonly found: string;
}

const SCALARS = new Set(["string", "number", "integer", "boolean"]);
const MAX_DEPTH = 40;
const MAX_ITEMS = 50;

/** The part of a schema that untyped values can be reached by. */
interface SchemaNode {
  /** The scalar types, if there are several. */
  allowed: readonly string[] | undefined;
  branches: readonly SchemaNode[];
  prefixItems: readonly SchemaNode[];
  items: SchemaNode | undefined;
  properties: ReadonlyMap<string, SchemaNode>;
  additional: SchemaNode | undefined;
  /** An untyped value can be at this node or below it. */
  isRelevant: boolean;
}

/**
 * Makes a function that finds values for which the schema allows several types: a `Decimal` is a number from one server
 * and a text from another, and both are valid. Parts of the schema without such values are not visited.
 */
export function compileUntypedValues(
  schema: JsonSchema,
): (value: unknown) => readonly UntypedValue[] {
  const root = nodeOf(schema);
  if (!root.isRelevant) return () => [];
  return (value) => {
    const found = new Map<string, UntypedValue>();
    visit(value, root, [], 0, found);
    return [...found.values()];
  };
}

function nodeOf(root: JsonSchema): SchemaNode {
  const nodes = new Map<unknown, SchemaNode>();
  const make = (schema: unknown): SchemaNode => {
    const existing = nodes.get(schema);
    if (existing !== undefined) return existing;
    const node: SchemaNode = {
      allowed: undefined,
      branches: [],
      prefixItems: [],
      items: undefined,
      properties: new Map(),
      additional: undefined,
      isRelevant: false,
    };
    // Stored before it is complete: a schema may contain itself.
    nodes.set(schema, node);
    if (!isJsonObject(schema)) return node;
    const { $ref: reference, prefixItems, items, properties, additionalProperties } = schema;
    if (typeof reference === "string") {
      node.branches = [make(resolvePointer(root, reference))];
      return node;
    }
    const branches = ["anyOf", "oneOf"].flatMap((key) =>
      Array.isArray(schema[key]) ? schema[key] as JsonSchema[] : []
    );
    const types = branches.map((branch) => isJsonObject(branch) ? String(branch["type"]) : "");
    const allowed = [...new Set(types.filter((type) => SCALARS.has(type)))];
    if (allowed.length > 1) node.allowed = allowed;
    node.branches = branches.map(make);
    if (Array.isArray(prefixItems)) node.prefixItems = prefixItems.map(make);
    if (isJsonObject(items)) node.items = make(items);
    if (isJsonObject(properties)) {
      node.properties = new Map(
        Object.entries(properties).map(([name, member]) => [name, make(member)]),
      );
    }
    if (isJsonObject(additionalProperties)) node.additional = make(additionalProperties);
    return node;
  };
  const made = make(root);
  markRelevant([...nodes.values()]);
  return made;
}

function markRelevant(nodes: readonly SchemaNode[]): void {
  for (let hasChanged = true; hasChanged;) {
    hasChanged = false;
    // Inner nodes were made after outer ones, so that the reverse order needs fewer rounds.
    for (const node of nodes.toReversed()) {
      if (node.isRelevant) continue;
      const { branches, prefixItems, items, properties, additional } = node;
      const inner = [...branches, ...prefixItems, ...properties.values(), items, additional];
      node.isRelevant = node.allowed !== undefined ||
        inner.some((each) => each?.isRelevant === true);
      hasChanged ||= node.isRelevant;
    }
  }
}

function visit(
  value: unknown,
  node: SchemaNode,
  path: string[],
  depth: number,
  found: Map<string, UntypedValue>,
): void {
  if (depth > MAX_DEPTH || !node.isRelevant) return;
  const { allowed } = node;
  if (typeof value !== "object" || value === null) {
    if (allowed !== undefined && value !== null) {
      const type = typeof value === "bigint" ? "number" : typeof value;
      const at = path.join("").replace(/^\./, "") || "$";
      const key = `${at}:${type}`;
      if (!found.has(key)) found.set(key, { path: at, allowed, found: type });
    } else for (const branch of node.branches) visit(value, branch, path, depth + 1, found);
    return;
  }
  for (const branch of node.branches) visit(value, branch, path, depth + 1, found);
  if (Array.isArray(value)) visitItems(value, node, path, depth, found);
  else visitMembers(value as Readonly<Record<string, unknown>>, node, path, depth, found);
}

function visitItems(
  value: readonly unknown[],
  { items, prefixItems }: SchemaNode,
  path: string[],
  depth: number,
  found: Map<string, UntypedValue>,
): void {
  if (items?.isRelevant !== true && prefixItems.length === 0) return;
  path.push("[]");
  for (let index = 0; index < value.length && index < MAX_ITEMS; index++) {
    const item = prefixItems[index] ?? items;
    if (item !== undefined) visit(value[index], item, path, depth + 1, found);
  }
  path.pop();
}

function visitMembers(
  members: Readonly<Record<string, unknown>>,
  { additional, properties }: SchemaNode,
  path: string[],
  depth: number,
  found: Map<string, UntypedValue>,
): void {
  const visitMember = (name: string, node: SchemaNode) => {
    path.push(`.${name}`);
    visit(members[name], node, path, depth + 1, found);
    path.pop();
  };
  for (const [name, node] of properties) {
    if (node.isRelevant && Object.hasOwn(members, name)) visitMember(name, node);
  }
  if (additional?.isRelevant !== true) return;
  for (const name of Object.keys(members)) {
    if (!properties.has(name)) visitMember(name, additional);
  }
}
