import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { cp, readdir, readFile, rm } from "node:fs/promises";
import { join, relative } from "node:path";
import { test } from "node:test";
import { moduleText, PLACEHOLDER_TYPES } from "../../lib/codegen/mod.ts";
import { parseContract } from "../../lib/contract/mod.ts";
import { targetsOf, typesOf } from "../../lib/delivery/mod.ts";
import { Deliverer } from "../../lib/dev/deliverer.ts";
import { probeTypes } from "../../lib/doctor/types.ts";
import { loadProject } from "../../lib/project/mod.ts";
import { tempFolder } from "../support/temp_folder.ts";

const procedure = (name: string) => ({
  name,
  parameters: [],
  return_type: "int",
  return_schema: { type: "integer" },
  doc: "",
});
const TYPES = typesOf(parseContract(
  Object.fromEntries(["shop.list", "admin.wipe"].map((name) => [name, procedure(name)])),
  { where: "test" },
));

test("Deliverer writes to each client the procedures and the target that pyrpc.json names for it", async () => {
  await using folder = await tempFolder({
    "web/package.json": "{}",
    "office/package.json": "{}",
    "office/src/x.ts": "",
    "all/package.json": "{}",
    "api/pyrpc.json": JSON.stringify({
      version: 1,
      framework: "fastapi",
      entrypoint: "main",
      distribution: "workspace",
      clients: [
        { root: "../web", exclude: ["admin.*"] },
        { root: "../office", include: ["admin.*"], target: "src/api.ts" },
        { root: "../all", target: "@org/all-types" },
      ],
    }),
  });
  const projectOf = async (flags: object = {}) => {
    const state = await loadProject({ cwd: folder.at("api"), env: {}, overrides: flags });
    assert.equal(state.kind, "ready");
    return state.kind === "ready" ? state.project : assert.fail();
  };
  const namesIn = async (path: string) => {
    const text = await readFile(folder.at(path), "utf8");
    return ["shop", "admin"].filter((name) => text.includes(name));
  };
  const deliverer = new Deliverer();
  const { deliveries } = deliverer.deliver(TYPES, await projectOf());
  assert.deepEqual(deliveries.map(({ state }) => state), ["written", "written", "written"]);
  assert.deepEqual(await namesIn("web/node_modules/@pyrpc/types/src/index.ts"), ["shop"]);
  assert.deepEqual(await namesIn("office/src/api.ts"), ["admin"]);
  assert.deepEqual(await namesIn("all/node_modules/@org/all-types/src/index.ts"), [
    "shop",
    "admin",
  ]);

  const narrowed = deliverer.deliver(TYPES, await projectOf({ exclude: ["admin.*"] }));
  assert.deepEqual(narrowed.deliveries.map(({ state }) => state), ["same", "failed", "written"]);
  assert.equal(narrowed.deliveries[1]?.error?.code, "NO_PROCEDURE_SELECTED");
  assert.deepEqual(await namesIn("all/node_modules/@org/all-types/src/index.ts"), ["shop"]);
});

test("Deliverer lists the files of targets that pyrpc.json no longer names, each once, and deletes none", async () => {
  await using folder = await tempFolder({
    "web/package.json": "{}",
    "web/src/x.ts": "",
    "api/x": "",
  });
  const projectOf = async (target?: string) => {
    await folder.write({
      "api/pyrpc.json": JSON.stringify({
        version: 1,
        framework: "fastapi",
        entrypoint: "main",
        distribution: "workspace",
        clients: [{ root: "../web", ...(target === undefined ? {} : { target }) }],
      }),
    });
    const state = await loadProject({ cwd: folder.at("api"), env: {} });
    return state.kind === "ready" ? state.project : assert.fail();
  };
  const packaged = "web/node_modules/@pyrpc/types/src/index.ts";
  const staleAfter = async (deliverer: Deliverer, target?: string) =>
    deliverer.deliver(TYPES, await projectOf(target)).stale.map((path) =>
      relative(folder.path, path).replaceAll("\\", "/")
    );
  const deliverer = new Deliverer();
  assert.deepEqual(await staleAfter(deliverer), []);
  assert.deepEqual(await staleAfter(deliverer, "src/api.ts"), [packaged]);
  assert.deepEqual(await staleAfter(deliverer, "src/other.ts"), ["web/src/api.ts"]);
  // A later session finds the packages, and the files that record this backend.
  const later = new Deliverer();
  assert.deepEqual(await staleAfter(later, "src/other.ts"), [packaged, "web/src/api.ts"]);
  assert.deepEqual(await staleAfter(later), ["web/src/other.ts"]);
  const scoped = "web/node_modules/@pyrpc/shop-types/src/index.ts";
  await staleAfter(new Deliverer(), "@pyrpc/shop-types");
  assert.deepEqual(
    await staleAfter(new Deliverer(), "src/api.ts"),
    [packaged, scoped, "web/src/other.ts"],
  );
  for (const path of [packaged, scoped, "web/src/api.ts", "web/src/other.ts"]) {
    assert.ok(existsSync(folder.at(path)), path);
  }
  const project = await projectOf("src/api.ts");
  const targets = targetsOf({ project, client: undefined });
  const main = parseContract(
    Object.fromEntries(["shop.list", "admin.wipe"].map((name) => [name, procedure(name)])),
    { where: "test" },
  );
  const diagnoses = await probeTypes(targets, { main, served: new Map() }, folder.path);
  assert.deepEqual(diagnoses.map(({ status, fix }) => [status, ...fix ?? []]), [
    ["ok"],
    ["warning", "rm -r web/node_modules/@pyrpc/types   (if nothing imports them)"],
    ["warning", "rm -r web/node_modules/@pyrpc/shop-types   (if nothing imports them)"],
    ["warning", "rm web/src/other.ts   (if nothing imports them)"],
  ]);
});

