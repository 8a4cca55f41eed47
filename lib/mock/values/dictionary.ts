import {
  isJsonObject,
  isSchema,
  type Json,
  type JsonObject,
  type JsonSchema,
  keyword,
  memberSchemas,
  schemaList,
} from "../../contract/mod.ts";
import { type Hint, hintOf, itemHint, mentions } from "./hints.ts";
import type { Make, Making } from "./making.ts";
import { pick } from "./random.ts";
import { type TextMaker, textMaker } from "./texts.ts";
import { CITIES, NOUNS } from "./words.ts";

/** Generates a key and a value. */
type MakeEntry = (making: Making) => readonly [string, Json];
/** Makes the plan of an inner schema. */
type Plan = (schema: JsonSchema, hint: Hint) => Make;

/** Names and types of the members of an undescribed record. */
const RECORD = [
  ["id", "number"],
  ["name", "string"],
  ["status", "string"],
  ["count", "number"],
  ["note", "string"],
  ["version", "string"],
] as const;

function isRecordLike(additional: Json | undefined): boolean {
  if (additional === undefined || additional === true) return true;
  if (!isJsonObject(additional)) return false;
  return Object.keys(additional).length === 0 || hasSeveralTypes(additional);
}

/**
 * Returns true if values may have several types, apart from null: a dictionary of them is an undescribed record. A number
 * or a text is a `Decimal`, and models are of one type.
 */
export function hasSeveralTypes(schema: JsonSchema): boolean {
  const types = schemaList(keyword(schema, "anyOf"))
    .map((option) => keyword(option, "type") ?? "object")
    .filter((type) => type !== "null");
  if (isDecimal(types)) return false;
  return new Set(types.map((type) => type === "integer" ? "number" : type)).size > 1;
}

/** Returns true for the types of a `Decimal`'s schema. */
export function isDecimal(types: readonly (Json | undefined)[]): boolean {
  return types.join(" or ") === "number or string";
}

/** Generates keys and values of a dictionary. */
export function dictionaryEntries(
  schema: JsonObject,
  hint: Hint,
  plan: Plan,
): MakeEntry {
  const [pattern] = memberSchemas(schema, "patternProperties");
  const additional = keyword(schema, "additionalProperties");
  const value = plan(
    pattern?.[1] ?? (isSchema(additional) && typeof additional === "object" ? additional : {}),
    typeof additional === "object" ? itemHint(hint) : hint,
  );
  const names = keyword(schema, "propertyNames");
  const keySchema: JsonSchema | undefined = pattern !== undefined
    ? { type: "string", pattern: pattern[0] }
    : isJsonObject(names)
    ? Object.hasOwn(names, "$ref") ? names : { type: "string", ...names }
    : undefined;
  const about = /\b(?:by|per) (\w+)/.exec(hint.description)?.[1] ?? "";
  const keyHint = hintOf(about, "", undefined);
  if (keySchema !== undefined) {
    const key = plan(keySchema, keyHint);
    return (making) => [String(key(making)), value(making)];
  }
  if (isRecordLike(additional)) {
    return recordEntries(isSchema(additional) ? additional : {}, plan);
  }
  const key = dictionaryKey(keyHint);
  return (making) => [key(making.random, making.scene), value(making)];
}

/** Entries of a dictionary with values of several types, which is an undescribed record. */
function recordEntries(schema: JsonSchema, plan: Plan): MakeEntry {
  const members = RECORD.map(([name, type]) => ({
    name,
    type,
    make: plan(schema, hintOf(name, "", undefined)),
  }));
  return (making) => {
    const { name, type, make } = pick(making.random, members);
    let value = make(making);
    for (let attempt = 0; attempt < 8 && typeof value !== type; attempt++) value = make(making);
    return [name, value];
  };
}

function dictionaryKey(hint: Hint): TextMaker {
  if (mentions(hint, "country")) return (random) => pick(random, CITIES)[1];
  const byName = hint.name === "" ? undefined : textMaker(hint);
  return byName ?? ((random) => pick(random, NOUNS));
}
