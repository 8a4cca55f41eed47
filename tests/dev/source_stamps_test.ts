import assert from "node:assert/strict";
import { rm, utimes, writeFile } from "node:fs/promises";
import { test } from "node:test";
import { isSettingsFile } from "../../lib/dev/settings_files.ts";
import { fileDigest, fileStamp, SourceStamps } from "../../lib/dev/source_stamps.ts";
import { tempFolder } from "../support/temp_folder.ts";

test("SourceStamps finds other content, also with the same time and size, and no other write", async () => {
  await using folder = await tempFolder({ "main.py": "a = 1\n" });
  const file = folder.at("main.py");
  const time = new Date("2024-01-01");
  const write = async (text: string) => {
    await writeFile(file, text);
    await utimes(file, time, time);
  };
  await write("a = 1\n");
  const stamps = new SourceStamps(fileStamp, fileDigest);
  await stamps.setFiles([file]);
  await stamps.recordContent();
  assert.equal(await stamps.isChanged(file), false);
  await write("a = 2\n");
  assert.equal(await stamps.isChanged(file), true);
  await write("a = 1\n");
  assert.equal(await stamps.isChanged(file), false);
  const later = new Date("2024-01-02");
  await utimes(file, later, later);
  assert.deepEqual(await stamps.changedFiles(), []);
  await writeFile(file, "a = 3\n");
  assert.deepEqual(await stamps.changedFiles(), [file]);
  await rm(file);
  assert.deepEqual(await stamps.changedFiles(), [file]);
});

test("SourceStamps stores no content that was written after the sources were read", async () => {
  await using folder = await tempFolder({ "main.py": "a = 1\n" });
  const file = folder.at("main.py");
  const stamps = new SourceStamps(fileStamp, fileDigest);
  await stamps.setFiles([file]);
  await stamps.record();
  await writeFile(file, "a = 23\n");
  await stamps.recordContent();
  assert.equal(await stamps.isChanged(file), true);
});

test("SourceStamps ignores a source that is written with the same bytes each time it is read", async () => {
  await using folder = await tempFolder({ "gen.py": "a = 1\n" });
  const file = folder.at("gen.py");
  const stamps = new SourceStamps(fileStamp, fileDigest);
  await stamps.setFiles([file]);
  for (const second of [1, 2, 3]) {
    await stamps.record();
    await writeFile(file, "a = 1\n");
    await utimes(file, second, second);
    await stamps.setFiles([file]);
    await stamps.recordContent();
    assert.equal(await stamps.isChanged(file), false, `read ${second}`);
  }
});

test("SourceStamps reports earlier content that comes back, whether the file was read or its import failed", async () => {
  await using folder = await tempFolder({ "main.py": "a = 1\n" });
  const file = folder.at("main.py");
  const stamps = new SourceStamps(fileStamp, fileDigest);
  for (const isRead of [true, false]) {
    await writeFile(file, "a = 1\n");
    await stamps.isChanged(file);
    await stamps.setFiles([file]);
    await stamps.recordContent();
    // Two writes within a millisecond can have the same time: the size differs.
    await writeFile(file, "a = (((\n");
    assert.equal(await stamps.isChanged(file), true);
    await stamps.record();
    if (isRead) await stamps.setFiles([]);
    else await stamps.addFiles([]);
    await writeFile(file, "a = 1\n");
    assert.equal(await stamps.isChanged(file), true);
  }
  assert.deepEqual(await stamps.changedFiles(), [file]);
});

test("SourceStamps leaves an event of a known source that is empty to the comparison of all", async () => {
  await using folder = await tempFolder({ "main.py": "a = 1\n" });
  const file = folder.at("main.py");
  const stamps = new SourceStamps(fileStamp, fileDigest);
  await stamps.setFiles([file]);
  await stamps.recordContent();
  await writeFile(file, "");
  assert.equal(await stamps.isChanged(file), false);
  assert.deepEqual(await stamps.changedFiles(), [file]);
  await writeFile(folder.at("new.py"), "");
  assert.equal(await stamps.isChanged(folder.at("new.py")), true);
});

test("isSettingsFile() accepts the usual names only", () => {
  const settings = [".env", ".env.local", "dev.env", ".flaskenv", "settings.toml", "config.yaml"];
  const others = ["env", "main.py", "package.json", "settings.py", "environment", "appconfig.json"];
  for (const name of settings) assert.equal(isSettingsFile(`/a/${name}`), true, name);
  for (const name of others) assert.equal(isSettingsFile(`/a/${name}`), false, name);
});
