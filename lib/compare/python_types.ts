import {
  isJsonObject,
  type Json,
  type JsonObject,
  type JsonSchema,
  ownMember,
  type Parameter,
} from "../contract/mod.ts";
import { isSame } from "./same_value.ts";

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
  /\b(?:(?:Past|Future)Date(?:time)?|(?:Aware|Naive)Datetime|(?:After|Before|Wrap|Plain)Validator(?=\()|Predicate(?=\()|(?:max_digits|decimal_places)=\d+)/g;

// Types that accept their text, except in strict mode.
const CONVERTED = /datetime|UUID|Decimal|bytes|ipaddress|pathlib|set\[|tuple\[/;

interface Strictness {
  /** True if texts beside numbers have to be numeric. */
  readonly isDecimal: boolean;
  /** Pattern of the keys of dictionaries. */
  readonly keys: string | undefined;
}

/**
 * Returns the schemas of a parameter with the rules that only its Python type has: `Decimal` accepts numeric texts,
 * `dict[int, …]` numeric keys, and validators have rules of their own. `undefined` if it has no further rules.
 */
export function strictSchemas(
  old: Parameter,
  next: Parameter,
): { readonly old: JsonSchema; readonly next: JsonSchema } | undefined {
  if (isSame(old.schema, next.schema) && old.type === next.type) return undefined;
  const isKnown = old.type !== "" && next.type !== "" && old.type !== next.type;
  const strictness = isKnown ? strictnessOf(old.type, next.type) : { old: LOOSE, next: LOOSE };
  const strictNext = convert(next.schema, strictness.next, false);
  if (!strictness.isChecked && isSame(strictNext, next.schema)) return undefined;
  return {
    old: convert(old.schema, strictness.old, false) as JsonSchema,
    // A condition that cannot be compared.
    next: strictness.isChecked ? { ...rootOf(strictNext), if: true } : strictNext as JsonSchema,
  };
}

interface StrictTypes {
  readonly old: Strictness;
  readonly next: Strictness;
  /** True if the new type has checks of its own. */
  readonly isChecked?: boolean;
}

const LOOSE: Strictness = { isDecimal: false, keys: undefined };

function strictnessOf(old: string, next: string): StrictTypes {
  const known = new Set(old.match(CHECKS));
  const isStrict = (type: string) => /\bStrict\(/.test(type) && CONVERTED.test(type);
  return {
    // The loosest of the old types and the strictest of the new ones.
    old: { isDecimal: needsNumericText(old), keys: KEYS[Math.max(...keyKinds(old))]?.[1] },
    next: { isDecimal: needsNumericText(next), keys: KEYS[Math.min(...keyKinds(next))]?.[1] },
    isChecked: (next.match(CHECKS) ?? []).some((name) => !known.has(name)) ||
      (isStrict(next) && !isStrict(old)),
  };
}

function rootOf(schema: Json): JsonObject {
  return isJsonObject(schema) ? schema : {};
}

// A union: `Union[Decimal, str]`, `Decimal | str`.
const UNION = /Union\[[^[\]]*\]|[\w.]+(?: \| [\w.]+)+/g;

// Returns true if a type has a number that also accepts text, and not beside `str`, which accepts every text.
function needsNumericText(type: string): boolean {
  const rest = type.replace(UNION, (union) => /\bstr\b/.test(union) ? "" : union);
  return /\b(?:Decimal|complex)\b/.test(rest);
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

function convert(value: Json, strictness: Strictness, isInModel: boolean): Json {
  if (Array.isArray(value)) return value.map((item: Json) => convert(item, strictness, isInModel));
  if (!isJsonObject(value)) return value;
  const result: Record<string, Json> = {};
  for (const [key, member] of Object.entries(value)) {
    result[key] = convert(member, strictness, isInModel || key === "properties");
  }
  const union = ownMember(result, "anyOf");
  if (Array.isArray(union)) {
    result["anyOf"] = union.map((item: Json, index) => {
      // The types of fields are not known. Pydantic writes a `Decimal` as a number and a string.
      const isDecimal = isInModel
        ? index > 0 && hasType(union[index - 1], "number")
        : strictness.isDecimal && union.some((item: Json) => hasType(item, "number"));
      return isDecimal && isPlainText(item) ? { type: "string", pattern: NUMERIC } : item;
    });
  } else if (strictness.isDecimal && !isInModel && isPlainText(result)) {
    result["pattern"] = NUMERIC;
  }
  if (strictness.keys !== undefined && !isInModel && isDict(result)) {
    result["propertyNames"] = { pattern: strictness.keys };
  }
  return result;
}

function hasType(schema: Json | undefined, type: string): boolean {
  return isJsonObject(schema) && ownMember(schema, "type") === type;
}

function isPlainText(schema: Json): boolean {
  return isJsonObject(schema) && hasType(schema, "string") && Object.keys(schema).length === 1;
}

function isDict(schema: JsonObject): boolean {
  return hasType(schema, "object") && Object.hasOwn(schema, "additionalProperties") &&
    !["properties", "propertyNames", "patternProperties"].some((key) => Object.hasOwn(schema, key));
}
