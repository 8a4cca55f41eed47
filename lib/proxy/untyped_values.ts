import { isJsonObject, type JsonSchema, resolvePointer } from "../contract/mod.ts";

/** A place of a result that the contract leaves to one of several scalar types, and the type that was there. */
export interface OpenKind {
  /** Members by name, items of lists as `[]`. */
  readonly path: string;
  /** The types that the contract allows. */
  readonly allowed: readonly string[];
  readonly found: string;
}

const SCALARS = new Set(["string", "number", "integer", "boolean"]);
const MAX_DEPTH = 40;
const MAX_ITEMS = 50;

/** A schema, as far as open places are at it or below it. */
interface Place {
  /** Several scalar types, where it leaves the type open. */
  allowed: readonly string[] | undefined;
  branches: readonly Place[];
  prefixItems: readonly Place[];
  items: Place | undefined;
  properties: ReadonlyMap<string, Place>;
  additional: Place | undefined;
  /** Whether an open place can be reached from here. */
  leads: boolean;
}

/**
 * Makes a function that finds where a value has one of several types that its schema allows: a `Decimal` is a number under
 * one server and a text under another, and both fit. What of the schema leads to no such place is not looked at.
 */
export function compileOpenKinds(schema: JsonSchema): (value: unknown) => readonly OpenKind[] {
  const root = placeOf(schema);
  if (!root.leads) return () => [];
  return (value) => {
    const found = new Map<string, OpenKind>();
    visit(value, root, [], 0, found);
    return [...found.values()];
  };
}

function placeOf(root: JsonSchema): Place {
  const places = new Map<unknown, Place>();
  const make = (schema: unknown): Place => {
    const known = places.get(schema);
    if (known !== undefined) return known;
    const place: Place = {
      allowed: undefined,
      branches: [],
      prefixItems: [],
      items: undefined,
      properties: new Map(),
      additional: undefined,
      leads: false,
    };
    // Known before it is made: a schema may contain itself.
    places.set(schema, place);
    if (!isJsonObject(schema)) return place;
    const { $ref: reference, prefixItems, items, properties, additionalProperties } = schema;
    if (typeof reference === "string") {
      place.branches = [make(resolvePointer(root, reference))];
      return place;
    }
    const branches = ["anyOf", "oneOf"].flatMap((key) =>
      Array.isArray(schema[key]) ? schema[key] as JsonSchema[] : []
    );
    const kinds = branches.map((branch) => isJsonObject(branch) ? String(branch["type"]) : "");
    const allowed = [...new Set(kinds.filter((kind) => SCALARS.has(kind)))];
    if (allowed.length > 1) place.allowed = allowed;
    place.branches = branches.map(make);
    if (Array.isArray(prefixItems)) place.prefixItems = prefixItems.map(make);
    if (isJsonObject(items)) place.items = make(items);
    if (isJsonObject(properties)) {
      place.properties = new Map(
        Object.entries(properties).map(([name, own]) => [name, make(own)]),
      );
    }
    if (isJsonObject(additionalProperties)) place.additional = make(additionalProperties);
    return place;
  };
  const made = make(root);
  markLeading([...places.values()]);
  return made;
}

function markLeading(places: readonly Place[]): void {
  for (let hasChanged = true; hasChanged;) {
    hasChanged = false;
    // Those below were made after those above.
    for (const place of places.toReversed()) {
      if (place.leads) continue;
      const { branches, prefixItems, items, properties, additional } = place;
      const below = [...branches, ...prefixItems, ...properties.values(), items, additional];
      place.leads = place.allowed !== undefined || below.some((each) => each?.leads === true);
      hasChanged ||= place.leads;
    }
  }
}

function visit(
  value: unknown,
  place: Place,
  path: string[],
  depth: number,
  found: Map<string, OpenKind>,
): void {
  if (depth > MAX_DEPTH || !place.leads) return;
  const { allowed } = place;
  if (typeof value !== "object" || value === null) {
    if (allowed !== undefined && value !== null) {
      const kind = typeof value === "bigint" ? "number" : typeof value;
      const at = path.join("").replace(/^\./, "") || "$";
      const key = `${at}:${kind}`;
      if (!found.has(key)) found.set(key, { path: at, allowed, found: kind });
    } else for (const branch of place.branches) visit(value, branch, path, depth + 1, found);
    return;
  }
  for (const branch of place.branches) visit(value, branch, path, depth + 1, found);
  if (Array.isArray(value)) {
    const { items, prefixItems } = place;
    if (items?.leads !== true && prefixItems.length === 0) return;
    path.push("[]");
    for (let index = 0; index < value.length && index < MAX_ITEMS; index++) {
      const own = prefixItems[index] ?? items;
      if (own !== undefined) visit(value[index], own, path, depth + 1, found);
    }
    path.pop();
    return;
  }
  const members = value as Readonly<Record<string, unknown>>;
  for (const [name, own] of place.properties) {
    if (own.leads && Object.hasOwn(members, name)) step(members, name, own, path, depth, found);
  }
  const { additional, properties } = place;
  if (additional?.leads !== true) return;
  for (const name of Object.keys(members)) {
    if (!properties.has(name)) step(members, name, additional, path, depth, found);
  }
}

function step(
  members: Readonly<Record<string, unknown>>,
  name: string,
  place: Place,
  path: string[],
  depth: number,
  found: Map<string, OpenKind>,
): void {
  path.push(`.${name}`);
  visit(members[name], place, path, depth + 1, found);
  path.pop();
}
