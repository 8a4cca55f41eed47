import { readFile, writeFile } from "node:fs/promises";
import { removeQuietly } from "../../remove_quietly.ts";
import { renameBusy } from "../../rename_busy.ts";
import { registryStateUnusable } from "../errors.ts";
import type { RegistryEntry, ServiceEntries } from "./entries.ts";

const MAX_NAME_LENGTH = 255;

/**
 * Reads the registrations of a state file; returns an empty list if the file does not exist or is empty.
 *
 * @throws ToolError `REGISTRY_STATE` if the file is not a state file, which would otherwise be overwritten
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
  if (!Array.isArray(list)) throw registryStateUnusable(path, "it contains no registrations");
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
 * Writes all registrations. A crash leaves the old or the new file, because a temporary file is renamed.
 *
 * @throws ToolError `REGISTRY_STATE`
 */
export async function writeState(path: string, entries: ServiceEntries): Promise<void> {
  const temporary = `${path}.${crypto.randomUUID().slice(-12)}.tmp`;
  try {
    await writeFile(temporary, `${JSON.stringify({ services: entries.entries() })}\n`);
    await renameBusy(temporary, path);
  } catch (error) {
    removeQuietly(temporary);
    throw registryStateUnusable(path, "it cannot be written", error);
  }
}
