import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { BUN_VERSION } from "../../../scripts/bun.ts";
import { compile } from "../../../scripts/compile.ts";
import { filesBelow, ROOT } from "../../../scripts/project.ts";
import { TARGETS } from "../../../scripts/release/targets.ts";

/** The executable for Windows (x64) of the present sources, compiled on first use. */
export async function windowsExecutable(): Promise<string> {
  const hash = createHash("sha256").update(BUN_VERSION);
  const folders = ["commands", "lib", "scripts"];
  const files = await Promise.all(folders.map((folder) => filesBelow(folder, "")));
  for (const file of ["main.ts", "deno.lock", ...files.flat()]) {
    hash.update(`${file}\n`).update(await readFile(join(ROOT, file)));
  }
  const folder = join(ROOT, ".cache", "windows", hash.digest("hex").slice(0, 12));
  const path = join(folder, "pyrpc.exe");
  if (existsSync(path)) return path;
  const target = TARGETS.find(({ triple }) => triple === "x86_64-pc-windows-msvc")!;
  const partial = join(folder, `${process.pid}.exe`);
  const { code, stdout, stderr } = await compile("bun", partial, target);
  if (code !== 0) throw new Error(`pyrpc.exe cannot be compiled:\n${stdout}${stderr}`);
  await rename(partial, path);
  await removeOthers(folder);
  return path;
}

// An executable has 130 MB.
async function removeOthers(folder: string): Promise<void> {
  const all = join(folder, "..");
  await mkdir(all, { recursive: true });
  for (const name of await readdir(all)) {
    if (join(all, name) !== folder) await rm(join(all, name), { recursive: true, force: true });
  }
}
