import { isSchema, type Json, type JsonSchema, keyword, schemaList } from "../contract/mod.ts";
import { isObject } from "../is_object.ts";
import { pythonRepr } from "./python_repr.ts";
import type { Compiler } from "./run.ts";
import { isDecimalUnion, tagValues } from "./union_shapes.ts";

const WRAPPED_URL = "function-wrap[wrap_val()]";

const address = (version: number, kind: string) =>
  `lax-or-strict[lax=function-plain[ip_v${version}_${kind.toLowerCase()}_validator()],` +
  `strict=json-or-python[json=function-after[IPv${version}${kind}(), str],python=is-instance[IPv${version}${kind}]]]`;

const FORMAT_LABELS: ReadonlyMap<string, string> = new Map(Object.entries({
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
}));

/** Returns the name of a union's member in the path of a Pydantic error: `int`, `list[str]`, a class. */
export function labelOf(compiler: LabelCompiler, schema: JsonSchema): string {
  return new Labeller(compiler, NO_REFERENCES).label(schema, false);
}

type LabelCompiler = Pick<Compiler, "resolve" | "pythonType">;

const NO_REFERENCES: ReadonlySet<string> = new Set();

/** Labels schemas below the references followed so far, so that recursive schemas terminate. */
class Labeller {
  readonly #compiler: LabelCompiler;
  readonly #followed: ReadonlySet<string>;

  constructor(compiler: LabelCompiler, followed: ReadonlySet<string>) {
    this.#compiler = compiler;
    this.#followed = followed;
  }

  label(schema: JsonSchema, isNamed: boolean): string {
    const reference = keyword(schema, "$ref");
    if (typeof reference === "string") return this.#reference(reference);
    const constant = keyword(schema, "const");
    if (constant !== undefined) return `literal[${pythonRepr(constant)}]`;
    const values = keyword(schema, "enum");
    if (Array.isArray(values)) return enumLabel(schema, values, isNamed);
    const members = schemaList(keyword(schema, "anyOf") ?? keyword(schema, "oneOf"));
    return members.length > 0 ? this.#union(schema, members) : this.#type(schema);
  }

  #inner(schema: Json | undefined): string {
    return isSchema(schema) ? this.label(schema, false) : "any";
  }

  #reference(reference: string): string {
    if (this.#followed.has(reference)) return "...";
    const target = this.#compiler.resolve(reference);
    return target === undefined
      ? "any"
      : new Labeller(this.#compiler, new Set([...this.#followed, reference]))
        .label(target.schema, true);
  }

  #union(schema: JsonSchema, members: readonly JsonSchema[]): string {
    const others = members.filter((member) => keyword(member, "type") !== "null");
    const label = this.#unionOfOthers(schema, others);
    return others.length < members.length ? `nullable[${label}]` : label;
  }

  #unionOfOthers(schema: JsonSchema, members: readonly JsonSchema[]): string {
    if (isDecimalUnion(this.#compiler, members)) return "decimal";
    const [only] = members;
    if (members.length === 1) return this.#inner(only);
    const discriminator = keyword(schema, "discriminator");
    if (isObject(discriminator)) {
      return `tagged-union[${this.#taggedNames(members, discriminator["propertyName"])}]`;
    }
    return `union[${members.map((member) => this.#inner(member)).join(",")}]`;
  }

  // Pydantic repeats a model for each of its tags.
  #taggedNames(members: readonly JsonSchema[], property: unknown): string {
    return members.flatMap((member) => {
      const tags = typeof property === "string"
        ? tagValues(this.#compiler, member, property)
        : undefined;
      return Array<string>(Math.max(1, tags?.length ?? 1)).fill(this.#inner(member));
    }).join(",");
  }

  #type(schema: JsonSchema): string {
    switch (keyword(schema, "type")) {
      case "integer":
        return constrained(schema, "int", NUMBER_LIMITS);
      case "number":
        return constrained(schema, "float", NUMBER_LIMITS);
      case "boolean":
        return "bool";
      case "null":
        return "none";
      case "string":
        return this.#string(schema);
      case "array":
        return this.#array(schema);
      case "object":
        return this.#object(schema);
      default:
        return "any";
    }
  }

  #string(schema: JsonSchema): string {
    if (keyword(schema, "contentMediaType") === "application/json") {
      return `json[${this.#inner(keyword(schema, "contentSchema") ?? {})}]`;
    }
    const format = keyword(schema, "format");
    const label = typeof format === "string" ? FORMAT_LABELS.get(format) : undefined;
    return label ?? constrained(schema, "str", ["minLength", "maxLength", "pattern"]);
  }

  #array(schema: JsonSchema): string {
    const prefix = keyword(schema, "prefixItems");
    if (Array.isArray(prefix)) {
      return `tuple[${prefix.map((item: Json) => this.#inner(item)).join(", ")}]`;
    }
    const item = this.#inner(keyword(schema, "items") ?? {});
    return keyword(schema, "uniqueItems") === true ? `set[${item}]` : `list[${item}]`;
  }

  #object(schema: JsonSchema): string {
    if (isObject(keyword(schema, "properties"))) {
      const title = keyword(schema, "title");
      return typeof title === "string" ? title : "model";
    }
    const keys = keyword(schema, "propertyNames");
    const patterns = keyword(schema, "patternProperties");
    if (isObject(patterns)) {
      return `dict[constrained-str,${this.#value(Object.values(patterns)[0] as Json)}]`;
    }
    const key = isObject(keys)
      ? this.label({ type: "string", ...keys } as JsonSchema, false)
      : "str";
    return `dict[${key},${this.#value(keyword(schema, "additionalProperties"))}]`;
  }

  #value(schema: Json | undefined): string {
    return typeof schema === "boolean" ? "any" : this.#inner(schema);
  }
}

function enumLabel(schema: JsonSchema, values: readonly Json[], isNamed: boolean): string {
  const title = keyword(schema, "title");
  if (!isNamed || typeof title !== "string") return `literal[${values.map(pythonRepr).join(",")}]`;
  const prefix = ENUM_PREFIXES.get(keyword(schema, "type")) ?? "";
  return `${prefix}enum[${title}]`;
}

const ENUM_PREFIXES: ReadonlyMap<unknown, string> = new Map([
  ["string", "str-"],
  ["integer", "int-"],
  ["number", "float-"],
]);

const NUMBER_LIMITS = [
  "minimum",
  "maximum",
  "exclusiveMinimum",
  "exclusiveMaximum",
  "multipleOf",
];

function constrained(schema: JsonSchema, name: string, limits: readonly string[]): string {
  return limits.some((limit) => keyword(schema, limit) !== undefined)
    ? `constrained-${name}`
    : name;
}
