import assert from "node:assert/strict";
import { resolve } from "node:path";
import { test } from "node:test";
import { isInside } from "../lib/is_inside.ts";

test("isInside() is true for a folder and what is below it", () => {
  const rows = [
    ["/a/b", "/a/b", true],
    ["/a/b/c", "/a/b", true],
    ["/a/b/..c", "/a/b", true],
    ["/a/bc", "/a/b", false],
    ["/a", "/a/b", false],
    ["/a", "/", true],
    ["/a/b", "/a/b/", true],
  ] as const;
  for (const [path, folder, want] of rows) {
    assert.equal(isInside(resolve(path), resolve(folder)), want, `${path} in ${folder}`);
  }
});
