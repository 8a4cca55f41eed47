import { constants } from "node:fs";
import { access, lstat, stat } from "node:fs/promises";
import { platform } from "node:os";
import { delimiter, join } from "node:path";

const IS_WINDOWS = platform() === "win32";
const ENDINGS = IS_WINDOWS ? [".exe", ".bat", ".cmd"] : [""];

/** Finds the programs of a name on PATH, in its order. */
export async function* programsOnPath(
  name: string,
  env: Readonly<Record<string, string | undefined>>,
): AsyncGenerator<string, undefined> {
  const path = env["PATH"] ?? env["Path"] ?? "";
  const endings = IS_WINDOWS && /\.(exe|com|bat|cmd)$/i.test(name) ? [""] : ENDINGS;
  for (const folder of path.split(delimiter)) {
    if (folder === "") continue;
    for (const ending of endings) {
      const program = join(folder, name + ending);
      if (await isProgram(program)) yield program;
    }
  }
  return undefined;
}

/** Dependencies of {@link isProgram}; tests replace them. */
export interface ProgramDependencies {
  readonly isWindows: boolean;
  readonly stat: (path: string) => Promise<Kind>;
  readonly lstat: (path: string) => Promise<Kind>;
}

interface Kind {
  isFile(): boolean;
  isDirectory(): boolean;
}

/** Reports whether a path is a file that may be executed. */
export async function isProgram(
  path: string,
  { isWindows, stat: status, lstat: linkStatus }: ProgramDependencies = {
    isWindows: IS_WINDOWS,
    stat,
    lstat,
  },
): Promise<boolean> {
  if (!isWindows) {
    const isFile = await status(path).then((info) => info.isFile(), () => false);
    return isFile && await access(path, constants.X_OK).then(() => true, () => false);
  }
  // An alias of the Microsoft Store (`WindowsApps\\python.exe`) can be started, but its target cannot be read.
  return await status(path).catch(() => linkStatus(path))
    .then((info) => !info.isDirectory(), () => false);
}
