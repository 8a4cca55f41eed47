import type { Json, JsonObject, JsonSchema } from "./contract.ts";
import { isJsonObject, isSchema, ownMember } from "./keywords.ts";

// Rules of pyRPC and Pydantic that a JSON Schema does not state. The generated types and the verdicts of `pyrpc diff`
// both follow them, so that they agree.

/** The direction of a value: the server validates arguments and answers results. */
export type Direction = "input" | "output";

/** Returns true if a schema has a default. Pydantic applies it to an argument and sends it in a result. */
export function hasDefault(schema: Json | undefined): boolean {
  return isJsonObject(schema) && Object.hasOwn(schema, "default");
}

/**
 * Returns true if a value may lack a property that is not required. A caller may omit each of them. A result has every
 * property with a default. The schema of one without a default is the same for a `default_factory`, which is present, for
 * a TypedDict's `NotRequired` and for `MISSING`, which may be missing.
 */
export function mayBeAbsent(
  properties: JsonObject,
  name: string,
  direction: Direction,
): boolean {
  return direction === "input" || !hasDefault(ownMember(properties, name));
}

/**
 * Returns the schema of members that an object does not declare; false if it has no such member. A server ignores such members
 * of an argument unless the model is closed. A result has them only if the schema allows it: a model returns what it
 * declares, whether it is closed or not. A function may return a subclass of a model without fields.
 */
export function undeclaredMembers(schema: JsonObject, direction: Direction): JsonSchema {
  const additional = ownMember(schema, "additionalProperties");
  if (isJsonObject(additional) || additional === true) return additional;
  if (direction === "input") return additional !== false;
  const properties = ownMember(schema, "properties");
  if (!isJsonObject(properties)) return additional !== false;
  return Object.keys(properties).length === 0;
}

/** Returns the number of items that a tuple has at least. Only an argument may omit the defaults of a NamedTuple. */
export function leastItems(
  prefix: readonly Json[],
  minItems: number,
  direction: Direction,
): number {
  let least = minItems;
  if (direction === "output") {
    while (least < prefix.length && hasDefault(prefix[least])) {
      least++;
    }
  }
  return least;
}

/**
 * Returns the content schema of `Json[T]`: an argument is a text that contains such a value, and the server answers the
 * value itself. `undefined` for any other schema.
 */
export function jsonContent(schema: JsonObject): JsonSchema | undefined {
  if (ownMember(schema, "contentMediaType") !== "application/json") return undefined;
  const content = ownMember(schema, "contentSchema");
  return isSchema(content) ? content : true;
}

/**
 * Returns true for a duration (`timedelta`). Its schema is that of a text, but pyRPC's FastAPI adapter answers a number of
 * seconds, and Pydantic accepts one.
 */
export function isDuration(schema: JsonObject): boolean {
  return ownMember(schema, "format") === "duration";
}

/**
 * Returns the property that distinguishes the members of a discriminated union. Pydantic reads it first: an argument
 * needs it even if the property has a default.
 */
export function tagOf(schema: JsonObject): string | undefined {
  const discriminator = ownMember(schema, "discriminator");
  const tag = isJsonObject(discriminator) ? ownMember(discriminator, "propertyName") : undefined;
  return typeof tag === "string" ? tag : undefined;
}

/**
 * Returns true if some parameters can only be passed by name: a required parameter follows an optional one, which Python
 * allows for keyword-only parameters alone.
 */
export function isKeywordOnly(parameters: readonly { readonly required: boolean }[]): boolean {
  const firstOptional = parameters.findIndex(({ required }) => !required);
  return firstOptional !== -1 && parameters.slice(firstOptional).some(({ required }) => required);
}
