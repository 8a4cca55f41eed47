import {
  type DetectedEntry,
  type DetectedProject,
  entryFor,
  type Framework,
} from "../project/mod.ts";
import { entryInFolder, severalApplications, severalEntries } from "./errors.ts";

/** Returns the entry to propose, which the user may change. */
export function proposedEntry(
  detected: DetectedProject,
  framework: Framework | undefined,
): string | undefined {
  const found = entryFor(detected, framework);
  return found?.folder === "." ? found.entry : undefined;
}

/**
 * Returns the detected entry if the files leave no choice.
 *
 * @param commandFor returns the command that sets up an entry, for the fix
 * @throws ToolError if it runs in another folder, if several services have one, or if it has several applications
 */
export function onlyEntry(
  detected: DetectedProject,
  framework: Framework | undefined,
  commandFor: (entry: string) => string,
): string | undefined {
  const found = entryFor(detected, framework);
  if (found === undefined) return undefined;
  const { entry, folder, applications } = found;
  const services = servicesOf(detected.entries);
  if (services.length > 1 && services.includes(found)) {
    throw severalEntries(services.map(({ entry, folder }) => ({ entry, folder })), commandFor);
  }
  if (folder !== ".") throw entryInFolder(folder, entry);
  if (applications.length > 0) throw severalApplications(entry, applications, commandFor);
  return entry;
}

// The first entry of each folder that mounts pyRPC. What is below the folder of another one belongs to it.
function servicesOf(entries: readonly DetectedEntry[]): DetectedEntry[] {
  const mounted = entries.filter((each) => each.isMounted);
  const services = new Map<string, DetectedEntry>();
  for (const each of mounted) {
    const isInner = mounted.some(({ home }) => isBelow(each.home, home));
    if (!isInner && !services.has(each.home)) services.set(each.home, each);
  }
  return [...services.values()];
}

function isBelow(folder: string, other: string): boolean {
  return folder !== other && (other === "." || folder.startsWith(`${other}/`));
}
