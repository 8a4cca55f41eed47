import { type Json, type JsonObject, type JsonSchema, keyword } from "../contract/mod.ts";
import { isObject } from "../is_object.ts";
import { formatOf } from "./formats.ts";

/** Constraints of other drafts and of Pydantic that values are not validated against. */
const UNCHECKED = new Set([
  "$dynamicRef",
  "$recursiveRef",
  "additionalItems",
  "extends",
  "disallow",
  "divisibleBy",
  "max_digits",
  "decimal_places",
]);

/** Formats of JSON Schema that demand more than any text. Formats of users and of Pydantic are not among them. */
const STANDARD_FORMATS = new Set([
  "hostname",
  "idn-hostname",
  "idn-email",
  "iri",
  "iri-reference",
  "uri-reference",
  "uri-template",
  "json-pointer",
  "relative-json-pointer",
]);

/** Keywords with data, in which nothing is a schema. */
const DATA = new Set(["const", "enum", "default", "examples", "discriminator"]);
const MAPS = new Set([
  "properties",
  "patternProperties",
  "dependentSchemas",
  "$defs",
  "definitions",
]);
const MAX_DEPTH = 200;

/** Describes the constraints of a schema that are not validated, each with its place in the schema. */
export function uncheckedConstraints(schema: JsonSchema): readonly string[] {
  const found: string[] = [];
  const visit = (value: Json, path: string, depth: number): void => {
    if (typeof value !== "object" || value === null || depth > MAX_DEPTH) return;
    if (Array.isArray(value)) {
      (value as readonly Json[]).forEach((item, index) =>
        visit(item, `${path}/${index}`, depth + 1)
      );
      return;
    }
    const object = value as JsonObject;
    const format = keyword(object, "format");
    if (typeof format === "string" && isUncheckedFormat(object, format)) {
      found.push(`The format "${format}" at ${path} is not validated`);
    }
    for (const key of Object.keys(object)) {
      const member = object[key] ?? null;
      if (UNCHECKED.has(key) || key === "items" && Array.isArray(member)) {
        found.push(`The keyword "${key}" at ${path} is not validated`);
      }
      if (DATA.has(key)) continue;
      if (!MAPS.has(key) || !isObject(member)) visit(member, `${path}/${escaped(key)}`, depth + 1);
      else {
        for (const [name, inner] of Object.entries(member as JsonObject)) {
          visit(inner, `${path}/${key}/${escaped(name)}`, depth + 1);
        }
      }
    }
  };
  visit(typeof schema === "object" ? schema : null, "#", 0);
  return found;
}

function isUncheckedFormat(schema: JsonObject, format: string): boolean {
  return STANDARD_FORMATS.has(format) && formatOf(format) === undefined &&
    keyword(schema, "type") === "string";
}

function escaped(name: string): string {
  return name.replaceAll("~", "~0").replaceAll("/", "~1");
}
