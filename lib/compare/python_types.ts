import {
  isJsonObject,
  type Json,
  type JsonObject,
  type JsonSchema,
  ownMember,
  type Parameter,
} from "../contract/mod.ts";

// Patterns for the texts that a Python type accepts, the strictest first. Its JSON Schema accepts every text.
const NUMERIC = "^[+-]?([0-9]+\\.?[0-9]*|\\.[0-9]+)([eE][+-]?[0-9]+)?$";
const KEYS = [
  ["other", "^\\u0000$"],
  ["bool", "^(true|false|0|1)$"],
  ["int", "^-?[0-9]+$"],
  ["float", NUMERIC],
  ["str", undefined],
] as const;

// Names of types and metadata that check values without a trace in the schema.
const CHECKS =
  /\b(?:(?:Past|Future)Date(?:time)?|(?:Aware|Naive)Datetime|(?:After|Before|Wrap|Plain)Validator|Strict\w*|Predicate|(?:max_digits|decimal_places)=\d+)/g;

interface Strictness {
  /** True if texts beside numbers have to be numeric. */
  readonly isDecimal: boolean;
  /** Pattern of the keys of dictionaries. */
  readonly keys: string | undefined;
}

/**
 * Returns the schemas of a parameter with what only its Python type says: `Decimal` accepts numeric texts,
 * `dict[int, …]` numeric keys, and validators have rules of their own. `undefined` if the types do not differ in that, or are not known.
 */
export function strictSchemas(
  old: Parameter,
  next: Parameter,
): { readonly old: JsonSchema; readonly next: JsonSchema } | undefined {
  if (old.type === "" || next.type === "" || old.type === next.type) return undefined;
  const [isOldDecimal, isDecimal] = [old, next].map(({ type }) =>
    /\b(?:Decimal|complex)\b/.test(type)
  );
  const [before, after] = [keyKinds(old.type), keyKinds(next.type)];
  // The loosest of the old types and the strictest of the new ones.
  const oldKeys = KEYS[Math.max(...before)]?.[1];
  const keys = KEYS[Math.min(...after)]?.[1];
  const known = new Set(old.type.match(CHECKS));
  const isChecked = (next.type.match(CHECKS) ?? []).some((name) => !known.has(name));
  if (!isDecimal && keys === undefined && !isChecked) return undefined;
  const strictNext = strict(next.schema, { isDecimal: isDecimal ?? false, keys });
  return {
    old: strict(old.schema, { isDecimal: isOldDecimal ?? false, keys: oldKeys }),
    // A condition that cannot be compared.
    next: isChecked ? { ...rootOf(strictNext), if: true } : strictNext,
  };
}

function rootOf(schema: JsonSchema): JsonObject {
  return isJsonObject(schema) ? schema : {};
}

const DICT =
  /\b(?:[dD]ict|Mapping|MutableMapping|OrderedDict|defaultdict)\[(?:typing\.)?(?:Annotated\[)?([\w.]+)(\['|\["|)/g;

// Returns the indexes in {@link KEYS} of the key types in the text of a Python type.
function keyKinds(type: string): number[] {
  const kinds = [...type.matchAll(DICT)].map(([, key = "", text = ""]) => {
    const name = key.slice(key.lastIndexOf(".") + 1);
    if (text !== "" || name === "str" || name === "Any") return "str";
    if (name === "Decimal") return "float";
    return KEYS.some(([kind]) => kind === name)
      ? name
      : /^[a-z]|^Literal$/.test(name)
      ? "other"
      : "str";
  });
  const indexes = kinds.map((kind) => KEYS.findIndex(([name]) => name === kind));
  return indexes.length === 0 ? [KEYS.length - 1] : indexes;
}

function strict(schema: JsonSchema, strictness: Strictness): JsonSchema {
  return convert(schema, strictness) as JsonSchema;
}

function convert(value: Json, strictness: Strictness): Json {
  if (Array.isArray(value)) return value.map((item: Json) => convert(item, strictness));
  if (!isJsonObject(value)) return value;
  const result: Record<string, Json> = {};
  for (const [key, member] of Object.entries(value)) result[key] = convert(member, strictness);
  if (strictness.isDecimal) {
    const union = ownMember(result, "anyOf");
    if (Array.isArray(union) && union.some((item: Json) => hasType(item, "number"))) {
      result["anyOf"] = union.map((item: Json) =>
        isPlainText(item) ? { type: "string", pattern: NUMERIC } : item
      );
    } else if (isPlainText(result)) result["pattern"] = NUMERIC;
  }
  if (strictness.keys !== undefined && isDict(result)) {
    result["propertyNames"] = { pattern: strictness.keys };
  }
  return result;
}

function hasType(schema: Json, type: string): boolean {
  return isJsonObject(schema) && ownMember(schema, "type") === type;
}

function isPlainText(schema: Json): boolean {
  return isJsonObject(schema) && hasType(schema, "string") && Object.keys(schema).length === 1;
}

function isDict(schema: JsonObject): boolean {
  return hasType(schema, "object") && Object.hasOwn(schema, "additionalProperties") &&
    !["properties", "propertyNames", "patternProperties"].some((key) => Object.hasOwn(schema, key));
}
