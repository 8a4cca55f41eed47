import { open, realpath, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { removeQuietly } from "../remove_quietly.ts";
import { renameBusy } from "../rename_busy.ts";
import { configNotWritable } from "./errors.ts";

/**
 * Writes a configuration file atomically: writes and flushes a temporary file beside it, then renames it. Symbolic links
 * and the mode of the file are kept.
 *
 * @param modeOf the file whose mode it gets
 * @throws ToolError `CONFIG_NOT_WRITABLE`
 */
export async function writeConfigFile(
  path: string,
  content: string | Uint8Array,
  modeOf: string = path,
): Promise<void> {
  let temporary: string | undefined;
  try {
    const target = await realpath(path).catch(() => path);
    const mode = await stat(modeOf).then((info) => info.mode & 0o777, () => undefined);
    const name = `.${basename(target)}.${crypto.randomUUID().slice(-12)}.tmp`;
    temporary = join(dirname(target), name);
    const handle = await open(temporary, "wx", mode ?? 0o644);
    try {
      await handle.writeFile(content);
      if (mode !== undefined) await handle.chmod(mode);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await renameBusy(temporary, target);
  } catch (error) {
    if (temporary !== undefined) removeQuietly(temporary);
    throw configNotWritable(path, error);
  }
}
