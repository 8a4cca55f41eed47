import { readFile } from "node:fs/promises";
import {
  applyEdits,
  createScanner,
  modify,
  type Node,
  type ParseError,
  parseTree,
  printParseErrorCode,
} from "jsonc-parser";
import type { SourcePosition } from "../errors.ts";
import { configNotJson, configNotReadable, configUnusable, configWrongValue } from "./errors.ts";

/** A configuration file that was read: its text and its members with their places. Comments are allowed. */
export interface JsonFile {
  /** Absolute path. */
  readonly path: string;
  /** As on disk, a byte order mark included. */
  readonly text: string;
  readonly root: Node;
}

/** One member of an object in a {@link JsonFile}. */
export interface JsonField {
  readonly value: unknown;
  /** Dotted path, such as `backend.framework` or `clients[0]`. */
  readonly name: string;
  readonly position: SourcePosition;
  readonly node: Node;
}

const MAX_BYTES = 1024 * 1024;
const MAX_DEPTH = 64;

/**
 * Reads a configuration file whose root is an object.
 *
 * @throws ToolError `CONFIG_NOT_READABLE`, `CONFIG_UNUSABLE`, `CONFIG_NOT_JSON` or `CONFIG_WRONG_VALUE`, with line and
 * column where there is one.
 */
export async function readJsonFile(path: string): Promise<JsonFile> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path);
  } catch (error) {
    throw configNotReadable(path, error);
  }
  if (bytes.byteLength > MAX_BYTES) {
    throw configUnusable({ path, reason: `it is larger than ${MAX_BYTES} bytes` });
  }
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw configUnusable({ path, reason: "it is not UTF-8 text", fix: "Save the file as UTF-8" });
  }
  return parseJsonFile(path, text);
}

/** {@link readJsonFile} for a text that is at hand. */
export function parseJsonFile(path: string, text: string): JsonFile {
  // A byte order mark is no JSON, but editors write it; a blank in its place keeps the offsets.
  const source = text.startsWith("\ufeff") ? ` ${text.slice(1)}` : text;
  if (source.trim() === "") {
    throw configUnusable({ path, reason: "it is empty", fix: "Delete it, or write {} into it" });
  }
  // The tree is built by recursion: a file nested too deeply must not reach it.
  const scanner = createScanner(source, true);
  let depth = 0;
  // 1 and 3 open an object or a list, 2 and 4 close them, 17 is the end (the library's const enum SyntaxKind).
  for (let kind: number = scanner.scan(); kind !== 17; kind = scanner.scan()) {
    if (kind === 1 || kind === 3) depth++;
    if (kind === 2 || kind === 4) depth--;
    if (depth > MAX_DEPTH) {
      throw configUnusable({ path, reason: `it is nested more than ${MAX_DEPTH} deep` });
    }
  }
  const errors: ParseError[] = [];
  const root = parseTree(source, errors, { allowTrailingComma: true });
  const first = errors[0];
  if (first !== undefined || root === undefined) {
    const offset = first?.offset ?? 0;
    throw configNotJson({
      path,
      reason: first === undefined ? "no value" : parseErrorText(printParseErrorCode(first.error)),
      position: positionAt(source, offset),
    });
  }
  const file = { path, text, root };
  if (root.type !== "object") {
    throw configWrongValue({
      path,
      field: "$",
      expected: "an object",
      found: describeNode(root),
      position: positionAt(source, root.offset),
    });
  }
  refuseDuplicates(file, root, "");
  return file;
}

/** The member `key` of `parent` (the root when left out), or undefined. */
export function fieldOf(file: JsonFile, key: string, parent?: JsonField): JsonField | undefined {
  const object = parent?.node ?? file.root;
  if (object.type !== "object") return undefined;
  for (const property of object.children ?? []) {
    const [name, node] = property.children ?? [];
    if (name?.value !== key || node === undefined) continue;
    return toField(file, node, parent === undefined ? key : `${parent.name}.${key}`);
  }
  return undefined;
}

/** The elements of a list, or undefined where the field is none. */
export function elementsOf(file: JsonFile, field: JsonField): JsonField[] | undefined {
  if (field.node.type !== "array") return undefined;
  return (field.node.children ?? []).map((node, index) =>
    toField(file, node, `${field.name}[${index}]`)
  );
}

/** The names of the members of the root object. */
export function fieldNames(file: JsonFile): string[] {
  return (file.root.children ?? []).map((property) => String(property.children?.[0]?.value));
}

