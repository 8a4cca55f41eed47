import { mkdtemp, readdir, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { runProgram } from "../process/mod.ts";
import { removeQuietly } from "../remove_quietly.ts";
import { npmFailed } from "./errors.ts";
import { readTar } from "./tar.ts";

/** A package that is published in a registry. */
export interface PublishedPackage {
  readonly version: string | undefined;
  /** The text of each file, by its path in the package. */
  readonly files: ReadonlyMap<string, string>;
}

const NOT_FOUND = /E404|ETARGET|404 Not Found|No matching version/;

/**
 * Fetches the latest version of a package. npm does it, so that its registry and tokens apply.
 *
 * @param folder the folder whose npm configuration applies
 * @returns undefined if the package is not published
 * @throws ToolError `NPM_FAILED`
 */
export async function fetchPublishedPackage(
  name: string,
  folder: string,
): Promise<PublishedPackage | undefined> {
  const temporary = await mkdtemp(join(tmpdir(), "pyrpc-published-"));
  try {
    const npm = (...args: string[]) => runProgram("npm", args, { cwd: folder, limitMs: 60_000 });
    const options = ["--pack-destination", temporary, "--ignore-scripts", "--silent"];
    const packed = await npm("pack", `${name}@latest`, ...options);
    if (packed.code !== 0) {
      if (NOT_FOUND.test(packed.stderr)) return undefined;
      // With --silent npm prints no reason: ask again for it.
      const asked = await npm("view", `${name}@latest`, "version");
      if (NOT_FOUND.test(asked.stderr)) return undefined;
      throw npmFailed(name, asked.isMissing ? "npm is not installed" : asked.stderr);
    }
    const [archive] = (await readdir(temporary)).filter((file) => file.endsWith(".tgz"));
    if (archive === undefined) throw npmFailed(name, "npm pack wrote nothing");
    const members = readTar(gunzipSync(await readFile(join(temporary, archive))));
    const files = new Map(
      [...members].map(([path, text]) => [path.replace(/^package\//, ""), text]),
    );
    const { version } = JSON.parse(files.get("package.json") ?? "{}") as { version?: string };
    return { version, files };
  } finally {
    removeQuietly(temporary);
  }
}
