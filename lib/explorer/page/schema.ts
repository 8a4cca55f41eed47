/** Reads JSON Schemas for the form. @module */

export type Json = unknown;
export type Schema = Readonly<Record<string, Json>>;

/** A schema and the document with its definitions. */
export interface SchemaNode {
  readonly schema: Schema;
  readonly root: Schema;
}

/** Returns true for objects, except lists. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The value if it is an object, else a schema without constraints. */
export function asSchema(value: unknown): Schema {
  return isRecord(value) ? value : {};
}

/** An own member of an object. */
export function own(record: Readonly<Record<string, unknown>>, key: string): unknown {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}

/** Follows `$ref`s. A cycle ends without a constraint. */
export function resolve({ schema, root }: SchemaNode): SchemaNode {
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
  readonly options: readonly SchemaNode[];
  readonly isNullable: boolean;
}

/** The members of a union without null; `undefined` if the schema is not a union. */
export function variantsOf(node: SchemaNode): Variants | undefined {
  const { schema, root } = resolve(node);
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

/** A label for a schema: a class, a type, the items of a list. */
export function labelOf(node: SchemaNode): string {
  const { schema, root } = resolve(node);
  const title = own(schema, "title");
  if (typeof own(schema, "properties") === "object" && typeof title === "string") return title;
  if (own(schema, "const") !== undefined) return JSON.stringify(schema["const"]);
  if (Array.isArray(own(schema, "enum"))) return "choice";
  const variants = variantsOf(node);
  if (variants !== undefined) {
    return [...labelsOf(variants.options), ...variants.isNullable ? ["null"] : []].join(" | ");
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

/** Labels of the members of a union. Those with the same label also get their tag. */
export function labelsOf(options: readonly SchemaNode[]): string[] {
  const labels = options.map(labelOf);
  return labels.map((label, index) => {
    const option = options[index];
    const isUnique = labels.indexOf(label) === labels.lastIndexOf(label);
    const tag = option === undefined || isUnique ? undefined : tagOf(resolve(option).schema);
    return tag === undefined ? label : `${label} (${tag})`;
  });
}

function tagOf(schema: Schema): string | undefined {
  for (const member of Object.values(asSchema(own(schema, "properties")))) {
    const constant = own(asSchema(member), "const");
    if (typeof constant === "string") return constant;
  }
  return undefined;
}

/** Returns true if a value probably fits a schema, to choose the member of a union to show. */
export function looksLike(node: SchemaNode, value: Json, depth = 0): boolean {
  const { schema, root } = resolve(node);
  if (depth > 6) return true;
  const constant = own(schema, "const");
  if (constant !== undefined) return constant === value;
  const values = own(schema, "enum");
  if (Array.isArray(values)) return values.includes(value);
  const variants = variantsOf(node);
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
 * The value of a new part of the form: only what the schema determines, such as a constant or the members of a model.
 * `undefined` where the user has to choose, so that only entered values are sent.
 */
export function emptyOf(node: SchemaNode, depth = 0): Json {
  const { schema, root } = resolve(node);
  if (own(schema, "default") !== undefined) return structuredClone(schema["default"]);
  if (own(schema, "const") !== undefined) return schema["const"];
  const variants = variantsOf(node);
  if (variants !== undefined) {
    const [first] = variants.options;
    return variants.isNullable || first === undefined ? null : emptyOf(first, depth + 1);
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
