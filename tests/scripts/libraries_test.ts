// Runs under Deno only: it tests a script of developers, who have Deno

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { deno } from "../../scripts/project.ts";
import { noticesText, shippedLibraries } from "../../scripts/release/libraries.ts";
import { tempFolder } from "../support/temp_folder.ts";

test("shippedLibraries() are exactly the packages whose text is in the bundle, each with its licence", async () => {
  await using folder = await tempFolder();
  const { code, stderr } = await deno([
    ...["bundle", "--quiet", "--platform=deno", "--sourcemap=external"],
    `--output=${folder.at("pyrpc.js")}`,
    "main.ts",
  ]);
  assert.equal(code, 0, stderr);
  const { sources } = JSON.parse(await readFile(folder.at("pyrpc.js.map"), "utf8")) as {
    sources: string[];
  };
  const bundled = new Set(
    sources.flatMap((source) => /node_modules\/\.deno\/([^/]+)\//.exec(source)?.[1] ?? []),
  );
  const libraries = await shippedLibraries();
  assert.ok(bundled.size > 5);
  assert.deepEqual(
    libraries.map(({ name, version }) => `${name.replace("/", "+")}@${version}`).sort(),
    // A package that others stand beside has their names behind its own.
    [...bundled].map((name) => name.replace(/_.*$/, "")).sort(),
  );
  const notices = noticesText(libraries);
  for (const { name, version, license, text } of libraries) {
    assert.ok(notices.includes(`${name} ${version} (${license})`));
    assert.match(text, /copyright|licen[cs]e/i, `${name} has the text of its licence`);
  }
});
