import { isSchema, type JsonSchema, keyword, memberSchemas, schemaList } from "../contract/mod.ts";
import { resolveReference } from "../validate/mod.ts";

/** The schemas that may apply to a value: the given ones, their references, and the members of their unions. */
export function applicableSchemas(
  root: JsonSchema,
  schemas: readonly JsonSchema[],
): readonly JsonSchema[] {
  const found = new Set(schemas);
  for (const schema of found) {
    const reference = keyword(schema, "$ref");
    const target = typeof reference === "string"
      ? resolveReference(root, reference, schema)
      : undefined;
    const unions = ["anyOf", "oneOf", "allOf"].map((name) => keyword(schema, name));
    for (
      const next of [...target === undefined ? [] : [target.schema], ...unions.flatMap(schemaList)]
    ) {
      found.add(next);
    }
  }
  return [...found];
}

/** The schemas of a member of an object. */
export function schemasOfMember(
  applicable: readonly JsonSchema[],
  name: string,
): readonly JsonSchema[] {
  return applicable.flatMap((schema) => {
    const property = memberSchemas(schema, "properties").find(([key]) => key === name);
    if (property !== undefined) return [property[1]];
    const additional = keyword(schema, "additionalProperties");
    const patterns = memberSchemas(schema, "patternProperties").map(([, pattern]) => pattern);
    return isSchema(additional) ? [...patterns, additional] : patterns;
  });
}

/** The schemas of an item of a list. */
export function schemasOfItem(
  applicable: readonly JsonSchema[],
  index: number,
): readonly JsonSchema[] {
  return applicable.flatMap((schema) => {
    const item = schemaList(keyword(schema, "prefixItems"))[index] ?? keyword(schema, "items");
    return isSchema(item) ? [item] : [];
  });
}
