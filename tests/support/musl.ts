/**
 * The system of musl's that its executables need, which Debian lacks: Alpine's loader and the C++ libraries, from wheels.
 *
 * @module
 */

import { existsSync } from "node:fs";
import {
  copyFile,
  mkdir,
  mkdtemp,
  open,
  readFile,
  rename,
  rm,
  symlink,
  writeFile,
} from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { CACHE, ROOT, run } from "../../scripts/project.ts";
import { findPython } from "./python.ts";

/** The root folder of a musl system for a processor, made on first use. */
export async function muslRoot(arch: "x86_64" | "aarch64"): Promise<string> {
  const folder = join(CACHE, `musl-${arch}-alpine-3.23`);
  if (existsSync(folder)) return folder;
  const partial = `${folder}.${process.pid}`;
  const script = join(ROOT, "tests/support/musl_system.py");
  const made = await run(findPython()!, [script, arch, partial]);
  if (made.code !== 0) {
    await rm(partial, { recursive: true, force: true });
    throw new Error(`The musl system for ${arch} could not be laid out:\n${made.stderr}`);
  }
  await rename(partial, folder).catch(() => rm(partial, { recursive: true, force: true }));
  return folder;
}

/** An executable for musl that this machine's kernel starts, on whatever system it is. */
export interface MuslProgram extends AsyncDisposable {
  readonly path: string;
}

const INTERPRETER = "/lib/ld-musl-x86_64.so.1";

/**
 * A copy of an x86_64 executable that asks for the loader of {@link muslRoot} instead of the one in `/lib`; nothing else of it
 * differs. The loader finds the libraries by itself, so that no variable gets to the children, which are the host's.
 */
export async function muslProgram(executable: string): Promise<MuslProgram> {
  const root = await muslRoot("x86_64");
  // Not the system's folder for temporary files: what stands in the executable may not become longer.
  const folder = await mkdtemp("/tmp/m-");
  const path = join(folder, "pyrpc");
  const loader = join(folder, "lib", "l");
  // The loader reads `etc/` beside the folder that it is in.
  for (const name of ["lib", "etc"]) await mkdir(join(folder, name));
  await symlink(join(root, INTERPRETER), loader);
  await writeFile(join(folder, "etc/ld-musl-x86_64.path"), join(root, "usr/lib"));
  await copyFile(executable, path);
  const at = (await readFile(path)).indexOf(`${INTERPRETER}\0`);
  if (at === -1) throw new Error(`${executable} does not ask for ${INTERPRETER}`);
  const file = await open(path, "r+");
  await file.write(loader.padEnd(INTERPRETER.length, "\0"), at);
  await file.close();
  return {
    path,
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}
