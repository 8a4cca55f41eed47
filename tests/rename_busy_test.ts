import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { isHeldOpen, renameBusy, renameBusySync } from "../lib/rename_busy.ts";
import { tempFolder } from "./support/temp_folder.ts";

const failure = (code: string) => Object.assign(new Error(code), { code });

/** Renames a file that is held open for `failures` attempts. */
async function attempts(system: string, code: string, failures: number) {
  let count = 0;
  let waited = 0;
  const ended = await renameBusy("a", "b", {
    system,
    rename: () => ++count > failures ? Promise.resolve() : Promise.reject(failure(code)),
    pause: (milliseconds) => Promise.resolve(waited += milliseconds),
  }).then(() => "renamed", (error) => error.code);
  return { ended, count, waited };
}

test("renameBusy() renames a file that another program releases within two seconds", async () => {
  for (const code of ["EBUSY", "EPERM", "EACCES"]) {
    assert.deepEqual(await attempts("win32", code, 0), { ended: "renamed", count: 1, waited: 0 });
    assert.deepEqual(await attempts("win32", code, 3), { ended: "renamed", count: 4, waited: 70 });
    const { ended, waited } = await attempts("win32", code, Infinity);
    assert.deepEqual([ended, waited], [code, 2000]);
  }
});

test("renameBusy() retries neither other errors nor on other systems", async () => {
  assert.deepEqual(await attempts("win32", "ENOSPC", 1), { ended: "ENOSPC", count: 1, waited: 0 });
  assert.deepEqual(await attempts("linux", "EBUSY", 1), { ended: "EBUSY", count: 1, waited: 0 });
});

test("renameBusySync() replaces a file", async () => {
  await using folder = await tempFolder({ "new": "new", "old": "old" });
  renameBusySync(folder.at("new"), folder.at("old"));
  assert.equal(await readFile(folder.at("old"), "utf8"), "new");
  assert.throws(() => renameBusySync(folder.at("new"), folder.at("old")), { code: "ENOENT" });
});

test("isHeldOpen() is false for errors without a code", () => {
  assert.equal(isHeldOpen(new Error("x"), "win32"), false);
});
