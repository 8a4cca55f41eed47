import assert from "node:assert/strict";
import { chmod, readFile, stat } from "node:fs/promises";
import { test } from "node:test";
import { convertProject, readProjectFile, writeConfigFile } from "../../lib/project/mod.ts";
import { recordFlushes } from "../support/flushes.ts";
import { tempFolder } from "../support/temp_folder.ts";

const SKIP_MODES = process.platform === "win32" && "Windows has no such modes";

test("writeConfigFile() flushes a file before it replaces the present one", async () => {
  await using folder = await tempFolder({ "pyrpc.json": "old" });
  const flushes = await recordFlushes(
    folder.path,
    () => writeConfigFile(folder.at("pyrpc.json"), "new"),
  );
  assert.deepEqual(flushes.map((files) => Object.values(files).sort()), [["new", "old"]]);
});

test("writeConfigFile() keeps the mode of a file", { skip: SKIP_MODES }, async () => {
  await using folder = await tempFolder({ "pyrpc.json": "old" });
  for (const mode of [0o600, 0o664]) {
    await chmod(folder.at("pyrpc.json"), mode);
    await writeConfigFile(folder.at("pyrpc.json"), "new");
    assert.equal((await stat(folder.at("pyrpc.json"))).mode & 0o777, mode);
  }
});

test("convertProject() flushes the copy of the old file before it replaces that", async () => {
  const old = '{ "module": "main", "client": "../web" }\r\n';
  await using folder = await tempFolder({ "pyrpc.json": old });
  const file = await readProjectFile(folder.at("pyrpc.json"));
  const flushes = await recordFlushes(
    folder.path,
    () => convertProject(file, { framework: "asgi", entry: "main", distribution: "server" }),
  );
  const [copied, replaced] = flushes.map((files) => Object.values(files).sort());
  assert.deepEqual(copied, [old, old]);
  assert.equal(replaced?.filter((text) => text === old).length, 2);
  assert.equal(await readFile(folder.at("pyrpc.json.0.10"), "utf8"), old);
});
