import { closest } from "../closest.ts";
import { readFile } from "node:fs/promises";
import { applyEdits, modify } from "jsonc-parser";
import type { SourcePosition } from "../errors.ts";
import { faultText, type JsonNode, parseJsonTree, positionAt } from "../json/mod.ts";
import {
  configNotJson,
  configNotReadable,
  configUnknownMember,
  configUnusable,
  configWrongValue,
} from "./errors.ts";

/** The text of a configuration file and its members with positions. Comments are allowed. */
export interface JsonFile {
  /** Absolute path. */
  readonly path: string;
  /** As on disk, a byte order mark included. */
  readonly text: string;
  readonly root: JsonNode;
}

/** One member of an object in a {@link JsonFile}. */
export interface JsonField {
  readonly value: unknown;
  /** Dotted path, such as `backend.framework` or `clients[0]`. */
  readonly name: string;
  readonly position: SourcePosition;
  readonly node: JsonNode;
}

const MAX_BYTES = 1024 * 1024;
const MAX_DEPTH = 64;

/**
 * Reads a configuration file whose root is an object.
 *
 * @throws ToolError `CONFIG_NOT_READABLE`, `CONFIG_UNUSABLE`, `CONFIG_NOT_JSON` or `CONFIG_WRONG_VALUE`
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

/** Like {@link readJsonFile}, for a text that was already read. */
export function parseJsonFile(path: string, text: string): JsonFile {
  // Editors write a byte order mark, which JSON does not allow; a space in its place keeps the offsets.
  const source = text.startsWith("\ufeff") ? ` ${text.slice(1)}` : text;
  if (source.trim() === "") {
    throw configUnusable({ path, reason: "it is empty", fix: "Delete it, or write {} into it" });
  }
  const { root, fault } = parseJsonTree(source, { comments: true, maxDepth: MAX_DEPTH });
  if (fault?.kind === "depth") {
    throw configUnusable({ path, reason: `it is nested more than ${MAX_DEPTH} deep` });
  }
  if (fault !== undefined) {
    const { message, offset } = faultText(source, fault);
    throw configNotJson({ path, reason: message, position: positionAt(source, offset) });
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

/** The member `key` of `parent` (default: the root), or undefined. */
export function fieldOf(file: JsonFile, key: string, parent?: JsonField): JsonField | undefined {
  const object = parent?.node ?? file.root;
  if (object.type !== "object") return undefined;
  for (const { key: name, node } of object.members) {
    if (name === key) {
      return toField(file, node, parent === undefined ? key : `${parent.name}.${key}`);
    }
  }
  return undefined;
}

/** The elements of a list, or undefined if the field is not a list. */
export function elementsOf(file: JsonFile, field: JsonField): JsonField[] | undefined {
  if (field.node.type !== "array") return undefined;
  return field.node.items.map((node, index) => toField(file, node, `${field.name}[${index}]`));
}

/** The names of the members of the root object. */
export function fieldNames(file: JsonFile): string[] {
  return file.root.members.map(({ key }) => key);
}

/** A field's value as a text. @throws ToolError `CONFIG_WRONG_VALUE` if it is not a text or empty */
export function textOf(file: JsonFile, field: JsonField, expected = "a text"): string {
  if (typeof field.value === "string" && field.value.trim() !== "") return field.value;
  throw wrongValue(file, field, expected);
}

/** The error for a field with an invalid value. */
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

/** The error for a member that is not one of several texts, with the nearest of them. */
export function wrongChoice(file: JsonFile, field: JsonField, allowed: readonly string[]) {
  const list = allowed.map((each) => `"${each}"`);
  const last = list.pop();
  const [near] = typeof field.value === "string" ? closest(field.value, allowed) : [];
  const fix = near === undefined ? undefined : `Did you mean "${near}"?`;
  return wrongValue(file, field, `${list.join(", ")} or ${last}`, fix);
}

/** The error for a member with a misspelled name. */
export function wrongMember(file: JsonFile, field: JsonField, match: string) {
  return configUnknownMember({
    path: file.path,
    name: field.name,
    match,
    position: field.position,
  });
}

/** A member to set (`value` undefined removes it). */
export interface JsonEdit {
  readonly path: readonly (string | number)[];
  readonly value: unknown;
}

/** Sets members in a text. Comments, order, indentation and line ends stay; a new member is appended. */
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

function toField(file: JsonFile, node: JsonNode, name: string): JsonField {
  return { value: nodeValue(node), name, position: positionAt(file.text, node.offset), node };
}

// Keys are untrusted ("__proto__"): objects have no value here and are read through their node.
function nodeValue(node: JsonNode): unknown {
  if (node.type === "array") return node.items.map(nodeValue);
  return node.type === "object" ? {} : node.value;
}

function refuseDuplicates(file: JsonFile, node: JsonNode, name: string): void {
  const seen = new Set<string>();
  for (const item of node.items) refuseDuplicates(file, item, name);
  for (const { key, offset, node: value } of node.members) {
    const inner = `${name}${name === "" ? "" : "."}${key}`;
    if (seen.has(key)) {
      throw configNotJson({
        path: file.path,
        reason: `the member "${inner}" appears twice`,
        position: positionAt(file.text, offset),
      });
    }
    seen.add(key);
    refuseDuplicates(file, value, inner);
  }
}

function describeNode(node: JsonNode): string {
  if (node.type === "object") return "an object";
  if (node.type === "array") return node.items.length > 0 ? "a list" : "an empty list";
  const text = JSON.stringify(node.value) ?? "nothing";
  return text.length <= 60 ? text : `${text.slice(0, 59)}…`;
}
