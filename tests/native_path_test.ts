import assert from "node:assert/strict";
import { posix, win32 } from "node:path";
import { test } from "node:test";
import { nativePath } from "../lib/native_path.ts";

test("nativePath() writes the separators of the system", () => {
  for (const path of ["C:/app/pyrpc.json", "C:\\app\\pyrpc.json", "C:\\app/pyrpc.json"]) {
    assert.equal(nativePath(path, win32.normalize), "C:\\app\\pyrpc.json");
  }
  assert.equal(nativePath("//server/share/a.py", win32.normalize), "\\\\server\\share\\a.py");
  assert.equal(nativePath("/app/back\\slash.py", posix.normalize), "/app/back\\slash.py");
  assert.equal(nativePath(""), "");
});
