import { propertyKey, stringLiteral } from "./escape.ts";
import {
  type Doc,
  group,
  hardline,
  ifBreak,
  indent,
  join,
  line,
  printDoc,
  softline,
} from "./layout.ts";
import { isKeyword, type Property, type TypeNode } from "./type_tree.ts";

/** The width that Prettier uses by default. */
export const WIDTH = 80;

/** A member that neither strings nor arrays have. */
export const NOT_ITERABLE = "readonly [Symbol.iterator]?: never";

/** Prints a type on one line, without documentation comments: for signatures and short messages. */
export function printFlat(type: TypeNode): string {
  switch (type.kind) {
    case "keyword":
    case "reference":
      return type.name;
    case "literal":
      return printLiteral(type.value);
    case "array":
      return `${printFlatOperand(type.element)}[]`;
    case "tuple": {
      const elements = type.elements.map((element) =>
        element.optional ? `${printFlatOperand(element.type)}?` : printFlat(element.type)
      );
      return `[${
        [...elements, ...(type.rest ? [`...${printFlatOperand(type.rest)}[]`] : [])].join(", ")
      }]`;
    }
    case "union":
      return type.members.map(printFlatOperand).join(" | ");
    case "intersection":
      return type.members.map(printFlatOperand).join(" & ");
    case "object": {
      const members = type.properties.map(printFlatProperty);
      if (type.index) members.push(`[key: string]: ${printFlat(type.index)}`);
      if (type.iterable === false) members.push(NOT_ITERABLE);
      return members.length === 0 ? "{}" : `{ ${members.join("; ")} }`;
    }
    case "record":
      return type.partial
        ? `{ [key in ${printFlat(type.key)}]?: ${printFlat(type.value)} }`
        : `Record<${printFlat(type.key)}, ${printFlat(type.value)}>`;
  }
}

/** Prints a property on one line: `name?: type`. */
export function printFlatProperty({ name, type, optional }: Property): string {
  return `${propertyKey(name)}${optional ? "?" : ""}: ${printFlat(type)}`;
}

function isUnbreakable(type: TypeNode): boolean {
  return type.kind === "array" ? isUnbreakable(type.element) : isLeaf(type);
}

function isLeaf({ kind }: TypeNode): boolean {
  return kind === "literal" || kind === "keyword" || kind === "reference";
}

// Parentheses depend on the kind of node, never on the text.
function printFlatOperand(type: TypeNode): string {
  return isCompound(type) ? `(${printFlat(type)})` : printFlat(type);
}

function isCompound(type: TypeNode): boolean {
  return type.kind === "union" || type.kind === "intersection";
}

/** Prints a literal type. */
export function printLiteral(value: string | number | boolean): string {
  if (typeof value === "string") return stringLiteral(value);
  return typeof value === "number" ? String(value).replace("e+", "e") : String(value);
}

/** Prints `export type Name = …;` in Prettier's format, with its documentation comment. */
export function printDeclaration(name: string, type: TypeNode, doc: readonly string[]): string {
  const comment = printComment(doc, "");
  const head = `export type ${name} =`;
  // Prettier breaks after a name that is too long for a line.
  const tooLong = isSurelyWithin(`${head} {`) ? "" : IGNORE;
  if (type.kind === "object" && (type.properties.length > 0 || type.index)) {
    return `${comment}${tooLong}${head} {\n${printMembers(type)}};\n`;
  }
  if (type.kind === "union" && type.members.length > WIDTH && type.members.every(isLeaf)) {
    // Always too long for one line: a fast path for enums of thousands of values.
    return `${comment}${head}${
      type.members.map((member) => `\n  | ${printFlat(member)}`).join("")
    };\n`;
  }
  const flat = printFlat(type);
  if (!hasComments(type) && isSurelyWithin(`${head} ${flat};`)) {
    return `${comment}${head} ${flat};\n`;
  }
  // Prettier breaks a union that begins with an object differently.
  const mark = (type.kind === "union" && type.members.some(isObjectLiteral)) ||
      hasUnusualIntersection(type) || !isNarrow(head + flat)
    ? IGNORE
    : tooLong;
  const body = type.kind === "union" || type.kind === "intersection"
    ? [head, typeDoc(type, "statement")]
    : isUnbreakable(type)
    ? [head, indent([line, flat])]
    : [head, " ", typeDoc(type, "statement")];
  return `${comment}${mark}${printDoc([group(body), ";"], WIDTH)}\n`;
}

