import {
  canonicalJson,
  isJsonObject,
  type Json,
  type JsonObject,
  type JsonSchema,
  ownMember,
} from "../schema/mod.ts";
import { docLine, docLines } from "./escape.ts";

const MAX_VALUE_LENGTH = 120;

// Keywords that the type itself says; most fields have no other.
const SILENT: ReadonlySet<string> = new Set([
  "title",
  "type",
  "$ref",
  "items",
  "enum",
  "const",
  "oneOf",
  "discriminator",
]);

// What is put into words, in groups: most schemas have one of them, and only that one is looked at.
const BOUNDS = 1;
const LENGTH = 2;
const ITEMS = 4;
const KEYS = 8;
const CONSTRAINTS: ReadonlyMap<string, number> = new Map([
  ...["minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum", "multipleOf"]
    .map((key) => [key, BOUNDS] as const),
  ...["minLength", "maxLength", "pattern"].map((key) => [key, LENGTH] as const),
  ...["minItems", "maxItems", "uniqueItems"].map((key) => [key, ITEMS] as const),
  ...["minProperties", "maxProperties", "propertyNames", "patternProperties"]
    .map((key) => [key, KEYS] as const),
]);

/**
 * What a schema says of a property beside its type: description, constraints in words, `@default`, `@format`,
 * `@deprecated`. Every line is escaped.
 */
export function schemaDoc(schema: JsonSchema): string[] {
  if (!isJsonObject(schema) || isSilent(schema)) return [];
  return joinParagraphs([
    docLines(textOf(schema, "description")),
    constraintLines(schema),
    schemaTags(schema),
  ]);
}

/** Constraints in one sentence and the tags, on one line: for a parameter's `@param`. */
export function inlineDoc(schema: JsonSchema): string {
  if (!isJsonObject(schema) || isSilent(schema)) return "";
  const description = docLine(textOf(schema, "description"));
  const words = constraintWords(schema);
  const format = formatOf(schema);
  return [
    description,
    words === "" ? "" : `${words}.`,
    format === undefined ? "" : `Format: ${docLine(format)}.`,
    ownMember(schema, "deprecated") === true ? "Deprecated." : "",
  ].filter((part) => part !== "").join(" ");
}

function isSilent(schema: JsonObject): boolean {
  for (const key in schema) if (!SILENT.has(key)) return false;
  return true;
}

/** A JSON value as one escaped line, its keys sorted (Flask sorts them), cut where it is long. */
export function jsonLine(value: Json): string {
  const text = canonicalJson(value);
  return docLine(
    text.length <= MAX_VALUE_LENGTH ? text : `${text.slice(0, MAX_VALUE_LENGTH - 1)}…`,
  );
}

/** Paragraphs with an empty line between them; empty ones are dropped. */
export function joinParagraphs(paragraphs: readonly (readonly string[])[]): string[] {
  const joined: string[] = [];
  for (const lines of paragraphs) {
    if (joined.length > 0 && lines.length > 0) joined.push("");
    for (const line of lines) joined.push(line);
  }
  return joined;
}

/** The constraints of a schema as lines of a comment. */
export function constraintLines(schema: JsonSchema): string[] {
  const words = isJsonObject(schema) ? constraintWords(schema) : "";
  return words === "" ? [] : [`${words}.`];
}

function schemaTags(schema: JsonObject): string[] {
  const tags: string[] = [];
  const format = formatOf(schema);
  if (format !== undefined) tags.push(`@format ${docLine(format)}`);
  if (Object.hasOwn(schema, "default")) tags.push(`@default ${jsonLine(schema["default"]!)}`);
  if (ownMember(schema, "deprecated") === true) tags.push("@deprecated");
  return tags;
}

// `X | None` keeps its constraints inside the member that is not null.
function constrained(schema: JsonObject): JsonObject {
  const members = ownMember(schema, "anyOf");
  if (!Array.isArray(members)) return schema;
  const others = members.filter((member) =>
    !isJsonObject(member) || ownMember(member, "type") !== "null"
  );
  const [only] = others;
  return others.length === 1 && isJsonObject(only) ? only : schema;
}

