import type { Buffer } from "node:buffer";
import { readFile, stat } from "node:fs/promises";
import { resolve } from "node:path";
import type { Procedure } from "../contract/mod.ts";
import type { CallArguments } from "./arguments.ts";
import { argumentFileNotRead, argumentFileNotText, largeArgumentFile } from "./errors.ts";

const MAX_BYTES = 64 * 2 ** 20;

/** Options of {@link readFileArguments}. */
export interface FileArgumentOptions {
  readonly cwd: string;
  /** Undefined if the call is not validated. */
  readonly procedure: Procedure | undefined;
}

/**
 * Replaces arguments such as `@photo.png` by the content of the file: Base64 for a parameter that declares it, else the text.
 * A quoted text (`'"@ada"'`) is not a file.
 *
 * @throws ToolError exit code 2
 */
export async function readFileArguments(
  given: CallArguments,
  { cwd, procedure }: FileArgumentOptions,
): Promise<CallArguments> {
  const read = async (text: string, name: string | undefined) => {
    if (!text.startsWith("@")) return text;
    const schema = procedure?.parameters.find((parameter) => parameter.name === name)?.schema;
    return await contentOf(text, resolve(cwd, text.slice(1)), formatsOf(schema));
  };
  if (given.kind === "position") {
    const names = procedure?.parameters.map(({ name }) => name) ?? [];
    const values = given.values.map((text, index) => read(text, names[index]));
    return { kind: "position", values: await Promise.all(values) };
  }
  if (given.kind === "params") return given;
  const values = new Map<string, string>();
  for (const [name, text] of given.values) values.set(name, await read(text, name));
  return { kind: "name", values };
}

async function contentOf(
  argument: string,
  path: string,
  formats: ReadonlySet<string>,
): Promise<string> {
  let bytes: Buffer;
  try {
    if ((await stat(path)).size > MAX_BYTES) throw largeArgumentFile(path);
    bytes = await readFile(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (typeof code !== "string" || !/^E[A-Z]+$/.test(code)) throw error;
    throw argumentFileNotRead(argument, path, code);
  }
  const base64 = bytes.toString("base64");
  if (formats.has("base64")) return JSON.stringify(base64);
  if (formats.has("base64url")) {
    // Pydantic requires the padding, which Node's own "base64url" lacks.
    return JSON.stringify(base64.replaceAll("+", "-").replaceAll("/", "_"));
  }
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: false }).decode(bytes);
  } catch {
    throw argumentFileNotText(argument, path);
  }
}

/** The formats of a schema and of its alternatives, such as `Base64Bytes | None`. */
function formatsOf(schema: unknown): ReadonlySet<string> {
  const found = new Set<string>();
  const visit = (part: unknown) => {
    if (typeof part !== "object" || part === null) return;
    const { format, contentEncoding, anyOf, oneOf } = part as Record<string, unknown>;
    for (const name of [format, contentEncoding]) if (typeof name === "string") found.add(name);
    for (const list of [anyOf, oneOf]) if (Array.isArray(list)) list.forEach(visit);
  };
  visit(schema);
  return found;
}
