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
 * @throws ToolError if it runs in another folder, if several services have one, or if it has several applications
 */
export function onlyEntry(
  detected: DetectedProject,
  framework: Framework | undefined,
): string | undefined {
  const found = entryFor(detected, framework);
  if (found === undefined) return undefined;
  const { entry, folder, applications } = found;
  const services = servicesOf(detected.entries);
  if (services.length > 1 && services.includes(found)) {
    throw severalEntries(services.map(({ entry, folder }) => ({ entry, folder })));
  }
  if (folder !== ".") throw entryInFolder(folder, entry);
  if (applications.length > 0) throw severalApplications(entry, applications);
  return entry;
}

// One entry for each folder that has one, unless the searched folder has one itself.
function servicesOf(entries: readonly DetectedEntry[]): DetectedEntry[] {
  const services = new Map<string, DetectedEntry>();
  for (const each of entries) {
    if (!each.isMounted) continue;
    const [top = ""] = each.folder === "." ? each.entry.split(/[./:]/) : [each.folder];
    // The module of Django's URLs is in a package, but its manage.py is here.
    const isHere = each.framework === "django"
      ? !each.entry.includes("/")
      : !each.entry.split(":")[0]?.includes(".");
    const isOwn = each.folder === "." && isHere;
    const service = isOwn ? "." : top;
    if (!services.has(service)) services.set(service, each);
  }
  return services.has(".") ? [] : [...services.values()];
}
