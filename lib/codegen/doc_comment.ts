import {
  canonicalJson,
  isJsonObject,
  type Json,
  type JsonObject,
  type JsonSchema,
  ownMember,
} from "../contract/mod.ts";
import { docLine, docLines } from "./escape.ts";
import {
  ANY_OF,
  BOUNDS,
  DEFAULT,
  DEPRECATED,
  DESCRIPTION,
  DOCUMENTED,
  FORMAT,
  ITEMS,
  KEYS,
  keywordGroups,
  LENGTH,
} from "./keyword_groups.ts";

const MAX_VALUE_LENGTH = 120;

/**
 * Returns the documentation of a property from its schema: description, constraints, `@default`, `@format`,
 * `@deprecated`. Every line is escaped.
 *
 * @param groups those of the schema's keywords
 */
export function schemaDoc(schema: JsonObject, groups = keywordGroups(schema)): readonly string[] {
  if ((groups & DOCUMENTED) === 0) return NO_LINES;
  const constraints = constraintsOf(schema, groups);
  const words = constraintSentence(constraints);
  const lines = (groups & DESCRIPTION) === 0 ? [] : docLines(textOf(schema, "description"));
  if (words !== "") addParagraph(lines, `${words}.`);
  let isFirst = true;
  const addTag = (tag: string) => {
    if (isFirst) addParagraph(lines, tag);
    else lines.push(tag);
    isFirst = false;
  };
  const format = formatOf(constraints);
  if (format !== undefined) addTag(`@format ${docLine(format)}`);
  if ((groups & DEFAULT) !== 0) addTag(`@default ${jsonLine(schema["default"] ?? null)}`);
  if ((groups & DEPRECATED) !== 0 && schema["deprecated"] === true) addTag("@deprecated");
  return lines;
}

const NO_LINES: readonly string[] = [];

function addParagraph(lines: string[], line: string): void {
  if (lines.length > 0) lines.push("");
  lines.push(line);
}

/** Returns constraints and tags on one line, for a parameter's `@param`. */
export function inlineDoc(schema: JsonSchema): string {
  if (!isJsonObject(schema)) return "";
  const groups = keywordGroups(schema);
  if ((groups & DOCUMENTED) === 0) return "";
  const description = docLine(textOf(schema, "description"));
  const constraints = constraintsOf(schema, groups);
  const words = constraintSentence(constraints);
  const format = formatOf(constraints);
  return [
    description,
    words === "" ? "" : `${words}.`,
    format === undefined ? "" : `Format: ${docLine(format)}.`,
    ownMember(schema, "deprecated") === true ? "Deprecated." : "",
  ].filter((part) => part !== "").join(" ");
}

/** Prints a JSON value as one escaped line, its keys sorted (Flask sorts them), truncated if it is long. */
export function jsonLine(value: Json): string {
  const text = canonicalJson(value);
  return docLine(
    text.length <= MAX_VALUE_LENGTH ? text : `${text.slice(0, MAX_VALUE_LENGTH - 1)}…`,
  );
}

/** Joins paragraphs with an empty line between them; drops empty ones. */
export function joinParagraphs(paragraphs: readonly (readonly string[])[]): string[] {
  const joined: string[] = [];
  for (const lines of paragraphs) {
    if (joined.length > 0 && lines.length > 0) joined.push("");
    for (const line of lines) joined.push(line);
  }
  return joined;
}

/** Returns the constraints of a schema as lines of a comment. */
export function constraintLines(schema: JsonSchema): string[] {
  const words = isJsonObject(schema)
    ? constraintSentence(constraintsOf(schema, keywordGroups(schema)))
    : "";
  return words === "" ? [] : [`${words}.`];
}

interface Constraints {
  /** The schema that contains them. */
  readonly from: JsonObject;
  readonly groups: number;
}

// `X | None` has its constraints inside the member that is not null.
function constraintsOf(schema: JsonObject, groups: number): Constraints {
  const own = { from: schema, groups };
  if ((groups & ANY_OF) === 0) return own;
  const members = schema["anyOf"];
  if (!Array.isArray(members)) return own;
  const others = members.filter((member) =>
    !isJsonObject(member) || ownMember(member, "type") !== "null"
  );
  const [only] = others;
  return others.length === 1 && isJsonObject(only)
    ? { from: only, groups: keywordGroups(only) }
    : own;
}

function formatOf({ from, groups }: Constraints): string | undefined {
  const format = (groups & FORMAT) === 0 ? undefined : from["format"];
  return typeof format === "string" ? format : undefined;
}

function constraintSentence({ from, groups }: Constraints): string {
  if ((groups & (BOUNDS | LENGTH | ITEMS | KEYS)) === 0) return "";
  const words: string[] = [];
  if ((groups & BOUNDS) !== 0) {
    addBound(words, from, "minimum", "at least");
    addBound(words, from, "exclusiveMinimum", "more than");
    addBound(words, from, "maximum", "at most");
    addBound(words, from, "exclusiveMaximum", "less than");
    addBound(words, from, "multipleOf", "a multiple of");
  }
  if ((groups & LENGTH) !== 0) {
    addRange(words, boundOf(from, "minLength"), boundOf(from, "maxLength"), "character");
  }
  if ((groups & ITEMS) !== 0) {
    if (!Object.hasOwn(from, "prefixItems")) {
      addRange(words, boundOf(from, "minItems"), boundOf(from, "maxItems"), "item");
    }
    if (ownMember(from, "uniqueItems") === true) words.push("unique items");
  }
  if ((groups & KEYS) !== 0) {
    addRange(words, boundOf(from, "minProperties"), boundOf(from, "maxProperties"), "entry");
  }
  const pattern = ownMember(from, "pattern");
  if (typeof pattern === "string") words.push(`matches ${codeSpan(pattern)}`);
  if ((groups & KEYS) !== 0) addKeys(words, from);
  const sentence = words.join(", ");
  return sentence.charAt(0).toUpperCase() + sentence.slice(1);
}

// Formats and escapes a bound, which may be a string (a date, a `Decimal`).
function boundOf(schema: JsonObject, key: string): string | undefined {
  const value = ownMember(schema, key);
  if (typeof value === "number" || typeof value === "bigint") return String(value);
  return typeof value === "string" ? docLine(value) : undefined;
}

function addBound(words: string[], schema: JsonObject, key: string, text: string): void {
  const value = boundOf(schema, key);
  if (value !== undefined) words.push(`${text} ${value}`);
}

function addKeys(words: string[], schema: JsonObject): void {
  const keys = ownMember(schema, "propertyNames");
  if (isJsonObject(keys)) {
    const text = constraintSentence(constraintsOf(keys, keywordGroups(keys)));
    if (text !== "") words.push(`keys: ${text.charAt(0).toLowerCase()}${text.slice(1)}`);
  }
  const patterns = ownMember(schema, "patternProperties");
  if (isJsonObject(patterns)) {
    words.push(`keys match ${Object.keys(patterns).sort().map(codeSpan).join(" or ")}`);
  }
}

function addRange(
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
