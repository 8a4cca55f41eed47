import { defined } from "../defined.ts";
import { mapInside, mapMembers } from "./map_schemas.ts";
import { stronglyConnectedComponents } from "./components.ts";
import type { Json, JsonObject, JsonSchema } from "./contract.ts";
import { isJsonObject } from "./keywords.ts";

const DEFINITIONS = "#/$defs/";

/**
 * Replaces recursion in a schema by `depth` levels: each level is a definition (`Category`, `Category.2`, …), and below the
 * last one any value of the same JSON type is valid, with a note. The result accepts every value that the schema accepts,
 * and more below that depth. A schema without recursion is returned unchanged.
 */
export function unrollRecursion(schema: JsonSchema, depth: number): JsonSchema {
  if (!isJsonObject(schema)) return schema;
  const { $defs = {}, ...root } = schema;
  // "#" refers to the schema itself.
  const nodes = new Map<string, JsonSchema>([["#", root]]);
  if (isJsonObject($defs)) {
    for (const [name, definition] of Object.entries($defs)) {
      nodes.set(`${DEFINITIONS}${name}`, definition as JsonSchema);
    }
  }
  const targetsOf = (node: string) => {
    const targets = new Set<string>();
    withReferences(nodes.get(node) ?? true, (reference) => {
      const target = targetOf(reference);
      if (nodes.has(target)) targets.add(target);
      return reference;
    });
    return [...targets];
  };
  // Nodes of one component refer to each other.
  const component = new Map<string, readonly string[]>();
  for (const nodesOfOne of stronglyConnectedComponents(nodes.keys(), targetsOf)) {
    for (const node of nodesOfOne) component.set(node, nodesOfOne);
  }
  const isBack = (from: string, to: string) => component.get(from) === component.get(to);
  if (![...nodes.keys()].some((node) => targetsOf(node).some((target) => isBack(node, target)))) {
    return schema;
  }

  const definitions = new Map<string, JsonSchema>();
  const nameOf = (node: string, level: number) => {
    const base = node === "#" ? "root" : node.slice(DEFINITIONS.length);
    let name = level === 1 && node !== "#" ? base : `${base}.${level}`;
    while (level > 1 && nodes.has(`${DEFINITIONS}${name}`)) name += "_";
    return name;
  };
  const unroll = (node: string, level: number): JsonSchema =>
    withReferences(nodes.get(node) ?? true, (reference) => {
      const target = targetOf(reference);
      const definition = nodes.get(target);
      if (definition === undefined) return reference;
      const next = isBack(node, target) ? level + 1 : 1;
      const name = nameOf(target, next);
      if (!definitions.has(name)) {
        // The entry exists before its schema, because the schema may refer to it.
        definitions.set(name, true);
        definitions.set(name, next > depth ? cutOff(definition, depth) : unroll(target, next));
      }
      return `${DEFINITIONS}${name}`;
    });
  const unrolled = unroll("#", 1) as JsonObject;
  return { ...unrolled, $defs: Object.fromEntries(definitions) };
}

function cutOff(schema: JsonSchema, depth: number): JsonSchema {
  const { type, title } = isJsonObject(schema) ? schema : {};
  const levels = depth === 1 ? "level" : "levels";
  const description = `Cut off: a recursive type, written out ${depth} ${levels} deep.`;
  return defined({ title, type, description });
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
