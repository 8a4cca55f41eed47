import { readFile, rename, writeFile } from "node:fs/promises";
import { registryStateUnusable } from "../errors.ts";
import type { RegistryEntry, ServiceEntries } from "./entries.ts";

const MAX_NAME_LENGTH = 255;

/**
 * The registrations that a state file holds; none when there is no file yet, or an empty one.
 *
 * @throws ToolError `REGISTRY_STATE` for a file that is something else: it would be written over.
 */
export async function readState(path: string): Promise<readonly RegistryEntry[]> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw registryStateUnusable(path, "it cannot be read", error);
  }
  if (text.trim() === "") return [];
  const list = servicesIn(text);
  if (!Array.isArray(list)) throw registryStateUnusable(path, "it holds no registrations");
  return list.filter(isEntry);
}

function servicesIn(text: string): unknown {
  try {
    const document: unknown = JSON.parse(text);
    return typeof document === "object" && document !== null
      ? Reflect.get(document, "services")
      : undefined;
  } catch {
    return undefined;
  }
}

function isEntry(value: unknown): value is RegistryEntry {
  if (typeof value !== "object" || value === null) return false;
  const { name, host, port, time } = value as Partial<Record<string, unknown>>;
  return typeof name === "string" && name !== "" && name.length <= MAX_NAME_LENGTH &&
    typeof host === "string" && Number.isInteger(port) && typeof time === "number";
}

/**
 * Writes every registration, by a neighbour that is renamed: a crash leaves the old file or the new one.
 *
 * @throws ToolError `REGISTRY_STATE`
 */
export async function writeState(path: string, entries: ServiceEntries): Promise<void> {
  const temporary = `${path}.tmp`;
  try {
    await writeFile(temporary, `${JSON.stringify({ services: entries.entries() })}\n`);
    await rename(temporary, path);
  } catch (error) {
    throw registryStateUnusable(path, "it cannot be written", error);
  }
}
