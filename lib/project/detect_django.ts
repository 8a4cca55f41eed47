import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { readStart } from "./read_start.ts";

const VARIABLE = "DJANGO_SETTINGS_MODULE";
// As in pyrpc_worker/django_project.py.
const SETTINGS = new RegExp(
  `${VARIABLE}["']\\s*(?:,|\\]\\s*=)\\s*(?:default\\s*=\\s*)?["']([\\w.]+)["']`,
);
const URLS = /^\s*ROOT_URLCONF\s*(?::[^=\n]+)?=\s*["']([\w.]+)["']/m;
const MODULE = /^[A-Za-z_]\w*(\.[A-Za-z_]\w*)*$/;

/** A Django project that was found in a folder. */
export interface DetectedDjango {
  /** The module of its URLs, or else `manage`. */
  readonly module: string;
  /** True if the folder has a manage.py. */
  readonly hasManage: boolean;
  /** True if the module or its siblings mention pyRPC. */
  readonly hasPyrpc: boolean;
}

/** Finds a Django project by manage.py, `DJANGO_SETTINGS_MODULE`, wsgi.py and asgi.py. No code is run. */
export async function detectDjango(
  folder: string,
  env: Readonly<Record<string, string | undefined>> = {},
): Promise<DetectedDjango | undefined> {
  const settings = await findSettings(folder, env);
  if (settings === undefined) return undefined;
  const [top = ""] = settings.split(".");
  const urls = await findUrls(folder, settings) ?? `${top}.urls`;
  const text = await readStart(join(folder, ...urls.split(".")) + ".py");
  const manage = await readStart(join(folder, "manage.py"));
  if (text === undefined && manage === undefined) return undefined;
  return {
    module: text === undefined ? "manage" : urls,
    hasManage: manage !== undefined,
    hasPyrpc: /\bpyrpc/.test(text ?? "") || await mentionsPyrpc(join(folder, top)),
  };
}

/** Returns the files of a Django project that mount pyRPC and do not join the two routes of its adapter. */
export async function unjoinedMounts(folder: string): Promise<string[]> {
  const found: string[] = [];
  const search = async (path: string, depth: number): Promise<void> => {
    for (const name of await namesIn(join(folder, path))) {
      if (!name.endsWith(".py")) continue;
      const text = await readStart(join(folder, path, name)) ?? "";
      if (/\bmount_django\(/.test(text) && !text.includes("pyrpc-introspection")) {
        found.push(join(path, name));
      }
    }
    if (depth === 0) return;
    for (const name of await packagesIn(join(folder, path))) {
      await search(join(path, name), depth - 1);
    }
  };
  await search("", 2);
  return found;
}

async function findSettings(
  folder: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<string | undefined> {
  const given = env[VARIABLE];
  if (given !== undefined && MODULE.test(given)) return given;
  const packages = await packagesIn(folder);
  const files = ["wsgi.py", "asgi.py"].flatMap((name) => packages.map((each) => join(each, name)));
  for (const file of ["manage.py", ...files]) {
    const found = SETTINGS.exec(await readStart(join(folder, file)) ?? "")?.[1];
    if (found !== undefined && MODULE.test(found)) return found;
  }
  return undefined;
}

// Settings may be a package, whose modules import one another.
async function findUrls(folder: string, settings: string): Promise<string | undefined> {
  const path = join(folder, ...settings.split("."));
  const parent = join(path, "..");
  const siblings = [path, parent].map(async (each) =>
    (await namesIn(each)).filter((name) => name.endsWith(".py")).map((name) => join(each, name))
  );
  for (const file of [`${path}.py`, ...(await Promise.all(siblings)).flat()]) {
    const found = URLS.exec(await readStart(file) ?? "")?.[1];
    if (found !== undefined && MODULE.test(found)) return found;
  }
  return undefined;
}

async function mentionsPyrpc(folder: string): Promise<boolean> {
  for (const name of await namesIn(folder)) {
    if (name.endsWith(".py") && /\bpyrpc/.test(await readStart(join(folder, name)) ?? "")) {
      return true;
    }
  }
  return false;
}

async function packagesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isDirectory() && MODULE.test(entry.name))
    .map((entry) => entry.name).sort();
}

async function namesIn(folder: string): Promise<string[]> {
  return (await readdir(folder).catch((): string[] => [])).sort();
}
