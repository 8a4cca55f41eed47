import { type Json, type JsonSchema, keyword, schemaList } from "../contract/mod.ts";
import { isObject } from "../is_object.ts";
import { type Compiler, isBareType } from "./run.ts";

/**
 * Returns true if a union is the form in which Pydantic describes a `Decimal`: a number or a text. `float | str` has the
 * same form; only the Python type of the parameter, if it is known, distinguishes them.
 */
export function isDecimalUnion(
  { pythonType }: Pick<Compiler, "pythonType">,
  members: readonly JsonSchema[],
): boolean {
  const [number, text] = members;
  if (members.length !== 2 || number === undefined || text === undefined) return false;
  if (keyword(number, "type") !== "number" || keyword(text, "type") !== "string") return false;
  const pattern = keyword(text, "pattern");
  if (typeof pattern === "string") return pattern.startsWith("^(?!^[-+.]*$)[+-]?0*");
  return isBareType(text, "string") && !(pythonType !== undefined && /\bfloat\b/.test(pythonType) &&
    !pythonType.includes("Decimal"));
}

/** Returns the values that a model allows for its tag. */
export function tagValues(
  compiler: Pick<Compiler, "resolve">,
  model: JsonSchema,
  property: string,
  depth = 0,
): readonly Json[] | undefined {
  if (depth > 10) return undefined;
  const reference = keyword(model, "$ref");
  if (typeof reference === "string") {
    const target = compiler.resolve(reference);
    return target === undefined
      ? undefined
      : tagValues(compiler, target.schema, property, depth + 1);
  }
  const members = schemaList(keyword(model, "oneOf") ?? keyword(model, "anyOf"));
  if (members.length > 0) {
    return members.flatMap((member) => tagValues(compiler, member, property, depth + 1) ?? []);
  }
  const properties = keyword(model, "properties");
  if (!isObject(properties) || !Object.hasOwn(properties, property)) return undefined;
  let tag = properties[property] as JsonSchema;
  const tagReference = keyword(tag, "$ref");
  if (typeof tagReference === "string") tag = compiler.resolve(tagReference)?.schema ?? {};
  const constant = keyword(tag, "const");
  if (constant !== undefined) return [constant];
  const values = keyword(tag, "enum");
  return Array.isArray(values) ? values as readonly Json[] : undefined;
}