function formatOf(schema: JsonObject): string | undefined {
  const format = ownMember(constrained(schema), "format");
  return typeof format === "string" ? format : undefined;
}

function constraintWords(schema: JsonObject): string {
  const from = constrained(schema);
  let groups = 0;
  for (const key in from) groups |= CONSTRAINTS.get(key) ?? 0;
  if (groups === 0) return "";
  const words: string[] = [];
  if ((groups & BOUNDS) !== 0) {
    bound(words, from, "minimum", "at least");
    bound(words, from, "exclusiveMinimum", "more than");
    bound(words, from, "maximum", "at most");
    bound(words, from, "exclusiveMaximum", "less than");
    bound(words, from, "multipleOf", "a multiple of");
  }
  if ((groups & LENGTH) !== 0) {
    range(words, boundOf(from, "minLength"), boundOf(from, "maxLength"), "character");
  }
  if ((groups & ITEMS) !== 0) {
    if (!Object.hasOwn(from, "prefixItems")) {
      range(words, boundOf(from, "minItems"), boundOf(from, "maxItems"), "item");
    }
    if (ownMember(from, "uniqueItems") === true) words.push("unique items");
  }
  if ((groups & KEYS) !== 0) {
    range(words, boundOf(from, "minProperties"), boundOf(from, "maxProperties"), "entry");
  }
  const pattern = ownMember(from, "pattern");
  if (typeof pattern === "string") words.push(`matches ${codeSpan(pattern)}`);
  if ((groups & KEYS) !== 0) keyWords(words, from);
  const sentence = words.join(", ");
  return sentence === "" ? "" : sentence[0]!.toUpperCase() + sentence.slice(1);
}

// A bound in words, escaped: some are texts (a date, a `Decimal`).
function boundOf(schema: JsonObject, key: string): string | undefined {
  const value = ownMember(schema, key);
  if (typeof value === "number") return String(value);
  return typeof value === "string" ? docLine(value) : undefined;
}

function bound(words: string[], schema: JsonObject, key: string, text: string): void {
  const value = boundOf(schema, key);
  if (value !== undefined) words.push(`${text} ${value}`);
}

function keyWords(words: string[], schema: JsonObject): void {
  const keys = ownMember(schema, "propertyNames");
  if (isJsonObject(keys)) {
    const text = constraintWords(keys);
    if (text !== "") words.push(`keys: ${text[0]!.toLowerCase()}${text.slice(1)}`);
  }
  const patterns = ownMember(schema, "patternProperties");
  if (isJsonObject(patterns)) {
    words.push(`keys match ${Object.keys(patterns).sort().map(codeSpan).join(" or ")}`);
  }
}

function range(
  words: string[],
  least: string | undefined,
  most: string | undefined,
  unit: "character" | "item" | "entry",
): void {
  if (least !== undefined && least === most) words.push(`exactly ${counted(least, unit)}`);
  else if (least !== undefined && most !== undefined) {
    words.push(`${least} to ${counted(most, unit)}`);
  } else if (least !== undefined) words.push(`at least ${counted(least, unit)}`);
  else if (most !== undefined) words.push(`at most ${counted(most, unit)}`);
}

function counted(count: string, unit: "character" | "item" | "entry"): string {
  const units = unit === "entry" ? "entries" : `${unit}s`;
  return `${count} ${count === "1" ? unit : units}`;
}

function codeSpan(text: string): string {
  const cut = text.length <= MAX_VALUE_LENGTH ? text : `${text.slice(0, MAX_VALUE_LENGTH - 1)}…`;
  return cut.includes("`") ? docLine(JSON.stringify(cut)) : `\`${docLine(cut)}\``;
}

function textOf(schema: JsonObject, key: string): string {
  const value = ownMember(schema, key);
  return typeof value === "string" ? value : "";
}
