import { readFile, rename, writeFile } from "node:fs/promises";
import type { RegistryEntry, ServiceEntries } from "./entries.ts";

const MAX_NAME_LENGTH = 255;

/** The registrations that a state file holds; none when there is no file yet or it cannot be read. */
export async function readState(path: string): Promise<readonly RegistryEntry[]> {
  let document: unknown;
  try {
    document = JSON.parse(await readFile(path, "utf8"));
  } catch {
    return [];
  }
  const list: unknown = typeof document === "object" && document !== null
    ? Reflect.get(document, "services")
    : [];
  return Array.isArray(list) ? list.filter(isEntry) : [];
}

function isEntry(value: unknown): value is RegistryEntry {
  if (typeof value !== "object" || value === null) return false;
  const { name, host, port, time } = value as Partial<Record<string, unknown>>;
  return typeof name === "string" && name !== "" && name.length <= MAX_NAME_LENGTH &&
    typeof host === "string" && Number.isInteger(port) && typeof time === "number";
}

/** Writes every registration, by a neighbour that is renamed: a crash leaves the old file or the new one. */
export async function writeState(path: string, entries: ServiceEntries): Promise<void> {
  const temporary = `${path}.tmp`;
  await writeFile(temporary, `${JSON.stringify({ services: entries.entries() })}\n`);
  await rename(temporary, path);
}
