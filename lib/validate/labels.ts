import type { JsonSchema } from "../contract/mod.ts";
import { pythonRepr } from "./python_repr.ts";
import { type Compiler, isObject, isSchema, keyword, schemaList } from "./run.ts";
import { isDecimal, tagValues } from "./unions.ts";

const WRAPPED_URL = "function-wrap[wrap_val()]";

const address = (version: number, kind: string) =>
  `lax-or-strict[lax=function-plain[ip_v${version}_${kind.toLowerCase()}_validator()],` +
  `strict=json-or-python[json=function-after[IPv${version}${kind}(), str],python=is-instance[IPv${version}${kind}]]]`;

const FORMAT_LABELS: Readonly<Record<string, string>> = {
  "date-time": "datetime",
  date: "date",
  time: "time",
  duration: "timedelta",
  uuid: "uuid",
  uuid1: "uuid",
  uuid3: "uuid",
  uuid4: "uuid",
  uuid5: "uuid",
  uuid6: "uuid",
  uuid7: "uuid",
  uuid8: "uuid",
  binary: "bytes",
  uri: WRAPPED_URL,
  "multi-host-uri": WRAPPED_URL,
  email: "function-after[_validate(), str]",
  regex: "function-plain[pattern_either_validator()]",
  ipv4: address(4, "Address"),
  ipv6: address(6, "Address"),
  ipv4network: address(4, "Network"),
  ipv6network: address(6, "Network"),
  ipv4interface: address(4, "Interface"),
  ipv6interface: address(6, "Interface"),
  ipvanyaddress: "function-plain[_validate()]",
  ipvanynetwork: "function-plain[_validate()]",
  ipvanyinterface: "function-plain[_validate()]",
};

/** The name that Pydantic gives a member of a union in the path of an error: `int`, `list[str]`, a class. */
export function labelOf(
  compiler: Pick<Compiler, "resolve" | "pythonType">,
  schema: JsonSchema,
  isNamed = false,
  visited: ReadonlySet<string> = new Set(),
): string {
  const inner = (member: unknown): string =>
    isSchema(member as JsonSchema)
      ? labelOf(compiler, member as JsonSchema, false, visited)
      : "any";
  const reference = keyword(schema, "$ref");
  if (typeof reference === "string") {
    if (visited.has(reference)) return "...";
    const target = compiler.resolve(reference);
    return target === undefined
      ? "any"
      : labelOf(compiler, target.schema, true, new Set([...visited, reference]));
  }
  const title = keyword(schema, "title");
  const constant = keyword(schema, "const");
  if (constant !== undefined) return `literal[${pythonRepr(constant)}]`;
  const values = keyword(schema, "enum");
  if (Array.isArray(values)) {
    if (!isNamed || typeof title !== "string") {
      return `literal[${values.map(pythonRepr).join(",")}]`;
    }
    const type = keyword(schema, "type");
    const kind = type === "string"
      ? "str-"
      : type === "integer"
      ? "int-"
      : type === "number"
      ? "float-"
      : "";
    return `${kind}enum[${title}]`;
  }
  const members = schemaList(keyword(schema, "anyOf") ?? keyword(schema, "oneOf"));
  if (members.length > 0) {
    const others = members.filter((member) => keyword(member, "type") !== "null");
    const isNullable = others.length < members.length;
    const wrap = (name: string) => isNullable ? `nullable[${name}]` : name;
    if (isDecimal(compiler, others)) return wrap("decimal");
    if (others.length === 1) return wrap(inner(others[0]));
    const discriminator = keyword(schema, "discriminator");
    if (isObject(discriminator)) {
      return wrap(`tagged-union[${taggedNames(compiler, schema, others, inner)}]`);
    }
    return wrap(`union[${others.map(inner).join(",")}]`);
  }
  switch (keyword(schema, "type")) {
    case "integer":
      return constrained(schema, "int", [
        "minimum",
        "maximum",
        "exclusiveMinimum",
        "exclusiveMaximum",
        "multipleOf",
      ]);
    case "number":
      return constrained(schema, "float", [
        "minimum",
        "maximum",
        "exclusiveMinimum",
        "exclusiveMaximum",
        "multipleOf",
      ]);
    case "boolean":
      return "bool";
    case "null":
      return "none";
    case "string": {
      if (keyword(schema, "contentMediaType") === "application/json") {
        return `json[${inner(keyword(schema, "contentSchema") ?? {})}]`;
      }
      const format = keyword(schema, "format");
      if (typeof format === "string" && Object.hasOwn(FORMAT_LABELS, format)) {
        return FORMAT_LABELS[format]!;
      }
      return constrained(schema, "str", ["minLength", "maxLength", "pattern"]);
    }
    case "array": {
      const prefix = keyword(schema, "prefixItems");
      if (Array.isArray(prefix)) return `tuple[${prefix.map(inner).join(", ")}]`;
      const item = inner(keyword(schema, "items") ?? {});
      return keyword(schema, "uniqueItems") === true ? `set[${item}]` : `list[${item}]`;
    }
    case "object": {
      if (isObject(keyword(schema, "properties"))) {
        return typeof title === "string" ? title : "model";
      }
      const keys = keyword(schema, "propertyNames");
      const patterns = keyword(schema, "patternProperties");
      const key = isObject(patterns)
        ? "constrained-str"
        : isObject(keys)
        ? labelOf(compiler, { type: "string", ...keys } as JsonSchema, false, visited)
        : "str";
      const value = isObject(patterns)
        ? Object.values(patterns)[0]
        : keyword(schema, "additionalProperties");
      return `dict[${key},${typeof value === "boolean" ? "any" : inner(value)}]`;
    }
    default:
      return "any";
  }
}

function constrained(schema: JsonSchema, name: string, limits: readonly string[]): string {
  return limits.some((limit) => keyword(schema, limit) !== undefined)
    ? `constrained-${name}`
    : name;
}

// A model is named once for each of its tags.
function taggedNames(
  compiler: Pick<Compiler, "resolve" | "pythonType">,
  schema: JsonSchema,
  members: readonly JsonSchema[],
  inner: (member: unknown) => string,
): string {
  const property = (keyword(schema, "discriminator") as { propertyName?: unknown }).propertyName;
  return members.flatMap((member) => {
    const tags = typeof property === "string" ? tagValues(compiler, member, property) : undefined;
    return Array<string>(Math.max(1, tags?.length ?? 1)).fill(inner(member));
  }).join(",");
}
