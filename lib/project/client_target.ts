import { resolve } from "node:path";
import { readPath } from "./portable_path.ts";
import { type JsonField, type JsonFile, textOf, wrongValue } from "./json_file.ts";

/** The target of the types of one backend. */
export type ClientTarget =
  /** Absolute path of a file. */
  | { readonly kind: "file"; readonly path: string }
  /** The name of a package in `node_modules`. */
  | { readonly kind: "package"; readonly name: string };

const PACKAGE = /^(?:@[a-z0-9~-][a-z0-9._~-]*\/)?[a-z0-9~-][a-z0-9._~-]*$/;

/**
 * Reads a `target`. The ending distinguishes a file ("src/api.ts") from a package ("@org/api-types").
 *
 * @param folder the folder that a file is relative to
 * @throws ToolError with line and column
 */
export function readTarget(file: JsonFile, field: JsonField, folder: string): ClientTarget {
  const text = textOf(file, field, "a file or a package");
  if (/\.[cm]?ts$/.test(text)) return { kind: "file", path: resolve(folder, readPath(text)) };
  if (PACKAGE.test(text)) return { kind: "package", name: text };
  throw wrongValue(
    file,
    field,
    'a file ending in .ts, or the name of a package ("@org/api-types")',
  );
}
