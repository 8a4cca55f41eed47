import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { initCommand } from "../../commands/init/command.ts";
import { JOINED_ROUTES } from "../../lib/django_urls.ts";
import { type ExampleName, loadFiles, RUN_COMMANDS } from "../../lib/example_projects/mod.ts";
import { VERSION } from "../../lib/version.ts";

const EXAMPLES = fileURLToPath(new URL("../../examples", import.meta.url));
const NAMES = Object.keys(RUN_COMMANDS) as ExampleName[];
/** Folders of installations and builds. */
const MADE = ["node_modules", ".venv", "__pycache__", "dist"];

async function filesIn(folder: string): Promise<Record<string, string>> {
  const files: Record<string, string> = {};
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const path = relative(folder, join(entry.parentPath, entry.name)).split(sep);
    if (!entry.isFile() || path.some((part) => MADE.includes(part))) continue;
    files[path.join("/")] = await readFile(join(folder, ...path), "utf8");
  }
  return files;
}

test("the examples are the folders of examples/, and --example accepts their names", async () => {
  const folders = (await readdir(EXAMPLES, { withFileTypes: true }))
    .filter((entry) => entry.isDirectory()).map(({ name }) => name);
  assert.deepEqual([...NAMES].sort(), folders.sort());
  assert.deepEqual(initCommand.help.flags?.["example"]?.completions, NAMES);
});

for (const name of NAMES) {
  test(`the embedded files of ${name} are those of its folder`, async () => {
    assert.deepEqual({ ...await loadFiles(name) }, await filesIn(join(EXAMPLES, name)));
  });

  test(`${name} has a short README, which shows the commands that init prints`, async () => {
    const { "README.md": readme = "" } = await loadFiles(name);
    assert.ok(readme.split("\n").length <= 41);
    for (const command of RUN_COMMANDS[name].flat()) {
      assert.ok(readme.includes(command) || sep === "\\", command);
    }
  });

  test(`${name} depends on this version of the packages`, async () => {
    const files = Object.entries(await loadFiles(name));
    const manifests = files.filter(([path]) => path.endsWith("package.json"));
    const found = manifests.flatMap(([, text]) => {
      const { dependencies = {}, devDependencies = {} } = JSON.parse(text);
      return Object.entries({ ...dependencies, ...devDependencies });
    }).filter(([dependency]) => dependency.startsWith("@pyrpc/"));
    assert.notEqual(found.length, 0);
    for (const [dependency, range] of found) assert.equal(range, `^${VERSION}`, dependency);
  });
}

test("urls.py of django-vue has the lines that join the routes of the adapter", async () => {
  const { "backend/mysite/urls.py": text = "" } = await loadFiles("django-vue");
  assert.ok(text.endsWith(`\n${JOINED_ROUTES.join("\n")}\n`));
});
