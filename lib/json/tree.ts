import { type JsonFault, readJson, type ReadJsonOptions } from "./read.ts";

/** A value in a JSON text, with its position. */
export interface JsonNode {
  readonly type: "object" | "array" | "string" | "number" | "boolean" | "null";
  readonly offset: number;
  readonly length: number;
  /** The value of a scalar; absent for objects and arrays. */
  readonly value?: string | number | boolean | null;
  /** The members of an object in order, equal keys included. */
  readonly members: readonly JsonMember[];
  /** The items of an array. */
  readonly items: readonly JsonNode[];
}

/** A member of an object, with the position of its key. */
export interface JsonMember {
  readonly key: string;
  readonly offset: number;
  readonly node: JsonNode;
}

/** A list or object that is not closed yet. */
interface OpenNode {
  readonly type: "object" | "array";
  readonly offset: number;
  length: number;
  readonly members: JsonMember[];
  readonly items: JsonNode[];
}

/** Parses a JSON text to nodes with offsets. Set `maxDepth` if the tree is traversed recursively. */
export function parseJsonTree(
  text: string,
  options: ReadJsonOptions = {},
): { readonly root: JsonNode; readonly fault?: undefined } | {
  readonly root?: undefined;
  readonly fault: JsonFault;
} {
  const open: { readonly node: OpenNode; key: string; keyOffset: number }[] = [];
  let root: JsonNode | undefined;
  const add = (node: JsonNode) => {
    const parent = open.at(-1);
    if (parent === undefined) root = node;
    else if (parent.node.type === "array") parent.node.items.push(node);
    else parent.node.members.push({ key: parent.key, offset: parent.keyOffset, node });
  };
  const fault = readJson(text, {
    open(isObject, offset) {
      const type = isObject ? "object" : "array";
      const node: OpenNode = { type, offset, length: 0, members: [], items: [] };
      add(node);
      open.push({ node, key: "", keyOffset: 0 });
    },
    close(end) {
      const closed = open.pop();
      if (closed !== undefined) closed.node.length = end - closed.node.offset;
    },
    key(start, end) {
      const parent = open.at(-1);
      if (parent === undefined) return;
      parent.key = JSON.parse(text.slice(start, end)) as string;
      parent.keyOffset = start;
    },
    scalar(start, end) {
      const value = JSON.parse(text.slice(start, end)) as string | number | boolean | null;
      const type = value === null ? "null" : typeof value as "string" | "number" | "boolean";
      add({ type, offset: start, length: end - start, value, members: [], items: [] });
    },
  }, options);
  if (fault !== undefined) return { fault };
  if (root === undefined) throw new Error("JSON without a fault has a value");
  return { root };
}

/** Returns the value of a node, like `JSON.parse`; the last of equal keys counts. */
export function valueOf(node: JsonNode): unknown {
  if (node.type === "array") return node.items.map(valueOf);
  if (node.type !== "object") return node.value;
  return Object.fromEntries(node.members.map(({ key, node }) => [key, valueOf(node)]));
}
