import { isSchema, type Json, type JsonObject, type JsonSchema, keyword } from "../contract/mod.ts";
import { isObject } from "../is_object.ts";
import type { ReferenceTarget } from "./run.ts";

/** The identified parts of a document. */
interface Identifiers {
  /** Schemas by absolute URI (`$id`) or URI with an anchor. */
  readonly targets: ReadonlyMap<string, JsonSchema>;
  /** The URI of the resource that a schema belongs to. */
  readonly bases: ReadonlyMap<JsonSchema, string>;
}

/** Base URI of documents without `$id`. */
const UNNAMED = "pyrpc:///";

const cache = new WeakMap<JsonObject, Identifiers | null>();

/**
 * Returns the schema that a `$ref` refers to: a JSON pointer, an `$anchor`, or an embedded resource with an `$id`.
 * Returns undefined if it is not in the document.
 *
 * @param from The schema with the `$ref`, whose resource a relative reference starts from.
 */
export function resolveReference(
  root: JsonSchema,
  reference: string,
  from: JsonSchema = root,
): ReferenceTarget | undefined {
  if (typeof root !== "object") return undefined;
  const identifiers = identifiersOf(root);
  if (identifiers === undefined) {
    return reference.startsWith("#") ? follow(root, reference.slice(1)) : undefined;
  }
  const uri = absolute(reference, identifiers.bases.get(from) ?? UNNAMED);
  if (uri === undefined) return undefined;
  const hash = uri.indexOf("#");
  const fragment = hash < 0 ? "" : uri.slice(hash + 1);
  const resource = identifiers.targets.get(hash < 0 ? uri : uri.slice(0, hash));
  if (fragment === "" || fragment.startsWith("/")) {
    return resource === undefined ? undefined : follow(resource, fragment);
  }
  const anchored = identifiers.targets.get(uri);
  return anchored === undefined ? undefined : { schema: anchored, name: fragment };
}

function follow(root: JsonSchema, pointer: string): ReferenceTarget | undefined {
  if (pointer !== "" && !pointer.startsWith("/")) return undefined;
  let current: Json | undefined = root;
  let name = "";
  for (const part of pointer.split("/").slice(1)) {
    name = decodePart(part);
    if (Array.isArray(current)) current = (current as readonly Json[])[Number(name)];
    else if (isObject(current)) current = keyword(current as JsonObject, name);
    else return undefined;
  }
  return isSchema(current) ? { schema: current, name } : undefined;
}

function decodePart(part: string): string {
  if (!/[%~]/.test(part)) return part;
  const plain = part.replaceAll("~1", "/").replaceAll("~0", "~");
  try {
    return decodeURIComponent(plain);
  } catch {
    // The percent sign is part of the name.
    return plain;
  }
}

// Pydantic writes no identifiers: most documents need one pass and no index.
function identifiersOf(root: JsonObject): Identifiers | undefined {
  let identifiers = cache.get(root);
  if (identifiers === undefined) {
    identifiers = hasIdentifiers(root) ? indexOf(root) : null;
    cache.set(root, identifiers);
  }
  return identifiers ?? undefined;
}

function hasIdentifiers(value: Json): boolean {
  if (typeof value !== "object" || value === null) return false;
  if (Array.isArray(value)) return value.some(hasIdentifiers);
  const object = value as JsonObject;
  for (const key in object) {
    const member = object[key];
    if (typeof member === "string" ? IDENTIFIERS.has(key) : hasIdentifiers(member ?? null)) {
      return true;
    }
  }
  return false;
}

const IDENTIFIERS = new Set(["$id", "$anchor", "$dynamicAnchor"]);
/** Keywords with data instead of schemas. */
const DATA = new Set(["const", "enum", "default", "examples"]);

function indexOf(root: JsonObject): Identifiers {
  const targets = new Map<string, JsonSchema>();
  const bases = new Map<JsonSchema, string>();
  const visit = (value: Json | undefined, base: string): void => {
    if (typeof value !== "object" || value === null) return;
    if (Array.isArray(value)) return value.forEach((item: Json) => visit(item, base));
    const schema = value as JsonObject;
    const id = keyword(schema, "$id");
    const own = typeof id === "string" ? absolute(id, base)?.replace(/#$/, "") ?? base : base;
    if (own !== base || value === root) targets.set(own, schema);
    bases.set(schema, own);
    for (const name of ["$anchor", "$dynamicAnchor"]) {
      const anchor = keyword(schema, name);
      if (typeof anchor === "string") targets.set(`${own}#${anchor}`, schema);
    }
    for (const key of Object.keys(schema)) {
      if (MAPS.has(key) && isObject(schema[key])) {
        // A property may be named "$id".
        for (const inner of Object.values(schema[key] as JsonObject)) visit(inner, own);
      } else if (!DATA.has(key)) visit(schema[key], own);
    }
  };
  visit(root, UNNAMED);
  return { targets, bases };
}

const MAPS = new Set([
  "properties",
  "patternProperties",
  "dependentSchemas",
  "$defs",
  "definitions",
]);

function absolute(reference: string, base: string): string | undefined {
  try {
    return new URL(reference, base).href;
  } catch {
    return undefined;
  }
}
