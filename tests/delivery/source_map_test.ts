import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { readFile, symlink } from "node:fs/promises";
import { relative } from "node:path";
import { test } from "node:test";
import { generateTypes } from "../../lib/codegen/mod.ts";
import {
  type BackendSources,
  chooseLayout,
  deliver,
  deliverToEach,
  type LayoutRequest,
  planDelivery,
} from "../../lib/delivery/mod.ts";
import { contractOf } from "../support/contracts.ts";
import { type TempFolder, tempFolder } from "../support/temp_folder.ts";

const GENERATED = generateTypes(contractOf({ add: {} }));

async function repository(): Promise<TempFolder> {
  return await tempFolder({
    "repository/.git/HEAD": "",
    "repository/api/main.py": "def add(): ...\n",
    "repository/web/package.json": "{}",
    "outside/main.py": "def add(): ...\n",
    "outside/package.json": "{}",
  });
}

function sourcesOf(folder: TempFolder, file = "repository/api/main.py"): BackendSources {
  return {
    folder: folder.at("repository/api"),
    definitions: { files: [folder.at(file)], procedures: { add: [0, 1, 4, 7] }, models: [] },
  };
}

function write(request: LayoutRequest, sources?: BackendSources) {
  return deliver(planDelivery(chooseLayout(request), GENERATED, { sources }), "write");
}

test("declaration files have a map, which no comparison considers", async () => {
  await using folder = await repository();
  const start = folder.at("repository/web");
  const out = folder.at("repository/web/types.d.ts");
  write({ start, out });
  const without = await readFile(out, "utf8");
  assert.equal(existsSync(`${out}.map`), false);

  assert.equal(write({ start, out }, sourcesOf(folder)).upToDate, true);
  assert.deepEqual(JSON.parse(await readFile(`${out}.map`, "utf8")).sources, ["../api/main.py"]);
  assert.equal(await readFile(out, "utf8"), without);

  // A map of earlier definitions would lead to wrong lines.
  assert.equal(write({ start, out }).upToDate, true);
  assert.equal(existsSync(`${out}.map`), false);
});

test("a package has a declaration file for its map", async () => {
  await using folder = await repository();
  const start = folder.at("repository/web");
  const src = "repository/web/node_modules/@pyrpc/types/src";
  write({ start }, sourcesOf(folder));
  const manifest = async () =>
    JSON.parse(await readFile(folder.at(`${src}/../package.json`), "utf8"));
  assert.equal((await manifest()).types, "./src/index.d.ts");
  assert.deepEqual((await manifest()).files, ["src", "!src/index.d.ts.map"]);
  const { sources } = JSON.parse(await readFile(folder.at(`${src}/index.d.ts.map`), "utf8"));
  assert.deepEqual(sources, ["../../../../../api/main.py"]);
  const checked = deliver(planDelivery(chooseLayout({ start }), GENERATED), "check");
  assert.equal(checked.upToDate, true);

  write({ start });
  assert.equal((await manifest()).types, "./src/index.d.ts");
  assert.equal(existsSync(folder.at(`${src}/index.d.ts`)), true);
  assert.equal(existsSync(folder.at(`${src}/index.d.ts.map`)), false);
});

test("a delivery reports its map, and the files of an earlier one that it removes", async () => {
  await using folder = await repository();
  const start = folder.at("repository/web");
  const src = "repository/web/node_modules/@pyrpc/types/src";
  const reported = (mode: "write" | "dry-run" | "check", sources?: BackendSources) => {
    const planned = planDelivery(chooseLayout({ start }), GENERATED, { sources });
    return deliver(planned, mode).mapFiles.map(({ path, state }) =>
      `${state} ${relative(folder.at(src), path)}`
    );
  };
  const map = folder.at(src, "index.d.ts.map");
  assert.deepEqual(reported("dry-run", sourcesOf(folder)), ["create index.d.ts.map"]);
  assert.equal(existsSync(map), false);
  assert.deepEqual(reported("write", sourcesOf(folder)), ["create index.d.ts.map"]);
  assert.deepEqual(reported("write", sourcesOf(folder)), ["same index.d.ts.map"]);
  assert.deepEqual(reported("check", sourcesOf(folder)), []);
  const removed = ["remove index.d.ts.map"];
  assert.deepEqual(reported("dry-run"), removed);
  assert.equal(existsSync(map), true);
  assert.deepEqual(reported("write"), removed);
  assert.equal(existsSync(map), false);
  assert.deepEqual(reported("write"), []);
});

test("deliveries to layouts without a map list the layouts that can have one", async () => {
  await using folder = await repository();
  const start = folder.at("repository/web");
  const notesOf = (out?: string, sources?: BackendSources) =>
    deliverToEach([{ writer: "dev", start, out }], () => GENERATED, { sources })
      .flatMap(({ notes }) => notes).filter((note) => note.startsWith("Go to definition"));
  assert.equal(notesOf(folder.at("repository/web/types.ts"), sourcesOf(folder)).length, 1);
  assert.deepEqual(notesOf(folder.at("repository/web/types.ts")), []);
  assert.deepEqual(notesOf(folder.at("repository/web/types.d.ts"), sourcesOf(folder)), []);
  assert.deepEqual(notesOf(undefined, sourcesOf(folder)), []);
});

const WITHOUT: readonly (readonly [why: string, out: string, file: string])[] = [
  ["a .ts file", "repository/web/types.ts", "repository/api/main.py"],
  ["types outside the repository", "outside/types.d.ts", "repository/api/main.py"],
  ["source outside the repository", "repository/web/types.d.ts", "outside/main.py"],
  [
    "source of an installed package",
    "repository/web/types.d.ts",
    "repository/api/.venv/lib/site-packages/main.py",
  ],
];

for (const [why, out, file] of WITHOUT) {
  test(`no map: ${why}`, async () => {
    await using folder = await repository();
    write({ start: folder.at("repository/web"), out: folder.at(out) }, sourcesOf(folder, file));
    assert.ok(existsSync(folder.at(out)));
    assert.equal(existsSync(`${folder.at(out)}.map`), false);
  });
}

test("no map: source behind a link that leaves the repository", async () => {
  await using folder = await repository();
  await symlink(folder.at("outside"), folder.at("repository/api/linked"));
  const out = folder.at("repository/web/types.d.ts");
  const sources = sourcesOf(folder, "repository/api/linked/main.py");
  write({ start: folder.at("repository/web"), out }, sources);
  assert.equal(existsSync(`${out}.map`), false);
});
