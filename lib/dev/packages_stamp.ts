import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";

/**
 * The modification times of an environment's package folders: they change when a package is installed or removed.
 * `prefix` is the environment's folder.
 */
export async function packagesStamp(prefix: string | undefined): Promise<string> {
  if (prefix === undefined) return "";
  const lib = join(prefix, "lib");
  const versions = await readdir(lib).catch(() => [] as string[]);
  const folders = [
    ...versions.filter((name) => name.startsWith("python")).map((name) =>
      join(lib, name, "site-packages")
    ),
    join(prefix, "Lib", "site-packages"),
  ];
  const times = await Promise.all(
    folders.map((folder) => stat(folder).then(({ mtimeMs }) => mtimeMs, () => 0)),
  );
  return times.join();
}