function printMembers(
  { properties, index, iterable }: NodeOf<"object">,
): string {
  const lines = properties.map(printProperty);
  if (index) lines.push(printMember("[key: string]:", index));
  if (iterable === false) lines.push(`  ${NOT_ITERABLE};\n`);
  return lines.join("");
}

function printProperty({ name, type, optional, doc }: Property): string {
  const member = printMember(`${propertyKey(name)}${optional ? "?" : ""}:`, type);
  return printComment(doc, "  ") + member;
}

// A fast path: most members fit on a line and need no layout.
function printMember(key: string, type: TypeNode): string {
  const flat = `  ${key} ${printFlat(type)};`;
  if (!hasComments(type) && flat.length <= WIDTH) {
    return isSurelyWithin(flat) ? `${flat}\n` : `  ${IGNORE}${flat}\n`;
  }
  const mark = isNarrow(flat) && !hasUnusualIntersection(type) ? "" : `  ${IGNORE}`;
  return `${mark}  ${printDoc([key, afterColon(type), ";"], WIDTH, 1)}\n`;
}

/** Prints an entry of an object on one line, or on two. */
export function printEntry(key: string, value: string): string {
  const flat = `  ${key}: ${value},`;
  if (isSurelyWithin(flat)) return `${flat}\n`;
  return isNarrow(flat) ? `  ${key}:\n    ${value},\n` : `  ${IGNORE}${flat}\n`;
}

/** Prints a documentation comment, each line after `margin`; nothing for no lines. */
export function printComment(lines: readonly string[], margin: string): string {
  if (lines.length === 0) return "";
  if (lines.length === 1) return `${margin}/** ${lines[0]} */\n`;
  let text = `${margin}/**\n`;
  for (const line of lines) text += line === "" ? `${margin} *\n` : `${margin} * ${line}\n`;
  return `${text}${margin} */\n`;
}

// Precedes code that Prettier would format differently.
const IGNORE = "// prettier-ignore\n";

// East Asian characters are two columns wide, which the layout does not count.
function isNarrow(text: string): boolean {
  // deno-lint-ignore no-control-regex
  return /^[\u0000-\u04ff]*$/.test(text);
}

function isSurelyWithin(text: string): boolean {
  return text.length <= WIDTH / 2 || (text.length <= WIDTH && isNarrow(text));
}

// Pydantic emits only `Dog & { kind: "dog" }`; Prettier has separate rules for other intersections.
function hasUnusualIntersection(type: TypeNode): boolean {
  switch (type.kind) {
    case "intersection":
      return type.members.some(({ kind }) => kind !== "reference" && kind !== "object") ||
        type.members.some(hasUnusualIntersection);
    case "union":
      return type.members.some(hasUnusualIntersection);
    case "array":
      return hasUnusualIntersection(type.element);
    case "tuple":
      return type.elements.some((element) => hasUnusualIntersection(element.type)) ||
        (type.rest !== undefined && hasUnusualIntersection(type.rest));
    case "object":
      return type.properties.some((property) => hasUnusualIntersection(property.type)) ||
        (type.index !== undefined && hasUnusualIntersection(type.index));
    case "record":
      return hasUnusualIntersection(type.value);
    default:
      return false;
  }
}

function hasComments(type: TypeNode): boolean {
  switch (type.kind) {
    case "object":
      return type.properties.some(({ doc, type }) => doc.length > 0 || hasComments(type)) ||
        (type.index !== undefined && hasComments(type.index));
    case "array":
      return hasComments(type.element);
    case "tuple":
      return type.elements.some(({ type }) => hasComments(type)) ||
        (type.rest !== undefined && hasComments(type.rest));
    case "union":
    case "intersection":
      return type.members.some(hasComments);
    case "record":
      return hasComments(type.value) || hasComments(type.key);
    default:
      return false;
  }
}

/** The position of a type, on which its line breaks and leading bars depend. */
type Position = "statement" | "property" | "operand" | "argument" | "element";

