import type { Selection } from "../contract/mod.ts";
import {
  elementsOf,
  fieldOf,
  type JsonField,
  type JsonFile,
  textOf,
  wrongValue,
} from "./json_file.ts";

/**
 * Reads `include` and `exclude` of a configuration file, or of one object in it: patterns of procedure names.
 *
 * @throws ToolError with line and column
 */
export function selectionIn(file: JsonFile, parent?: JsonField): Selection {
  const patterns = (name: string) => {
    const field = fieldOf(file, name, parent);
    if (field === undefined) return [];
    const expected = 'a pattern such as "shop.*"';
    const elements = elementsOf(file, field) ?? [field];
    if (field.node.type === "object") throw wrongValue(file, field, `a list, each ${expected}`);
    return elements.map((element) => textOf(file, element, expected));
  };
  return { include: patterns("include"), exclude: patterns("exclude") };
}
