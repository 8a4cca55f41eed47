import * as fs from "node:fs";
import { join } from "node:path";
import { isJsonObject } from "../contract/mod.ts";
import { parseJson } from "../json/mod.ts";
import { TYPES_PACKAGE } from "./package_name.ts";
import { readText } from "./client_project.ts";
import { isOfBackend, ORIGIN_FILE, type TypesPlace } from "./origin.ts";
import { selectStaleFiles } from "./stale_output.ts";
import { resolveTarget } from "./deliver.ts";
import { ToolError } from "../errors.ts";
import type { Target } from "./targets.ts";

const SKIPPED = /^(\..*|node_modules|dist|build|coverage)$/;
const MAX_DEPTH = 4;
const MAX_FOLDERS = 200;

/**
 * Finds generated types of the same backend in the clients of targets, which earlier targets named: in the packages of
 * `node_modules/@pyrpc`, and in files with a recorded origin.
 *
 * @param current absolute paths of the types that the targets name now
 */
export function findFormerOutputs(
  targets: readonly Target[],
  current: readonly string[],
): string[] {
  const found = targets.flatMap((target) => {
    const { origin, start } = target;
    if (origin?.project === undefined) return [];
    const places = [...defaultPlace(target), ...packagesIn(start), ...filesBelow(start)];
    return places.filter((place) => isOfBackend(place, origin)).map(({ types }) => types);
  });
  return selectStaleFiles(new Set(found), current);
}

// A workspace may have it in another folder.
function defaultPlace(target: Target): TypesPlace[] {
  try {
    return [resolveTarget({ ...target, out: undefined, packageName: undefined })];
  } catch (error) {
    if (error instanceof ToolError) return [];
    throw error;
  }
}

function packagesIn(client: string): TypesPlace[] {
  const [scope = ""] = TYPES_PACKAGE.split("/");
  const folder = join(client, "node_modules", scope);
  return entriesOf(folder).filter((entry) => entry.isDirectory())
    .map(({ name }) => ({ layout: "package", types: join(folder, name, "src", "index.ts") }));
}

function filesBelow(client: string): TypesPlace[] {
  const places: TypesPlace[] = [];
  let folders = [client];
  let visited = 0;
  for (let depth = 0; depth <= MAX_DEPTH; depth++) {
    const next: string[] = [];
    for (const folder of folders) {
      if (++visited > MAX_FOLDERS) return places;
      for (const entry of entriesOf(folder)) {
        if (entry.name === ORIGIN_FILE) places.push(...recordedIn(folder));
        else if (entry.isDirectory() && !SKIPPED.test(entry.name)) {
          next.push(join(folder, entry.name));
        }
      }
    }
    folders = next;
  }
  return places;
}

function recordedIn(folder: string): TypesPlace[] {
  try {
    const record = parseJson(readText(join(folder, ORIGIN_FILE)));
    if (!isJsonObject(record)) return [];
    // The names come from a file: nothing outside its folder is meant.
    return Object.keys(record).filter((name) => !/[/\\]/.test(name))
      .map((name) => ({ layout: "file", types: join(folder, name) }));
  } catch {
    return [];
  }
}

function entriesOf(folder: string): fs.Dirent[] {
  try {
    return fs.readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}