test("Deliverer writes to two members of a workspace the types of their backends, and one member those of one backend", async () => {
  await using folder = await tempFolder({
    "package.json": '{ "workspaces": ["packages/*"] }',
    "node_modules/.keep": "",
    "packages/web/package.json": "{}",
    "packages/ui/package.json": "{}",
  });
  const deliver = async (backend: string, client: string, name: string) => {
    await folder.write({
      [`${backend}/pyrpc.json`]: JSON.stringify({
        version: 1,
        framework: "fastapi",
        entrypoint: "main",
        distribution: "workspace",
        client_root: `../packages/${client}`,
      }),
    });
    const state = await loadProject({ cwd: folder.at(backend), env: {} });
    const project = state.kind === "ready" ? state.project : assert.fail();
    const types = typesOf(parseContract({ [name]: procedure(name) }, { where: "test" }));
    const [delivery] = new Deliverer().deliver(types, project).deliveries;
    return [delivery?.state, relative(folder.path, delivery?.path ?? "").replaceAll("\\", "/")];
  };
  const hoisted = "node_modules/@pyrpc/types/src/index.ts";
  assert.deepEqual(await deliver("shop", "web", "a"), ["written", hoisted]);
  assert.deepEqual(await deliver("admin", "ui", "b"), ["written", `packages/ui/${hoisted}`]);
  assert.deepEqual(await deliver("other", "web", "c"), ["failed", hoisted]);
  assert.match(await readFile(folder.at(hoisted), "utf8"), /\ba\b/);
});

test("Deliverer restores the whole package of types, whatever an installation removes or replaces, also in the middle", async () => {
  await using folder = await tempFolder({
    "web/package.json": "{}",
    "api/pyrpc.json": JSON.stringify({
      version: 1,
      framework: "fastapi",
      entrypoint: "main",
      distribution: "workspace",
      client_root: "../web",
    }),
    "placeholder/package.json":
      `{ "name": "@pyrpc/types", "version": "0.1.0", "types": "./src/index.ts" }`,
    "placeholder/src/index.ts": PLACEHOLDER_TYPES,
    "placeholder/src/index.js": moduleText(PLACEHOLDER_TYPES, "esm"),
    "placeholder/src/index.cjs": moduleText(PLACEHOLDER_TYPES, "cjs"),
  });
  const placeholder = folder.at("placeholder");
  const state = await loadProject({ cwd: folder.at("api"), env: {} });
  const project = state.kind === "ready" ? state.project : assert.fail();
  const types = folder.at("web/node_modules/@pyrpc/types");
  const install = (...names: string[]) =>
    cp(placeholder, types, {
      recursive: true,
      filter: (path) =>
        names.length === 0 || path === placeholder ||
        names.some((name) => join(placeholder, name).startsWith(path)),
    });
  const remove = () => rm(types, { recursive: true });
  const rows: Readonly<Record<string, readonly (() => Promise<void>)[]>> = {
    "removed": [remove],
    "replaced": [async () => {
      await remove();
      await install();
    }],
    "src/index.ts replaced": [() => install("src/index.ts")],
    "removed, and restored before the files arrive": [remove, () => install()],
    "replaced, and package.json arrives later": [
      () => install("src/index.ts", "src/index.js"),
      () => install("package.json"),
    ],
  };
  for (const [name, steps] of Object.entries(rows)) {
    const deliverer = new Deliverer();
    deliverer.deliver(TYPES, project);
    assert.equal(await deliverer.isIncomplete(), false, name);
    const wanted = await textsIn(types);
    for (const step of steps) {
      await step();
      assert.equal(await deliverer.isIncomplete(), true, name);
      assert.equal(deliverer.restore(project)[0]?.state, "written", name);
    }
    assert.equal(await deliverer.isIncomplete(), true, name);
    assert.equal(deliverer.restore(project)[0]?.state, "same", name);
    assert.equal(await deliverer.isIncomplete(), false, name);
    const texts = await textsIn(types);
    for (const [path, text] of wanted) assert.equal(texts.get(path), text, `${name}: ${path}`);
  }
});

/** The texts of a folder's files by their path in it. */
async function textsIn(folder: string): Promise<Map<string, string>> {
  const texts = new Map<string, string>();
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    // A restored package keeps the version that npm has recorded for its folder.
    const text = (await readFile(path, "utf8")).replace(/"version": ".*"/, "");
    texts.set(relative(folder, path), text);
  }
  return texts;
}