// Follows Prettier 3 (src/language-js/print/type-annotation.js): which lines break together, and the positions of
// parentheses and leading bars.
function typeDoc(type: TypeNode, position: Position): Doc {
  switch (type.kind) {
    case "keyword":
    case "reference":
    case "literal":
      return printFlat(type);
    case "array":
      return [operandDoc(type.element), "[]"];
    case "tuple":
      return tupleDoc(type);
    case "union":
      return unionDoc(type, position);
    case "intersection":
      return [position === "statement" ? " " : "", join(" & ", type.members.map(operandDoc))];
    case "object":
      return type.properties.length === 0 && !type.index ? "{}" : objectDoc(type);
    case "record":
      return recordDoc(type);
  }
}

type NodeOf<Kind extends TypeNode["kind"]> = Extract<TypeNode, { kind: Kind }>;

function tupleDoc(type: NodeOf<"tuple">): Doc {
  const position = type.elements.length > 1 || type.rest ? "element" : "operand";
  const elements: Doc[] = type.elements.map(({ type: element, optional }) => [
    optional && isCompound(element) ? parenthesised(element) : typeDoc(element, position),
    optional ? "?" : "",
  ]);
  if (type.rest) elements.push(["...", operandDoc(type.rest), "[]"]);
  if (elements.length === 0) return "[]";
  return group([
    "[",
    indent([softline, join([",", line], elements)]),
    ifBreak(","),
    softline,
    "]",
  ]);
}

function unionDoc({ members }: NodeOf<"union">, position: Position): Doc {
  const leads = position === "statement" || position === "property";
  if (isHugged(members)) {
    return [leads ? " " : "", join(" | ", members.map((member) => typeDoc(member, "operand")))];
  }
  const lines: Doc = [ifBreak("| "), join([line, "| "], unionMembers(members))];
  // Prettier tries the next line before it puts each member on its own line.
  if (leads) return group(indent([line, group(lines)]));
  return position === "element"
    ? group([indent([ifBreak(["(", softline]), lines]), softline, ifBreak(")")])
    : group(lines);
}

function recordDoc({ key, value, partial }: NodeOf<"record">): Doc {
  if (partial) {
    const member = [line, mappedKey(key), "?:", afterColon(value), ifBreak(";")];
    return group(["{", indent(member), line, "}"]);
  }
  const types = [softline, typeDoc(key, "argument"), ",", line, typeDoc(value, "argument")];
  return group(["Record<", indent(types), softline, ">"]);
}

function mappedKey(key: TypeNode): Doc {
  return group(["[", indent([softline, "key in", afterColon(key)]), softline, "]"]);
}

function parenthesised(type: TypeNode): Doc {
  if (type.kind !== "union") return ["(", typeDoc(type, "operand"), ")"];
  const lines: Doc = [ifBreak("| "), join([line, "| "], unionMembers(type.members))];
  return ["(", group([indent([softline, group(lines)]), softline]), ")"];
}

function unionMembers(members: readonly TypeNode[]): Doc[] {
  return members.map((member) => indent(operandDoc(member)));
}

function operandDoc(type: TypeNode): Doc {
  return isCompound(type) ? parenthesised(type) : typeDoc(type, "operand");
}

function isObjectLiteral(type: TypeNode): boolean {
  return type.kind === "object" || (type.kind === "record" && type.partial);
}

// Prettier prints `{ … } | null` like the object alone.
function isHugged(members: readonly TypeNode[]): boolean {
  const objects = members.filter(isObjectLiteral);
  return objects.length === 1 &&
    members.every((member) => member === objects[0] || isKeyword(member, "null"));
}

function objectDoc({ properties, index, iterable }: NodeOf<"object">): Doc {
  const members: Doc[] = properties.map((property) => [
    ...commentDocs(property.doc),
    propertyKey(property.name),
    property.optional ? "?:" : ":",
    afterColon(property.type),
    ";",
  ]);
  if (index) members.push(["[key: string]:", afterColon(index), ";"]);
  if (iterable === false) members.push(`${NOT_ITERABLE};`);
  return group(["{", indent([hardline, join(hardline, members)]), hardline, "}"]);
}

// A union prints its own space or line break.
function afterColon(type: TypeNode): Doc {
  return type.kind === "union" ? typeDoc(type, "property") : [" ", typeDoc(type, "property")];
}

function commentDocs(lines: readonly string[]): Doc[] {
  if (lines.length === 0) return [];
  if (lines.length === 1) return [`/** ${lines[0]} */`, hardline];
  return [
    "/**",
    hardline,
    ...lines.flatMap((text): Doc[] => [text === "" ? " *" : ` * ${text}`, hardline]),
    " */",
    hardline,
  ];
}
