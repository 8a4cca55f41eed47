// Runs under Deno only: it reads the project's own files

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { ROOT } from "../../scripts/project.ts";
import { OLDEST_NODE } from "../../lib/version.ts";

const FILES = [
  "README.md",
  "docs/install.md",
  "ARCHITECTURE.md",
  "CHANGELOG.md",
  "install/npm/server.md",
  "scripts/bundle.ts",
];

test("the documents name the oldest Node that the npm packages name", async () => {
  const found = await Promise.all(FILES.map(async (file) => {
    const text = await readFile(join(ROOT, file), "utf8");
    const versions = [...text.matchAll(/Node (?:≥|>=) ?([\d.]*\d)/g)].map(([, version]) => version);
    return [file, [...new Set(versions)]];
  }));
  const short = OLDEST_NODE.replace(/\.0$/, "");
  assert.deepEqual(found, FILES.map((file) => [file, [short]]));
});
