import { basename, dirname } from "node:path";
import { localImports } from "../process/mod.ts";
import { followFiles, type Following } from "./follow_files.ts";

/**
 * Follows a TypeScript or JavaScript module, its relative imports, and the modules beside it, because a missing import
 * may be created later.
 */
export async function followModule(
  path: string,
  changed: () => Promise<void>,
  failed: (error: unknown) => void,
): Promise<Following> {
  const folder = dirname(path);
  const imported = new Set(await localImports(path));
  return await followFiles([folder, ...imported], changed, failed, {
    depth: 1,
    ignored: (file, status) =>
      file !== folder && !imported.has(file) &&
      (/^(?:node_modules$|\.)/.test(basename(file)) ||
        (status?.isDirectory() === false && !/\.[cm]?[jt]sx?$/.test(file))),
    more: async () => {
      const added = (await localImports(path)).filter((file) => !imported.has(file));
      for (const file of added) imported.add(file);
      return added;
    },
  });
}
