/** What the form reads from JSON Schemas. */

export type Json = unknown;
export type Schema = Readonly<Record<string, Json>>;

/** A schema and the document whose definitions it may name. */
export interface Place {
  readonly schema: Schema;
  readonly root: Schema;
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function asSchema(value: unknown): Schema {
  return isRecord(value) ? value : {};
}

export function own(record: Readonly<Record<string, unknown>>, key: string): unknown {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}

/** Follows `$ref`s; a circle ends with no constraint. */
export function resolve({ schema, root }: Place): Place {
  let current = schema;
  for (let count = 0; typeof own(current, "$ref") === "string" && count < 20; count++) {
    let target: unknown = root;
    for (const part of (current["$ref"] as string).split("/").slice(1)) {
      target = isRecord(target)
        ? own(target, part.replaceAll("~1", "/").replaceAll("~0", "~"))
        : undefined;
    }
    current = asSchema(target);
  }
  return { schema: current, root };
}

export interface Variants {
  readonly options: readonly Place[];
  readonly isNullable: boolean;
}

/** The members of a union without null; nothing where it is none. */
export function variantsOf(place: Place): Variants | undefined {
  const { schema, root } = resolve(place);
  const union = own(schema, "anyOf") ?? own(schema, "oneOf");
  const types = own(schema, "type");
  const all = Array.isArray(union)
    ? union.map(asSchema)
    : Array.isArray(types)
    ? types.map((type) => ({ ...schema, type }))
    : undefined;
  if (all === undefined) return undefined;
  const options = all.filter((option) => own(option, "type") !== "null");
  return {
    options: options.map((option) => ({ schema: option, root })),
    isNullable: options.length < all.length,
  };
}

/** What a person calls a schema: a class, a type, the items of a list. */
export function labelOf(place: Place): string {
  const { schema, root } = resolve(place);
  const title = own(schema, "title");
  const tag = tagOf(schema);
  if (typeof own(schema, "properties") === "object" && typeof title === "string") {
    return tag === undefined ? title : `${title} (${tag})`;
  }
  if (own(schema, "const") !== undefined) return JSON.stringify(schema["const"]);
  if (Array.isArray(own(schema, "enum"))) return "choice";
  const variants = variantsOf(place);
  if (variants !== undefined) {
    return [...variants.options.map(labelOf), ...variants.isNullable ? ["null"] : []].join(" | ");
  }
  const prefix = own(schema, "prefixItems");
  if (Array.isArray(prefix)) {
    return prefix.map((item) => labelOf({ schema: asSchema(item), root })).join(", ");
  }
  const items = own(schema, "items");
  if (own(schema, "type") === "array") {
    return `list of ${labelOf({ schema: asSchema(items), root })}`;
  }
  const format = own(schema, "format");
  return typeof format === "string"
    ? format
    : typeof own(schema, "type") === "string"
    ? String(schema["type"])
    : "anything";
}

function tagOf(schema: Schema): string | undefined {
  for (const member of Object.values(asSchema(own(schema, "properties")))) {
    const constant = own(asSchema(member), "const");
    if (typeof constant === "string") return constant;
  }
  return undefined;
}

/** Roughly whether a value is one of the schema: enough to choose a member of a union to show. */
export function looksLike(place: Place, value: Json, depth = 0): boolean {
  const { schema, root } = resolve(place);
  if (depth > 6) return true;
  const constant = own(schema, "const");
  if (constant !== undefined) return constant === value;
  const values = own(schema, "enum");
  if (Array.isArray(values)) return values.includes(value);
  const variants = variantsOf(place);
  if (variants !== undefined) {
    return (value === null && variants.isNullable) ||
      variants.options.some((option) => looksLike(option, value, depth + 1));
  }
  switch (own(schema, "type")) {
    case "string":
      return typeof value === "string";
    case "integer":
      return typeof value === "number" && Number.isInteger(value);
    case "number":
      return typeof value === "number";
    case "boolean":
      return typeof value === "boolean";
    case "null":
      return value === null;
    case "array":
      return Array.isArray(value);
    case "object": {
      if (!isRecord(value)) return false;
      return Object.entries(asSchema(own(schema, "properties"))).every(([name, member]) =>
        !Object.hasOwn(value, name) ||
        looksLike({ schema: asSchema(member), root }, value[name], depth + 1)
      );
    }
    default:
      return true;
  }
}

/**
 * The value of something just added to the form: only what the schema leaves no choice about, such as a constant or the
 * members of a model. `undefined` where the user has to choose, so that nothing is sent that nobody entered.
 */
export function emptyOf(place: Place, depth = 0): Json {
  const { schema, root } = resolve(place);
  if (own(schema, "default") !== undefined) return structuredClone(schema["default"]);
  if (own(schema, "const") !== undefined) return schema["const"];
  const variants = variantsOf(place);
  if (variants !== undefined) {
    return variants.isNullable || variants.options.length === 0
      ? null
      : emptyOf(variants.options[0]!, depth + 1);
  }
  switch (own(schema, "type")) {
    case "null":
      return null;
    case "array":
      return Array.isArray(own(schema, "prefixItems"))
        ? (schema["prefixItems"] as unknown[]).map((item) =>
          emptyOf({ schema: asSchema(item), root }, depth + 1)
        )
        : [];
    case "object": {
      const made: Record<string, Json> = {};
      const required = own(schema, "required");
      for (const [name, member] of Object.entries(asSchema(own(schema, "properties")))) {
        if (depth > 8 || !(Array.isArray(required) && required.includes(name))) continue;
        made[name] = emptyOf({ schema: asSchema(member), root }, depth + 1);
      }
      return made;
    }
    default:
      return undefined;
  }
}
