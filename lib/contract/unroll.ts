import { mapInside, mapMembers } from "./map_schemas.ts";
import { stronglyConnectedComponents } from "./components.ts";
import type { Json, JsonObject, JsonSchema } from "./contract.ts";
import { isJsonObject } from "./keywords.ts";

const DEFINITIONS = "#/$defs/";

/**
 * The schema with types that contain themselves written out `depth` levels deep: each level is a definition of its own
 * (`Category`, `Category.2`, …), and below the last one anything of the same JSON type goes, with a note. So it allows
 * what the schema allows, and more below that depth; a schema without recursion stays as it is.
 */
export function unrollRecursion(schema: JsonSchema, depth: number): JsonSchema {
  if (!isJsonObject(schema)) return schema;
  const { $defs = {}, ...root } = schema;
  // The schema itself is what "#" refers to.
  const nodes = new Map<string, JsonSchema>([["#", root]]);
  if (isJsonObject($defs)) {
    for (const [name, definition] of Object.entries($defs)) {
      nodes.set(`${DEFINITIONS}${name}`, definition as JsonSchema);
    }
  }
  const targetsOf = (node: string) => {
    const targets = new Set<string>();
    withReferences(nodes.get(node)!, (reference) => {
      const target = targetOf(reference);
      if (nodes.has(target)) targets.add(target);
      return reference;
    });
    return [...targets];
  };
  // Nodes of the same component lead to one another.
  const component = new Map<string, readonly string[]>();
  for (const nodesOfOne of stronglyConnectedComponents(nodes.keys(), targetsOf)) {
    for (const node of nodesOfOne) component.set(node, nodesOfOne);
  }
  const isBack = (from: string, to: string) => component.get(from) === component.get(to);
  if (![...nodes.keys()].some((node) => targetsOf(node).some((target) => isBack(node, target)))) {
    return schema;
  }

  const made = new Map<string, JsonSchema>();
  const nameOf = (node: string, level: number) => {
    const base = node === "#" ? "root" : node.slice(DEFINITIONS.length);
    let name = level === 1 && node !== "#" ? base : `${base}.${level}`;
    while (level > 1 && nodes.has(`${DEFINITIONS}${name}`)) name += "_";
    return name;
  };
  const written = (node: string, level: number): JsonSchema =>
    withReferences(nodes.get(node)!, (reference) => {
      const target = targetOf(reference);
      if (!nodes.has(target)) return reference;
      const next = isBack(node, target) ? level + 1 : 1;
      const name = nameOf(target, next);
      if (!made.has(name)) {
        // Known before it is made: it is asked for again on the way.
        made.set(name, true);
        made.set(name, next > depth ? cutOff(nodes.get(target)!, depth) : written(target, next));
      }
      return `${DEFINITIONS}${name}`;
    });
  const unrolled = written("#", 1) as JsonObject;
  return { ...unrolled, $defs: Object.fromEntries(made) };
}

function cutOff(schema: JsonSchema, depth: number): JsonSchema {
  const { type, title } = isJsonObject(schema) ? schema : {};
  const levels = depth === 1 ? "level" : "levels";
  return {
    ...(title === undefined ? {} : { title }),
    ...(type === undefined ? {} : { type }),
    description: `Cut off: a type that contains itself, written out ${depth} ${levels} deep.`,
  };
}

function targetOf(reference: string): string {
  return reference.startsWith(DEFINITIONS)
    ? reference.replaceAll("~1", "/").replaceAll("~0", "~")
    : reference;
}

function withReferences(schema: JsonSchema, follow: (reference: string) => string): JsonSchema {
  if (!isJsonObject(schema)) return schema;
  return mapMembers(
    schema,
    (key, value): Json =>
      key === "$ref" && typeof value === "string"
        ? follow(value)
        : mapInside(key, value, (inner) => withReferences(inner, follow)),
  );
}
