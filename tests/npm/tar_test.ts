import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { readTar } from "../../lib/npm/tar.ts";
import { tempFolder } from "../support/temp_folder.ts";

test("readTar() reads the files of an archive, whatever their names and sizes", async () => {
  const long = `${"folder/".repeat(14)}${"n".repeat(90)}.ts`;
  const files = {
    "package/a.json": "{}",
    "package/empty": "",
    [`package/${long}`]: "é".repeat(600),
  };
  await using folder = await tempFolder(files);
  const args = ["-cf", "-", "--format", "ustar", "-C", folder.path, "package"];
  const { stdout, status, stderr } = spawnSync("tar", args);
  assert.equal(status, 0, String(stderr));
  assert.deepEqual(Object.fromEntries(readTar(stdout)), files);
});
