/**
 * The pinned Bun, from npm, kept under `.cache/`: `deno task test:bun`, or `deno run -A scripts/bun.ts ARGS…`.
 *
 * @module
 */

import { existsSync } from "node:fs";
import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { CACHE, run } from "./project.ts";

/** The version that compiles the executables. */
export const BUN_VERSION = "1.4.5";

/** Returns the path of the pinned Bun; installs it on first use (needs npm). */
export async function bunPath(): Promise<string> {
  const name = process.platform === "win32" ? "bun.exe" : "bun";
  const found = await run(name, ["--version"]).catch(() => undefined);
  if (found?.stdout.trim() === BUN_VERSION) return name;
  const folder = join(CACHE, `bun-${BUN_VERSION}`);
  // The package names its binary "bun.exe" on every system.
  const binary = join(folder, "node_modules", "bun", "bin", "bun.exe");
  if (existsSync(binary)) return binary;
  // Installs beside it and renames: an interrupted or concurrent installation leaves no incomplete files.
  const partial = `${folder}.${process.pid}`;
  await mkdir(partial, { recursive: true });
  await writeFile(join(partial, "package.json"), "{}");
  const npm = process.platform === "win32" ? "npm.cmd" : "npm";
  const args = ["install", "--no-audit", "--no-fund", "--silent", `bun@${BUN_VERSION}`];
  const installed = await run(npm, args, { cwd: partial });
  if (installed.code !== 0) {
    await rm(partial, { recursive: true, force: true });
    throw new Error(`Cannot install Bun ${BUN_VERSION} with npm:\n${installed.stderr}`);
  }
  await rename(partial, folder).catch(() => rm(partial, { recursive: true, force: true }));
  return binary;
}

if (import.meta.main) {
  const { code } = await run(await bunPath(), process.argv.slice(2), { show: true });
  process.exitCode = code;
}
