import assert from "node:assert/strict";
import { mkdir, readdir, symlink } from "node:fs/promises";
import { test } from "node:test";
import { removeQuietly } from "../lib/remove_quietly.ts";
import { tempFolder } from "./support/temp_folder.ts";

const SKIP_LINKS = process.platform === "win32" && "symbolic links need a permission";

test("removeQuietly() removes a file, and a folder with everything in it", async () => {
  await using folder = await tempFolder({ "file": "", "tree/a/b/c": "", "tree/d": "", "kept": "" });
  await mkdir(folder.at("tree", "empty"));
  removeQuietly(folder.at("file"));
  removeQuietly(folder.at("tree"));
  assert.deepEqual(await readdir(folder.path), ["kept"]);
});

test("removeQuietly() removes links and not their targets", { skip: SKIP_LINKS }, async () => {
  await using folder = await tempFolder({ "target/kept": "", "tree/file": "" });
  await symlink(folder.at("target"), folder.at("link"));
  await symlink(folder.at("target"), folder.at("tree", "link"));
  await symlink("nowhere", folder.at("dangling"));
  for (const name of ["link", "tree", "dangling"]) removeQuietly(folder.at(name));
  assert.deepEqual(await readdir(folder.path), ["target"]);
  assert.deepEqual(await readdir(folder.at("target")), ["kept"]);
});

for (
  const [name, path] of [
    ["a missing file", "missing"],
    ["a path below a file", "file/x"],
    ["a path with a NUL", "a\0b"],
    ["a path that is too long", "x".repeat(5000)],
  ] as const
) {
  test(`removeQuietly() does not throw for ${name}`, async () => {
    await using folder = await tempFolder({ "file": "" });
    removeQuietly(`${folder.path}/${path}`);
    assert.deepEqual(await readdir(folder.path), ["file"]);
  });
}
