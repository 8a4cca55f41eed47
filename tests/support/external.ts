import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import process from "node:process";

/** Something from outside the project that a test needs: absent, its tests are skipped, and with `CI` set they fail. */
export interface External {
  /** For `test(name, { skip }, …)`: the reason, or `false` where the test has to run. */
  readonly skip: string | false;
  /** The absolute path of the executable; throws the reason where it is absent, so that the test fails. */
  readonly path: string;
}

const NAMES: Readonly<Record<string, readonly string[]>> = {
  chromium: ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"],
};

/**
 * Looks a program up on the path.
 *
 * @example
 * ```ts
 * import { requireTool } from "./external.ts";
 *
 * const tmux = requireTool("tmux");
 * // test("dev console redraws", { skip: tmux.skip }, async () => { run(tmux.path) });
 * ```
 */
export function requireTool(name: string): External {
  const found = (NAMES[name] ?? [name]).map(findOnPath).find((path) => path !== undefined);
  const reason = `"${name}" is not installed`;
  return {
    skip: found === undefined && !process.env["CI"] ? reason : false,
    get path() {
      if (found === undefined) throw new Error(reason);
      return found;
    },
  };
}

/**
 * For `test(name, { skip: await skipUnlessInstalled(…) }, …)`: the reason if a download fails, for example without a network.
 * With `CI` it is false, and the test fails where it uses what is missing.
 */
export async function skipUnlessInstalled(
  what: string,
  install: () => Promise<unknown>,
): Promise<string | false> {
  if (process.env["CI"]) return false;
  try {
    await install();
    return false;
  } catch (error) {
    const [reason] = String(error instanceof Error ? error.message : error).split("\n");
    return `${what} cannot be installed: ${reason}`;
  }
}

/** The first executable file of that name on the path. */
export function findOnPath(name: string): string | undefined {
  const endings = process.platform === "win32" ? [".exe", ".cmd", ""] : [""];
  for (const folder of (process.env["PATH"] ?? "").split(delimiter).filter(Boolean)) {
    for (const ending of endings) {
      const path = join(folder, name + ending);
      try {
        accessSync(path, constants.X_OK);
        return path;
      } catch {
        // Not in this folder.
      }
    }
  }
  return undefined;
}
