import {
  isJsonObject,
  isSchema,
  type Json,
  type JsonObject,
  type JsonSchema,
} from "../contract/mod.ts";
import { compileSchema, resolveReference } from "../validate/mod.ts";

/** A part of a value, and its schema. */
export interface Site {
  /** The part's schema without references; a union is kept. */
  readonly schema: JsonObject;
  readonly value: Json;
  /** Returns the whole value with another part; without it for undefined. */
  replace(part: Json | undefined): Json;
}

const MAX_DEPTH = 6;
const MAX_REFERENCES = 20;

/** Finds the parts of a value that a schema describes, outermost first. Of a list only the first item. */
export function sitesOf(root: JsonSchema, value: Json): Site[] {
  const sites: Site[] = [];
  visit({ root, schema: root, value, depth: 0, replace: (part) => part ?? null }, sites);
  return sites;
}

interface Part {
  readonly root: JsonSchema;
  readonly schema: JsonSchema;
  readonly value: Json;
  readonly depth: number;
  readonly replace: Site["replace"];
}

function visit(part: Part, sites: Site[]): void {
  const { root, value, depth, replace } = part;
  const schema = resolved(root, part.schema);
  if (schema === undefined || depth > MAX_DEPTH) return;
  sites.push({ schema, value, replace });
  const branch = branchesOf(schema).find((each) =>
    compileSchema(each, { root }).check(value) === undefined
  );
  // The branch has the same value: only its inner parts are new.
  if (branch !== undefined) {
    const inner: Site[] = [];
    visit({ ...part, schema: branch, depth: depth + 1 }, inner);
    sites.push(...inner.slice(1));
  }
  if (Array.isArray(value)) visitItems(part, schema, value, sites);
  else if (isJsonObject(value)) visitMembers(part, schema, value, sites);
}

function visitItems(part: Part, schema: JsonObject, value: readonly Json[], sites: Site[]): void {
  const prefix = Array.isArray(schema["prefixItems"]) ? schema["prefixItems"] as Json[] : [];
  const items = prefix.length > 0 ? prefix : [schema["items"]];
  for (const [index, item] of items.entries()) {
    const inner = value[index];
    if (!isSchema(item) || inner === undefined) continue;
    visit({
      ...part,
      schema: item,
      value: inner,
      depth: part.depth + 1,
      replace: (other) =>
        part.replace(
          other === undefined ? value.toSpliced(index, 1) : value.toSpliced(index, 1, other),
        ),
    }, sites);
  }
}

function visitMembers(part: Part, schema: JsonObject, value: JsonObject, sites: Site[]): void {
  const properties = isJsonObject(schema["properties"]) ? schema["properties"] : {};
  const additional = schema["additionalProperties"];
  const first = Object.keys(value).find((name) => !Object.hasOwn(properties, name));
  const members = [
    ...Object.entries(properties).filter(([name]) => Object.hasOwn(value, name)),
    ...(first === undefined || additional === undefined ? [] : [[first, additional] as const]),
  ];
  for (const [name, member] of members) {
    const inner = value[name];
    if (!isSchema(member) || inner === undefined) continue;
    visit({
      ...part,
      schema: member,
      value: inner,
      depth: part.depth + 1,
      replace: (other) => part.replace(withMember(value, name, other)),
    }, sites);
  }
}

/** Returns an object with another value of a member; without the member for undefined. */
export function withMember(object: JsonObject, name: string, value: Json | undefined): JsonObject {
  const entries = Object.entries(object);
  // Unlike an assignment, `fromEntries` keeps `__proto__` as a member.
  return Object.fromEntries(
    value === undefined
      ? entries.filter(([key]) => key !== name)
      : entries.map(([key, other]) => [key, key === name ? value : other]),
  );
}

/** Returns the alternatives of a union. */
export function branchesOf(schema: JsonObject): JsonSchema[] {
  return ["anyOf", "oneOf"].flatMap((key) => {
    const list = schema[key];
    return Array.isArray(list) ? (list as readonly Json[]).filter(isSchema) : [];
  });
}

/** Follows the references of a schema; undefined if it describes no value. */
export function resolved(root: JsonSchema, schema: JsonSchema): JsonObject | undefined {
  let current = schema;
  for (let count = 0; count < MAX_REFERENCES; count++) {
    if (!isJsonObject(current)) return undefined;
    const { $ref: reference, allOf } = current;
    const [only] = Array.isArray(allOf) && allOf.length === 1 ? allOf as Json[] : [];
    const next = typeof reference === "string"
      ? resolveReference(root, reference, current)?.schema
      : isSchema(only)
      ? only
      : undefined;
    if (next === undefined) return current;
    current = next;
  }
  return undefined;
}
