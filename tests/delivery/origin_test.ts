import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { deliverToEach, type Target, typesOf } from "../../lib/delivery/mod.ts";
import { contractOf, documentOf } from "../support/contracts.ts";
import { serveHttp } from "../support/http_server.ts";
import { runCli } from "../support/run_cli.ts";
import { tempFolder } from "../support/temp_folder.ts";

const SHOP = typesOf(contractOf({ list: {}, add: {} }));
const SHOP_LATER = typesOf(contractOf({ list: {}, add: {}, remove: {} }));
const RENAMED = typesOf(contractOf({ find: {} }));
const AUTH = typesOf(contractOf({ login: {}, logout: {} }));

const dev = (project: string, port = 8000) => ({
  project,
  urls: [`http://127.0.0.1:${port}`],
});
const service = (project: string, module: string, ...formerModules: string[]) => ({
  ...dev(project),
  module,
  formerModules,
});
const sync = (url: string) => ({ urls: [url] });

test("deliverToEach() never replaces the types of another backend, and always those of the same", async () => {
  await using folder = await tempFolder({
    "shop/shop.py": "",
    "shop/src/late/__init__.py": "",
    "auth/x": "",
    "copy/x": "",
  });
  const shop = dev(folder.at("shop"));
  // [before, after, replaced?]
  const rows = [
    ["the same folder", [shop, SHOP], [shop, RENAMED], true],
    ["another folder", [shop, SHOP], [dev(folder.at("auth")), AUTH], false],
    ["another service of the folder", [service(folder.at("shop"), "shop"), SHOP], [
      service(folder.at("shop"), "late"),
      AUTH,
    ], false],
    ["a module that was renamed", [service(folder.at("shop"), "gone"), SHOP], [
      service(folder.at("shop"), "auth"),
      AUTH,
    ], true],
    ["an entry that was moved", [service(folder.at("shop"), "shop"), SHOP], [
      service(folder.at("shop"), "app.main"),
      SHOP_LATER,
    ], true],
    ["an entry that was changed in the session", [service(folder.at("shop"), "shop"), SHOP], [
      service(folder.at("shop"), "auth", "shop"),
      AUTH,
    ], true],
    ["another folder at the same port", [shop, SHOP], [dev(folder.at("auth")), SHOP_LATER], false],
    ["a copy of the same backend", [shop, SHOP], [dev(folder.at("copy")), SHOP], true],
    ["a folder that was renamed", [dev(folder.at("gone")), SHOP], [shop, AUTH], true],
    ["sync from the server of dev", [shop, SHOP], [sync("http://localhost:8000/rpc"), AUTH], true],
    ["sync from its deployment", [shop, SHOP], [sync("https://shop.example"), SHOP_LATER], true],
    ["sync from another backend", [shop, SHOP], [sync("https://auth.example"), AUTH], false],
    ["dev of what was synced", [sync("http://0.0.0.0:8000"), SHOP], [shop, AUTH], true],
    ["dev of another", [sync("https://auth.example"), AUTH], [shop, SHOP], false],
    ["another server", [sync("http://a.example"), SHOP], [sync("http://b.example"), AUTH], false],
    ["a URL with a password", [sync("http://u:p@a.example/"), SHOP], [
      sync("http://a.example"),
      AUTH,
    ], true],
  ] as const;
  for (const layout of ["package", "alias", "file"] as const) {
    for (const [name, [origin, types], [laterOrigin, laterTypes], isReplaced] of rows) {
      if (layout !== "package" && !("project" in origin)) continue;
      await using web = await tempFolder({ "package.json": "{}", "tsconfig.json": "{}" });
      const place: Target = layout === "file"
        ? { writer: "dev", start: web.path, isClient: true, out: web.at("src/api.ts") }
        : { writer: "dev", start: web.path, isClient: true, layout };
      const deliver = (target: Target, what: typeof SHOP, force = false) =>
        deliverToEach([target], what, { force })[0];
      assert.equal(deliver({ ...place, origin }, types)?.state, "written", name);
      const later = { ...place, origin: laterOrigin };
      const first = deliver(later, laterTypes);
      assert.equal(first?.error?.code, isReplaced ? undefined : "TYPES_OF_OTHER_BACKEND", name);
      const path = first?.path ?? assert.fail(name);
      // The text contains the types only, whichever backend they come from.
      assert.equal(await readFile(path, "utf8"), (isReplaced ? laterTypes : types)(undefined).text);
      if (isReplaced) continue;
      assert.equal(deliver(later, laterTypes, true)?.state, "written", name);
      assert.equal(deliver({ ...place, origin }, types)?.state, "failed", name);
    }
  }
});

test("members of a workspace with different backends do not share the types; those with the same do", async () => {
  const member = (name: string) => JSON.stringify({ name });
  await using folder = await tempFolder({
    "package.json": JSON.stringify({ workspaces: ["apps/*"] }),
    "node_modules/.keep": "",
    "apps/x/package.json": member("x"),
    "apps/y/package.json": member("y"),
    "apps/z/package.json": member("z"),
    "shop/x": "",
    "auth/x": "",
  });
  const deliver = (app: string, backend: string, types: typeof SHOP) =>
    deliverToEach([{
      writer: "dev",
      start: folder.at(`apps/${app}`),
      isClient: true,
      origin: dev(folder.at(backend)),
    }], types)[0]?.path;
  const types = (root: string) => folder.at(root, "node_modules/@pyrpc/types/src/index.ts");
  for (const _ of [1, 2]) {
    assert.equal(deliver("x", "shop", SHOP), types("."));
    assert.equal(deliver("y", "auth", AUTH), types("apps/y"));
    assert.equal(deliver("z", "shop", SHOP), types("."));
  }
  assert.equal(await readFile(types("."), "utf8"), SHOP(undefined).text);
  assert.equal(await readFile(types("apps/y"), "utf8"), AUTH(undefined).text);
});

test("pyrpc sync refuses the types of another server without --force, and publishes no origin", async () => {
  const serve = (procedures: Parameters<typeof documentOf>[0]) =>
    serveHttp((_, response) => response.end(JSON.stringify(documentOf(procedures))));
  await using a = await serve({ list: {}, add: {} });
  await using b = await serve({ login: {} });
  await using folder = await tempFolder({ "package.json": "{}" });
  const sync = (url: string, ...args: string[]) =>
    runCli(["sync", "--server-url", url, ...args], { cwd: folder.path });
  const manifest = () => readFile(folder.at("node_modules/@pyrpc/types/package.json"), "utf8");
  assert.equal((await sync(a.url)).code, 0);
  assert.match(await manifest(), /localhost/);
  const refused = await sync(b.url);
  assert.equal(refused.code, 3);
  assert.match(refused.stderr, /another backend: http:\/\/localhost:\d+/);
  assert.equal((await sync(b.url, "--force")).code, 0);
  assert.equal((await sync(b.url, "--check")).code, 0);
  assert.equal((await sync(b.url, "--package-version", "1.0.0")).code, 0);
  assert.doesNotMatch(await manifest(), /localhost|"pyrpc"/);
});
