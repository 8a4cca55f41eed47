import fs from "node:fs";
import { open, readdir } from "node:fs/promises";
import { join } from "node:path";

/** The files of a folder and their texts. */
export type FolderTexts = Readonly<Record<string, string>>;

/** Runs a function. Returns the texts of a folder at each time that a file is flushed to the disk. */
export async function recordFlushes(
  folder: string,
  run: () => Promise<unknown> | unknown,
): Promise<FolderTexts[]> {
  const flushes: FolderTexts[] = [];
  const record = () => {
    const names = fs.readdirSync(folder);
    flushes.push(
      Object.fromEntries(names.map((name) => [name, fs.readFileSync(join(folder, name), "utf8")])),
    );
  };
  const handle = await open(join(folder, (await readdir(folder))[0]!));
  const handles = Object.getPrototypeOf(handle) as typeof handle;
  await handle.close();
  const { sync } = handles;
  const { fsyncSync } = fs;
  fs.fsyncSync = (descriptor) => {
    fsyncSync(descriptor);
    record();
  };
  handles.sync = async function () {
    await sync.call(this);
    record();
  };
  try {
    await run();
  } finally {
    fs.fsyncSync = fsyncSync;
    handles.sync = sync;
  }
  return flushes;
}
