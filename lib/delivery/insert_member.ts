import { createScanner, findNodeAtLocation, type Node, parseTree } from "jsonc-parser";

/** A value to be written: objects are spread over lines where their parent is. */
export type NewValue = string | readonly string[] | { readonly [key: string]: NewValue };

/**
 * Returns a JSON text (comments and trailing commas allowed) with one member set at a path of object keys. Objects on the way are
 * made; an existing text value is replaced. Every other byte stays, unlike with `modify` of jsonc-parser:
 * it formats the member before, and moves comments.
 *
 * @throws RangeError if a value on the way is not an object
 */
export function setMember(
  text: string,
  path: readonly [string, ...string[]],
  value: NewValue,
): string {
  const mark = text.startsWith("\ufeff") ? "\ufeff" : "";
  const source = text.slice(mark.length);
  const root = parseTree(source, [], { allowTrailingComma: true });
  if (root === undefined) throw new RangeError("The text is empty");
  const present = findNodeAtLocation(root, [...path]);
  if (present !== undefined) {
    return mark + source.slice(0, present.offset) + print(value, undefined, style(source)) +
      source.slice(present.offset + present.length);
  }
  let parent = root;
  let depth = 0;
  for (; depth < path.length - 1; depth++) {
    const next = findNodeAtLocation(parent, [path[depth] as string]);
    if (next === undefined) break;
    parent = next;
  }
  if (parent.type !== "object") {
    throw new RangeError(`"${path.slice(0, depth).join(".")}" is not an object`);
  }
  let nested = value;
  for (let at = path.length - 1; at > depth; at--) nested = { [path[at] as string]: nested };
  return mark + insert(source, parent, path[depth] as string, nested);
}

interface Style {
  readonly indent: string;
  readonly eol: string;
}

function style(source: string): Style {
  return {
    indent: /\n([ \t]+)\S/.exec(source)?.[1] ?? "  ",
    eol: source.includes("\r\n") ? "\r\n" : "\n",
  };
}

function insert(source: string, object: Node, key: string, value: NewValue): string {
  const { indent, eol } = style(source);
  const entry = (at: string | undefined) =>
    `${JSON.stringify(key)}: ${print(value, at, { indent, eol })}`;
  const end = object.offset + object.length - 1;
  const last = object.children?.at(-1);
  if (last === undefined) {
    const inside = source.slice(object.offset + 1, end);
    const outer = indentOf(source, object.offset);
    // Comments in an otherwise empty object stay where they are.
    const before = source.slice(0, object.offset + 1) + inside.trimEnd();
    return `${before}${eol}${outer}${indent}${entry(outer + indent)}${eol}${outer}${
      source.slice(end)
    }`;
  }
  const lastEnd = last.offset + last.length;
  const { place, comma } = endOfMember(source, lastEnd, end);
  const head = comma
    ? source.slice(0, place)
    : `${source.slice(0, lastEnd)},${source.slice(lastEnd, place)}`;
  const isOnOneLine = !source.slice(object.offset, end).includes("\n");
  const tail = `${comma ? "," : ""}${source.slice(place)}`;
  if (isOnOneLine) return `${head} ${entry(undefined)}${tail}`;
  const at = indentOf(source, last.offset);
  return `${head}${eol}${at}${entry(at)}${tail}`;
}

// Behind the comma and the comments that end the last member's line.
function endOfMember(source: string, from: number, to: number): { place: number; comma: boolean } {
  const scanner = createScanner(source.slice(0, to), false);
  scanner.setPosition(from);
  let place = from;
  let comma = false;
  // Numbers of the library's const enum SyntaxKind: 5 comma, 12 line comment, 13 block comment, 15 blanks.
  for (let kind: number = scanner.scan(); [5, 12, 13, 15].includes(kind); kind = scanner.scan()) {
    if (kind === 15) continue;
    if (kind === 5) comma = true;
    else if (source.slice(from, scanner.getTokenOffset()).includes("\n")) break;
    place = scanner.getTokenOffset() + scanner.getTokenLength();
  }
  return { place, comma };
}

// The blanks that the line of an offset begins with.
function indentOf(source: string, offset: number): string {
  const start = source.lastIndexOf("\n", offset - 1) + 1;
  return /^[ \t]*/.exec(source.slice(start, offset))?.[0] ?? "";
}

function print(value: NewValue, at: string | undefined, { indent, eol }: Style): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (Array.isArray(value)) {
    return `[${value.map((item) => JSON.stringify(item)).join(", ")}]`;
  }
  const members = Object.entries(value as { readonly [key: string]: NewValue });
  if (at === undefined) {
    return `{ ${
      members.map(([key, inner]) => `${JSON.stringify(key)}: ${print(inner, at, { indent, eol })}`)
        .join(", ")
    } }`;
  }
  const deeper = at + indent;
  return `{${eol}${
    members.map(([key, inner]) =>
      `${deeper}${JSON.stringify(key)}: ${print(inner, deeper, { indent, eol })}`
    ).join(`,${eol}`)
  }${eol}${at}}`;
}