/** A field's value as a text, or the error that says where it is none. */
export function textOf(file: JsonFile, field: JsonField, expected = "a text"): string {
  if (typeof field.value === "string" && field.value.trim() !== "") return field.value;
  throw wrongValue(file, field, expected);
}

/** The error for a field whose value cannot be. */
export function wrongValue(
  file: JsonFile,
  field: JsonField,
  expected: string,
  fix?: string | readonly string[],
) {
  return configWrongValue({
    path: file.path,
    field: field.name,
    expected,
    found: describeNode(field.node),
    position: field.position,
    fix,
  });
}

/** A member to set (`value` undefined removes it). */
export interface JsonEdit {
  readonly path: readonly (string | number)[];
  readonly value: unknown;
}

/** The text with members set: comments, order, indentation and line ends stay; a new member goes to the end. */
export function editJson(text: string, edits: readonly JsonEdit[]): string {
  const mark = text.startsWith("\ufeff") ? "\ufeff" : "";
  let result = text.slice(mark.length);
  const eol = result.includes("\r\n") ? "\r\n" : "\n";
  const indent = /\n([ \t]+)\S/.exec(result)?.[1] ?? "  ";
  const formattingOptions = {
    insertSpaces: !indent.startsWith("\t"),
    tabSize: indent.startsWith("\t") ? 1 : indent.length,
    eol,
  };
  for (const { path, value } of edits) {
    result = applyEdits(result, modify(result, [...path], value, { formattingOptions }));
  }
  return mark + (result.endsWith("\n") ? result : result + eol);
}

/** Line and column (from 1) of an offset, with the line itself. */
export function positionAt(text: string, offset: number): SourcePosition {
  const at = Math.min(offset, text.length);
  const start = at === 0 ? 0 : text.lastIndexOf("\n", at - 1) + 1;
  const end = text.indexOf("\n", start);
  return {
    line: text.slice(0, start).split("\n").length,
    column: at - start + 1,
    text: text.slice(start, end === -1 ? text.length : end).replace(/\r$/, ""),
  };
}

function toField(file: JsonFile, node: Node, name: string): JsonField {
  return { value: nodeValue(node), name, position: positionAt(file.text, node.offset), node };
}

// Keys come from elsewhere, "__proto__" among them: only scalars become values, the rest is read through its node.
function nodeValue(node: Node): unknown {
  if (node.type === "array") return node.children?.map(nodeValue) ?? [];
  return node.type === "object" ? {} : node.value;
}

function refuseDuplicates(file: JsonFile, node: Node, name: string): void {
  const seen = new Set<unknown>();
  for (const child of node.children ?? []) {
    const [key, value] = child.type === "property" ? child.children ?? [] : [undefined, child];
    const inner = key === undefined ? name : `${name}${name === "" ? "" : "."}${key.value}`;
    if (key !== undefined) {
      if (seen.has(key.value)) {
        throw configNotJson({
          path: file.path,
          reason: `the member "${inner}" is there twice`,
          position: positionAt(file.text, key.offset),
        });
      }
      seen.add(key.value);
    }
    if (value !== undefined) refuseDuplicates(file, value, inner);
  }
}

function describeNode(node: Node): string {
  if (node.type === "object") return "an object";
  if (node.type === "array") return node.children?.length ? "a list" : "an empty list";
  const text = JSON.stringify(node.value) ?? "nothing";
  return text.length <= 60 ? text : `${text.slice(0, 59)}…`;
}

const PARSE_ERRORS: Readonly<Record<string, string>> = {
  InvalidSymbol: "this is no JSON value",
  InvalidNumberFormat: "this is no number",
  PropertyNameExpected: "a member's name in double quotes is expected here",
  ValueExpected: "a value is expected here",
  ColonExpected: "a colon is expected here",
  CommaExpected: "a comma is expected here",
  CloseBraceExpected: "a closing } is missing here",
  CloseBracketExpected: "a closing ] is missing here",
  EndOfFileExpected: "the file should end here",
  UnexpectedEndOfComment: "this comment has no end",
  UnexpectedEndOfString: "this text has no closing quote",
  UnexpectedEndOfNumber: "this number has no end",
  InvalidUnicode: "this Unicode escape is wrong",
  InvalidEscapeCharacter: "this escape is wrong",
  InvalidCharacter: "this character is not allowed here",
};

function parseErrorText(code: string): string {
  return PARSE_ERRORS[code] ?? code;
}
