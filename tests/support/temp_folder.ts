import { mkdir, mkdtemp, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { removeQuietly } from "../../lib/remove_quietly.ts";

/** A folder of one test, removed when it goes out of scope (`await using`). */
export interface TempFolder extends AsyncDisposable {
  /** Absolute, without symbolic links. */
  readonly path: string;
  /** `join` from this folder. */
  at(...parts: string[]): string;
  /** Writes files, making the folders between. */
  write(files: Readonly<Record<string, string | Uint8Array>>): Promise<void>;
}

/** Makes an empty folder (with `files` in it) in the system's place for temporary ones. */
export async function tempFolder(
  files: Readonly<Record<string, string | Uint8Array>> = {},
): Promise<TempFolder> {
  // `realpath`: on macOS the temporary folder is reached through a link, and messages name the real one.
  const path = await realpath(await mkdtemp(join(tmpdir(), "pyrpc-test-")));
  const folder: TempFolder = {
    path,
    at: (...parts) => join(path, ...parts),
    async write(contents) {
      for (const [name, content] of Object.entries(contents)) {
        await mkdir(dirname(join(path, name)), { recursive: true });
        await writeFile(join(path, name), content);
      }
    },
    async [Symbol.asyncDispose]() {
      await rm(path, { recursive: true, force: true, maxRetries: 3 })
        .catch(() => removeQuietly(path));
    },
  };
  await folder.write(files);
  return folder;
}
