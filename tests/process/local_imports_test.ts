import assert from "node:assert/strict";
import { test } from "node:test";
import { localImports } from "../../lib/process/local_imports.ts";
import { tempFolder } from "../support/temp_folder.ts";

test("localImports() finds relative imports of a file, and of its imports, from any folder", async () => {
  await using folder = await tempFolder({
    "app/mock.ts": `
      import { z } from "zod";
      import { users } from "./lib/users.ts";
      import type { User } from './types';
      import rows from "../data/rows.json" with { type: "json" };
      import "./effects.js";
      export * from "./lib";
      export const later = () => import("./later.mjs");
      import { gone } from "./gone.ts";
    `,
    "app/lib/users.ts": `export { seed } from "./deep/down/seed.ts";`,
    "app/lib/index.ts": `const old = require("../old.cjs");`,
    "app/lib/deep/down/seed.ts": `import "../../users.ts"; // in a circle`,
    "app/types.ts": "",
    "app/effects.ts": "",
    "app/later.mjs": "",
    "app/old.cjs": "",
    "app/beside.ts": "",
    "data/rows.json": `["from './beside.ts'"]`,
  });
  const found = await localImports(folder.at("app", "mock.ts"));
  const names = [
    "app/effects.ts",
    "app/later.mjs",
    "app/lib/deep/down/seed.ts",
    "app/lib/index.ts",
    "app/lib/users.ts",
    "app/mock.ts",
    "app/old.cjs",
    "app/types.ts",
    "data/rows.json",
  ];
  assert.deepEqual([...found].sort(), names.map((name) => folder.at(...name.split("/"))));
});
