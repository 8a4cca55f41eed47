import assert from "node:assert/strict";
import { existsSync, statSync } from "node:fs";
import { mkdtemp, readdir, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { generateTypes } from "../../lib/codegen/mod.ts";
import {
  chooseLayout,
  deliver,
  findStaleOutput,
  moveFolder,
  planDelivery,
} from "../../lib/delivery/mod.ts";
import { removeQuietly } from "../../lib/remove_quietly.ts";
import { contractOf } from "../support/contracts.ts";
import { tempFolder } from "../support/temp_folder.ts";

const GENERATED = generateTypes(contractOf({ add: {} }));
const PACKAGE = join("node_modules", "@pyrpc", "types");

test("findStaleOutput() finds the types of a client that is no longer named, and their new folder", async () => {
  await using folder = await tempFolder({ "old/package.json": "{}", "new/package.json": "{}" });
  const [old, now] = [folder.at("old"), folder.at("new")];
  assert.equal(findStaleOutput(old, [now]), undefined, "nothing was delivered");
  deliver(planDelivery(chooseLayout({ start: old }), GENERATED), "write");
  assert.equal(findStaleOutput(old, [old, now]), undefined, "the client is still named");
  assert.deepEqual(findStaleOutput(old, [now]), {
    folder: join(old, PACKAGE),
    moveTo: join(now, PACKAGE),
  });
  assert.deepEqual(findStaleOutput(old, []), { folder: join(old, PACKAGE), moveTo: undefined });
  deliver(planDelivery(chooseLayout({ start: now }), GENERATED), "write");
  assert.deepEqual(findStaleOutput(old, [now]), { folder: join(old, PACKAGE), moveTo: undefined });
});

test("findStaleOutput() skips shared files and those of a package manager", async () => {
  await using folder = await tempFolder({
    "package.json": `{"workspaces":["old","new"]}`,
    "node_modules/x/package.json": "{}",
    "old/package.json": "{}",
    "new/package.json": "{}",
    [`installed/package.json`]: "{}",
    [`installed/${PACKAGE}/src/index.ts`]: "export type Types = Record<string, never>;\n",
  });
  const [old, now] = [folder.at("old"), folder.at("new")];
  deliver(planDelivery(chooseLayout({ start: old }), GENERATED), "write");
  assert.ok(existsSync(folder.at(PACKAGE)), "the package is hoisted");
  assert.equal(findStaleOutput(old, [now]), undefined);
  assert.equal(findStaleOutput(folder.at("installed"), [now]), undefined);
});

const FILES = {
  "from/package.json": "{}",
  "from/src/index.ts": "the types",
};

async function moves(from: string, to: string, rename?: Parameters<typeof moveFolder>[2]) {
  await moveFolder(from, to, rename);
  assert.equal(await readFile(join(to, "src", "index.ts"), "utf8"), "the types");
  assert.equal(await readFile(join(to, "package.json"), "utf8"), "{}");
  assert.ok(!existsSync(from));
  assert.deepEqual((await readdir(join(to, ".."))).filter((name) => name.startsWith(".")), []);
}

test("moveFolder() moves a folder as it is, also where a rename cannot", async () => {
  await using near = await tempFolder(FILES);
  await moves(near.at("from"), near.at("a", "b", "to"));
  await using far = await tempFolder(FILES);
  const refused = () => Promise.reject(Object.assign(new Error("EXDEV"), { code: "EXDEV" }));
  await moves(far.at("from"), far.at("a", "b", "to"), refused);
});

const OTHER = "/dev/shm";

test("moveFolder() moves a folder to another file system", {
  skip: !isOtherFileSystem() && `${OTHER} is not another file system here`,
}, async () => {
  await using folder = await tempFolder(FILES);
  const other = await mkdtemp(join(OTHER, "pyrpc-test-"));
  try {
    await moves(folder.at("from"), join(other, "modules", "to"));
  } finally {
    removeQuietly(other);
  }
});

function isOtherFileSystem(): boolean {
  const shared = statSync(OTHER, { throwIfNoEntry: false });
  const own = statSync(tmpdir());
  return shared !== undefined && shared.dev !== own.dev;
}
