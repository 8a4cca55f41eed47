import type { SourcePosition } from "../errors.ts";
import { parseOrigin } from "../origins.ts";
import { elementsOf, fieldOf, type JsonFile, textOf, wrongValue } from "./json_file.ts";

/** An origin and its position in the file. */
export interface CorsOrigin {
  readonly value: string;
  readonly position: SourcePosition;
}

/**
 * Reads the `cors_origins` of a configuration file: further origins whose pages may call, `*` for all.
 *
 * @throws ToolError with line and column
 */
export function corsOriginsOf(file: JsonFile): readonly CorsOrigin[] {
  const field = fieldOf(file, "cors_origins");
  if (field === undefined) return [];
  const elements = elementsOf(file, field);
  const expected = 'an origin such as "http://localhost:5173", or "*"';
  if (elements === undefined) throw wrongValue(file, field, `a list, each ${expected}`);
  return elements.map((element) => {
    const text = textOf(file, element, expected);
    const value = text === "*" ? text : parseOrigin(text);
    if (value === undefined) throw wrongValue(file, element, expected);
    return { value, position: element.position };
  });
}
