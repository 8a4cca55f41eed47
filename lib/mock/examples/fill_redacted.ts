import { isJsonObject, type Json, type JsonSchema, keyword } from "../../contract/mod.ts";
import { compileSchema } from "../../validate/mod.ts";
import { applicableSchemas, schemasOfItem, schemasOfMember } from "../schema_parts.ts";
import { REDACTED } from "../secrets.ts";
import type { Sampler } from "../values/mod.ts";
import { withDefinitions } from "../values/schema_nodes.ts";

/** Replaces each redacted value that its schema forbids (an integer, a long text) by a sample value. */
export function fillRedacted(
  root: JsonSchema,
  recorded: Json,
  { sampler, key }: { readonly sampler: Sampler; readonly key: string },
): Json {
  const definitions = keyword(root, "$defs");
  const fill = (value: Json, schemas: readonly JsonSchema[], path: string): Json => {
    if (value === REDACTED) {
      const own = schemas.map((schema) => withDefinitions(schema, definitions));
      const [first] = own;
      const isValid = own.some((schema) => compileSchema(schema).check(value) === undefined);
      return first === undefined || isValid
        ? value
        : sampler.value(first, `${key}${path}`) ?? value;
    }
    if (typeof value !== "object" || value === null) return value;
    const applicable = applicableSchemas(root, schemas);
    if (!isJsonObject(value)) {
      return (value as readonly Json[]).map((item, index) =>
        fill(item, schemasOfItem(applicable, index), `${path}.${index}`)
      );
    }
    return Object.fromEntries(
      Object.entries(value).map(([name, inner]) => [
        name,
        fill(inner, schemasOfMember(applicable, name), `${path}.${name}`),
      ]),
    );
  };
  return fill(recorded, [root], "");
}
