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
  return paragraphs.filter((lines) => lines.length > 0)
    .flatMap((lines, index) => index === 0 ? lines : ["", ...lines]);
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
  const number = (key: string) => {
    const value = ownMember(from, key);
    return typeof value === "number" || typeof value === "string" ? String(value) : undefined;
  };
  const words: string[] = [];
  const bound = (key: string, text: string) => {
    const value = number(key);
    if (value !== undefined) words.push(`${text} ${docLine(value)}`);
  };
  bound("minimum", "at least");
  bound("exclusiveMinimum", "more than");
  bound("maximum", "at most");
  bound("exclusiveMaximum", "less than");
  bound("multipleOf", "a multiple of");
  range(words, number("minLength"), number("maxLength"), "character");
  if (!Object.hasOwn(from, "prefixItems")) {
    range(words, number("minItems"), number("maxItems"), "item");
  }
  if (ownMember(from, "uniqueItems") === true) words.push("unique items");
  range(words, number("minProperties"), number("maxProperties"), "entry");
  const pattern = ownMember(from, "pattern");
  if (typeof pattern === "string") words.push(`matches ${codeSpan(pattern)}`);
  const keys = ownMember(from, "propertyNames");
  if (isJsonObject(keys)) {
    const keyWords = constraintWords(keys);
    if (keyWords !== "") words.push(`keys: ${keyWords[0]!.toLowerCase()}${keyWords.slice(1)}`);
  }
  const patterns = ownMember(from, "patternProperties");
  if (isJsonObject(patterns)) {
    words.push(`keys match ${Object.keys(patterns).sort().map(codeSpan).join(" or ")}`);
  }
  const sentence = words.join(", ");
  return sentence === "" ? "" : sentence[0]!.toUpperCase() + sentence.slice(1);
}

function range(
  words: string[],
  least: string | undefined,
  most: string | undefined,
  unit: string,
): void {
  const units = unit === "entry" ? "entries" : `${unit}s`;
  const count = (value: string) => `${value} ${value === "1" ? unit : units}`;
  if (least !== undefined && least === most) words.push(`exactly ${count(docLine(least))}`);
  else if (least !== undefined && most !== undefined) {
    words.push(`${docLine(least)} to ${count(docLine(most))}`);
  } else if (least !== undefined) words.push(`at least ${count(docLine(least))}`);
  else if (most !== undefined) words.push(`at most ${count(docLine(most))}`);
}

function codeSpan(text: string): string {
  const cut = text.length <= MAX_VALUE_LENGTH ? text : `${text.slice(0, MAX_VALUE_LENGTH - 1)}…`;
  return cut.includes("`") ? docLine(JSON.stringify(cut)) : `\`${docLine(cut)}\``;
}

function textOf(schema: JsonObject, key: string): string {
  const value = ownMember(schema, key);
  return typeof value === "string" ? value : "";
}
