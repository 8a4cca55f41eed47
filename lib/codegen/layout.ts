/**
 * A small pretty printer after Wadler ("A prettier printer", 2003) with Prettier's primitives, so that Prettier does
 * not change its output.
 */
export type Doc =
  | string
  | readonly Doc[]
  | { readonly kind: "group"; readonly content: Doc; readonly broken: boolean }
  | { readonly kind: "indent"; readonly content: Doc }
  | { readonly kind: "line"; readonly flat: string }
  | { readonly kind: "hardline" }
  | { readonly kind: "ifBreak"; readonly broken: Doc; readonly flat: Doc };

/** Printed on one line if it fits, otherwise with all its own lines broken. */
export const group = (content: Doc): Doc => ({
  kind: "group",
  content,
  broken: hasHardline(content),
});
/** Indents lines inside by one more level. */
export const indent = (content: Doc): Doc => ({ kind: "indent", content });
/** A space; a line break in a broken group. */
export const line: Doc = { kind: "line", flat: " " };
/** Nothing; a line break in a broken group. */
export const softline: Doc = { kind: "line", flat: "" };
/** A line break; breaks the groups around it. */
export const hardline: Doc = { kind: "hardline" };
/** Selects a variant by the state of the enclosing group. */
export const ifBreak = (broken: Doc, flat: Doc = ""): Doc => ({ kind: "ifBreak", broken, flat });

/** Joins docs with a separator. */
export function join(separator: Doc, docs: readonly Doc[]): Doc[] {
  return docs.flatMap((doc, index) => index === 0 ? [doc] : [separator, doc]);
}

function hasHardline(doc: Doc): boolean {
  if (typeof doc === "string") return false;
  if (Array.isArray(doc)) return doc.some(hasHardline);
  const node = doc as Exclude<Doc, string | readonly Doc[]>;
  switch (node.kind) {
    case "hardline":
      return true;
    case "group":
      return node.broken;
    case "indent":
      return hasHardline(node.content);
    default:
      return false;
  }
}

interface Command {
  readonly level: number;
  readonly broken: boolean;
  readonly doc: Doc;
}

/** Prints a doc; `level` is the indentation (two columns each) of its first line. */
export function printDoc(doc: Doc, width: number, level = 0): string {
  const parts: string[] = [];
  let column = level * 2;
  const commands: Command[] = [{ level, broken: true, doc }];
  const newline = (to: number) => {
    const last = parts.pop();
    if (last !== undefined) parts.push(last.trimEnd());
    parts.push(`\n${"  ".repeat(to)}`);
    column = to * 2;
  };
  for (let command = commands.pop(); command !== undefined; command = commands.pop()) {
    const { level, broken, doc } = command;
    if (typeof doc === "string") {
      parts.push(doc);
      column += doc.length;
      continue;
    }
    if (Array.isArray(doc)) {
      for (let index = doc.length - 1; index >= 0; index--) {
        commands.push({ level, broken, doc: doc[index] });
      }
      continue;
    }
    const node = doc as Exclude<Doc, string | readonly Doc[]>;
    switch (node.kind) {
      case "group": {
        const flat = { level, broken: false, doc: node.content };
        const fitsFlat = !node.broken && fits(flat, commands, width - column);
        commands.push(fitsFlat ? flat : { ...flat, broken: true });
        break;
      }
      case "indent":
        commands.push({ level: level + 1, broken, doc: node.content });
        break;
      case "ifBreak":
        commands.push({ level, broken, doc: broken ? node.broken : node.flat });
        break;
      case "hardline":
        newline(level);
        break;
      case "line":
        if (broken) newline(level);
        else {
          parts.push(node.flat);
          column += node.flat.length;
        }
    }
  }
  return parts.join("");
}

// Returns true if `next` fits flat into `room` columns, with the text that follows it up to the next possible line
// break.
function fits(next: Command, rest: readonly Command[], room: number): boolean {
  const commands: Command[] = [next];
  let restIndex = rest.length;
  while (room >= 0) {
    const command = commands.pop() ?? rest[--restIndex];
    if (command === undefined) return true;
    const { doc, broken } = command;
    if (typeof doc === "string") {
      room -= doc.length;
      continue;
    }
    if (Array.isArray(doc)) {
      for (let index = doc.length - 1; index >= 0; index--) {
        commands.push({ ...command, doc: doc[index] });
      }
      continue;
    }
    const node = doc as Exclude<Doc, string | readonly Doc[]>;
    switch (node.kind) {
      case "group":
        if (!broken && node.broken) return false;
        commands.push({ ...command, broken: broken || node.broken, doc: node.content });
        break;
      case "indent":
        commands.push({ ...command, doc: node.content });
        break;
      case "ifBreak":
        commands.push({ ...command, doc: broken ? node.broken : node.flat });
        break;
      case "hardline":
        return true;
      case "line":
        if (broken) return true;
        room -= node.flat.length;
    }
  }
  return false;
}
