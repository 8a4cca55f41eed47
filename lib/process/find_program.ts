import { constants } from "node:fs";
import { access, stat } from "node:fs/promises";
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

/** Reports whether a path is a file that may be executed. */
export async function isProgram(path: string): Promise<boolean> {
  const isFile = await stat(path).then((info) => info.isFile(), () => false);
  if (!isFile) return false;
  return IS_WINDOWS || await access(path, constants.X_OK).then(() => true, () => false);
}
