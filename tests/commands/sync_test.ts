import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { readdir, readFile, rename, rm, stat, symlink, utimes, writeFile } from "node:fs/promises";
import type { ServerResponse } from "node:http";
import process from "node:process";
import { test } from "node:test";
import { serveHttp, type TestServer } from "../support/http_server.ts";
import { makeCertificates, opensslSkip } from "../support/certificates.ts";
import { documentOf } from "../support/contracts.ts";
import { freePort } from "../support/free_port.ts";
import { waitUntil } from "../support/wait_until.ts";
import { runCli } from "../support/run_cli.ts";
import { type TempFolder, tempFolder } from "../support/temp_folder.ts";
import { KEY, typeKeys } from "../support/type_keys.ts";

const SOURCES = ["index.cjs", "index.d.cts", "index.d.ts", "index.js", "index.ts"];
const PACKAGE_FILES = ["package.json", ...SOURCES.map((name) => `src/${name}`)]
  .map((name) => `node_modules/@pyrpc/types/${name}`);
const TYPES = "node_modules/@pyrpc/types/src/index.ts";
const INTEGER = { type: "integer" };
const ADD = { parameters: [{ name: "a" }, { name: "b" }], result: INTEGER };
const ONE = JSON.stringify(documentOf({ add: ADD }));
const TWO = JSON.stringify(documentOf({
  add: { parameters: [{ name: "a" }], result: INTEGER },
  greet: { parameters: [{ name: "name", schema: { type: "string" } }], result: { type: "string" } },
}));

type Answer = (response: ServerResponse) => void;

const json = (text: string): Answer => (response) =>
  void response.writeHead(200, { "content-type": "application/json" }).end(text);

/** A server whose answer the test changes. */
async function contractServer(first: Answer = json(ONE)): Promise<TestServer & { answer: Answer }> {
  const state = { answer: first };
  const server = await serveHttp((_, response) => state.answer(response));
  return Object.defineProperty(server as TestServer & { answer: Answer }, "answer", {
    get: () => state.answer,
    set: (answer: Answer) => void (state.answer = answer),
  });
}

const CLIENT = (url: string, more: object = {}) => ({
  "package.json": "{}\n",
  "pyrpc-client.json": JSON.stringify({ distribution: "server", server_url: url, ...more }),
});

const read = (folder: TempFolder, path: string) => readFile(folder.at(path), "utf8");

test("sync reads pyrpc-client.json upwards, writes a whole package and reports it on stderr", async () => {
  await using server = await contractServer();
  await using folder = await tempFolder({ ...CLIENT(`${server.url}/`), "src/deep/x": "" });
  const result = await runCli(["sync"], { cwd: folder.at("src/deep") });
  assert.equal(result.code, 0, result.block);
  assert.equal(result.stdout, "");
  assert.match(result.stderr, /✓ Types synced: 1 procedure\n/);
  assert.ok(result.stderr.includes(`Import: import type { Types } from "@pyrpc/types"\n`));
  const lines = result.stderr.trimEnd().split("\n");
  assert.match(
    lines.at(-1) ?? "",
    /^ {2}http:\/\/127\.0\.0\.1:\d+\/rpc → .*index\.ts {2}\+1 ~0 -0 procedures, \d+ ms$/,
  );
  assert.match(result.stderr, /Layout: package \(the nearest package\.json\)/);
  assert.match(result.stderr, /the next `npm install` will remove @pyrpc\/types.*--save-script/);
  assert.match(await read(folder, TYPES), /add/);
  assert.equal(server.requests[0]?.url, "/rpc");

  // Nothing to do: no file is written, and no message is repeated.
  for (const name of [TYPES, "node_modules/@pyrpc/types/package.json"]) {
    await utimes(folder.at(name), 1000, 1000);
  }
  const again = await runCli(["sync"], { cwd: folder.path });
  assert.match(again.stderr, /nothing changed, \d+ ms\n$/);
  assert.doesNotMatch(again.stderr, /removes/);
  for (const name of [TYPES, "node_modules/@pyrpc/types/package.json"]) {
    assert.equal((await stat(folder.at(name))).mtimeMs, 1_000_000);
  }
});

test("sync --check writes nothing, lists differences and exits 1; --dry-run exits 0", async () => {
  await using server = await contractServer();
  await using folder = await tempFolder(CLIENT(server.url));
  const missing = await runCli(["sync", "--check"], { cwd: folder.path });
  assert.equal(missing.code, 1);
  assert.match(missing.stderr, /\+ procedure add/);
  assert.match(missing.stderr, /index\.ts is missing/);
  assert.deepEqual(missing.files, {});
  const dry = await runCli(["sync", "--dry-run"], { cwd: folder.path });
  assert.equal(dry.code, 0);
  assert.match(dry.stderr, /create .*index\.ts \(\d+ bytes\)/);
  assert.match(dry.stderr, /nothing written \(--dry-run\)/);
  assert.deepEqual(dry.files, {});

  await runCli(["sync"], { cwd: folder.path });
  assert.equal((await runCli(["sync", "--check"], { cwd: folder.path })).code, 0);
  server.answer = json(TWO);
  const stale = await runCli(["sync", "--check"], { cwd: folder.path });
  assert.equal(stale.code, 1);
  assert.match(stale.stderr, / {2}\+ procedure greet\n/);
  assert.ok(
    stale.stderr.includes(`  ~ procedure add
      - add: { (...args: [a: number, b: number] | [params: { a: number; b: number }]): Promise<number> };
      + add: { (...args: [a: number] | [params: { a: number }]): Promise<number> };
`),
    stale.stderr,
  );
  assert.match(stale.stderr, /✗ not up to date/);
  assert.deepEqual(stale.files, {});
});

test("sync and codegen warn if none of several previous procedures is left", async () => {
  const warning =
    /warning: none of the previous procedures is left: is http:.* the right backend\?/;
  await using server = await contractServer(json(TWO));
  await using folder = await tempFolder(CLIENT(server.url));
  for (const args of [["sync"], ["codegen", server.url, "-o", "api.ts"]]) {
    server.answer = json(TWO);
    const run = (...more: string[]) => runCli([...args, ...more], { cwd: folder.path });
    await run();
    server.answer = json(ONE);
    assert.doesNotMatch((await run("--dry-run")).stderr, /warning/);
    server.answer = json(JSON.stringify(documentOf({ sub: ADD })));
    assert.match((await run("--check")).stderr, warning);
    const written = await run();
    assert.equal(written.code, 0, written.block);
    assert.match(written.stderr, warning);
    // A single procedure may have been renamed.
    server.answer = json(ONE);
    assert.doesNotMatch((await run()).stderr, /warning/);
  }
});

test("sync --check does not count CRLF or a formatter's hand", async () => {
  await using server = await contractServer();
  await using folder = await tempFolder(CLIENT(server.url));
  await runCli(["sync"], { cwd: folder.path });
  const text = await read(folder, TYPES);
  await writeFile(folder.at(TYPES), text.replaceAll("\n", "\r\n"));
  assert.equal((await runCli(["sync", "--check"], { cwd: folder.path })).code, 0);
  const untouched = await runCli(["sync"], { cwd: folder.path });
  assert.deepEqual(untouched.files, {});
  await writeFile(folder.at(TYPES), text.replace(/;\n/g, "\n").replace(/"/g, "'"));
  assert.equal((await runCli(["sync", "--check"], { cwd: folder.path })).code, 0);
});

test("an address as argument or flag needs no file, writes none, ignores the file's distribution and works without node_modules", async () => {
  await using server = await contractServer();
  for (const args of [[server.url], ["--server-url", `${server.url}/rpc`]]) {
    await using empty = await tempFolder();
    const { code, files } = await runCli(["sync", ...args], { cwd: empty.path });
    assert.equal(code, 0);
    assert.deepEqual(Object.keys(files).sort(), PACKAGE_FILES);
    await using workspace = await tempFolder({
      "package.json": "{}",
      "pyrpc-client.json": `{ "distribution": "workspace" }`,
    });
    assert.equal((await runCli(["sync", ...args], { cwd: workspace.path })).code, 0);
    assert.match(await read(workspace, TYPES), /add/);
    await using broken = await tempFolder({ "package.json": "{}", "pyrpc-client.json": "{" });
    assert.equal((await runCli(["sync", ...args], { cwd: broken.path })).code, 0);
  }
});

test("PYRPC_SERVER_URL overrides the file's address and needs no file, a flag wins", async () => {
  await using server = await contractServer();
  const away = `http://127.0.0.1:${await freePort()}`;
  const env = { PYRPC_SERVER_URL: server.url };
  await using folder = await tempFolder(CLIENT(away));
  assert.equal((await runCli(["sync"], { cwd: folder.path, env })).code, 0);
  assert.equal((await runCli(["sync", "--server-url", away], { cwd: folder.path, env })).code, 5);
  await using none = await tempFolder({ "package.json": "{}" });
  assert.equal((await runCli(["sync"], { cwd: none.path, env })).code, 0);
  await using without = await tempFolder({
    "package.json": "{}",
    "pyrpc-client.json": `{ "distribution": "server" }`,
  });
  assert.equal((await runCli(["sync"], { cwd: without.path, env })).code, 0);
});

test("PYRPC_SERVER_URL is an address only: a word there runs no Python module, a path reads no file", async () => {
  await using folder = await tempFolder({
    "package.json": "{}",
    "ran.py": "open('ran', 'w')\n",
    "one.json": ONE,
  });
  for (const PYRPC_SERVER_URL of ["ran", "one.json", "-", "localhost:8000"]) {
    const env = { PYRPC_SERVER_URL };
    for (const command of ["sync", "check", "mock"]) {
      const result = await runCli([command], { cwd: folder.path, env });
      assert.equal(result.code, 2, result.block);
      assert.match(result.stderr, /PYRPC_SERVER_URL must begin with http/);
      assert.deepEqual(result.files, {});
    }
    const optional = await runCli(["sync", "--optional"], { cwd: folder.path, env });
    assert.equal(optional.code, 0, optional.block);
  }
});

test("PYRPC_SERVER_URL replaces the address of the server that --server chooses", async () => {
  await using server = await contractServer();
  const env = { PYRPC_SERVER_URL: `http://127.0.0.1:${await freePort()}` };
  const servers = [
    { name: "one", server_url: server.url, target: "one.ts" },
    { name: "two", server_url: server.url, target: "two.ts" },
  ];
  await using folder = await tempFolder({
    "package.json": "{}",
    "pyrpc-client.json": JSON.stringify({ distribution: "server", servers }),
  });
  const both = await runCli(["sync"], { cwd: folder.path, env });
  assert.equal(both.code, 0, both.block);
  assert.match(both.stderr, /^note: PYRPC_SERVER_URL is ignored/m);
  const one = await runCli(["sync", "--server", "one"], { cwd: folder.path, env });
  assert.equal(one.code, 5, one.block);
});

test("workspace distribution has nothing to sync, explains why and exits 0", async () => {
  await using folder = await tempFolder({
    "package.json": "{}",
    "pyrpc-client.json": `{ "distribution": "workspace", "server_url": "http://localhost:8000" }`,
  });
  const result = await runCli(["sync"], { cwd: folder.path });
  assert.equal(
    result.block,
    "exit: 0 Ok\nstderr:\n  Nothing to sync — server writes types directly to your project.\n" +
      "  Run pyrpc dev on your backend to regenerate types on change.\n" +
      "  warning: node_modules/@pyrpc/types/src/index.ts: the types have not been written yet\n" +
      "    fix: pyrpc dev in the backend's folder, with this folder as its --client-root; if the backend is in " +
      "another repository: npx pyrpc init --client --reconfigure\n",
  );
});

test("a client that a backend's pyrpc.json lists needs no file of its own", async () => {
  await using folder = await tempFolder({
    "web/package.json": "{}",
    "web/src/a.ts": "",
    "backend/main.py": "",
    "backend/pyrpc.json":
      `{ "version": 1, "framework": "asgi", "entrypoint": "main", "distribution": "workspace", "client_root": "../web" }`,
  });
  for (const cwd of ["web", "web/src"]) {
    const { code, stderr } = await runCli(["sync"], { cwd: folder.at(cwd) });
    assert.equal(code, 0, stderr);
    assert.match(stderr, /^Nothing to sync/);
    assert.match(stderr, /have not been written yet\n *fix: cd \S*backend.*pyrpc dev/);
    const { stdout } = await runCli(["doctor"], { cwd: folder.at(cwd) });
    assert.match(stdout, /✓ configuration \S*backend[\\/]pyrpc\.json lists this client/);
    assert.match(stdout, /✗ types .*\n *fix: cd \S*backend.*pyrpc dev/);
  }
});

test("sync --json has one shape: workspace, one server and several, of which one failed", async () => {
  await using workspace = await tempFolder({
    "package.json": "{}",
    "pyrpc-client.json": `{ "distribution": "workspace" }`,
  });
  const nothing = await runCli(["sync", "--json"], { cwd: workspace.path });
  assert.deepEqual(JSON.parse(nothing.stdout), { distribution: "workspace", servers: [] });
  await using server = await contractServer();
  const away = `http://127.0.0.1:${await freePort()}`;
  const servers = [
    { name: "away", server_url: away, target: "away.ts" },
    { name: "here", server_url: server.url, target: "here.ts" },
  ];
  await using several = await tempFolder({
    "package.json": "{}",
    "pyrpc-client.json": JSON.stringify({ distribution: "server", servers }),
  });
  const { code, stdout } = await runCli(["sync", "--json"], { cwd: several.path });
  assert.equal(code, 5);
  const { distribution, servers: [failed, done] } = JSON.parse(stdout);
  assert.equal(distribution, "server");
  assert.equal(failed.server, "away");
  assert.match(failed.error.message, /Connection refused/);
  assert.equal(done.server, "here");
  assert.equal(done.upToDate, false);
  await using one = await tempFolder({ "package.json": "{}" });
  const single = await runCli(["sync", server.url, "--out", "api.ts", "--json"], { cwd: one.path });
  const { servers: [only, ...more] } = JSON.parse(single.stdout);
  assert.deepEqual([only.upToDate, more], [false, []]);
});

test("without a file and a terminal the error names the flag and the code is 2", async () => {
  await using folder = await tempFolder({ "package.json": "{}" });
  for (const options of [{}, { terminal: true, env: { CI: "1" } }]) {
    const result = await runCli(["sync"], { cwd: folder.path, ...options });
    assert.equal(result.code, 2);
    assert.match(result.stderr, /No pyrpc-client\.json found/);
    assert.match(result.stderr, /--server-url/);
    assert.deepEqual(result.files, {});
  }
});

test("without a file on a terminal: the questions of the setup, the file, and the types", async () => {
  await using server = await contractServer();
  await using folder = await tempFolder({ "package.json": "{}" });
  const { code, screen } = await typeKeys(["sync"], {
    cwd: folder.path,
    typed: [
      { when: "How are types distributed?", keys: KEY.enter },
      { when: "Server URL", keys: server.url + KEY.enter },
    ],
  });
  assert.equal(code, 0, screen);
  const written = JSON.parse(await read(folder, "pyrpc-client.json"));
  assert.equal(written.distribution, "server");
  assert.equal(written.server_url, server.url);
  assert.match(screen, /Types synced: 1 procedure/);
  assert.match(await read(folder, TYPES), /add/);
});

test("a broken pyrpc-client.json is shown with file, line and column, and exits 3", async () => {
  const rows: [text: string, message: RegExp][] = [
    [`{\n  "distribution": "server",\n  "server_url" "x"\n}`, /pyrpc-client\.json:3:16/],
    [
      `{\n  "distribution": "both"\n}`,
      /"distribution" must be "workspace" or "server", found "both"[^]*:2:19/,
    ],
    [`{ "distribution": "server" }`, /pyrpc-client\.json is missing server_url/],
    [`{}`, /pyrpc-client\.json is missing distribution/],
    [`{ "distribution": "server", "server_url": "localhost:8000" }`, /"server_url" must be a URL/],
    [`{ "distribution": "server", "servers": [] }`, /"servers" must be a list/],
    [
      `{ "distribution": "server", "servers": [{ "name": "a", "server_url": "http://x", "target": "../../x" }] }`,
      /"servers\[0\]\.target" must be a file ending in \.ts/,
    ],
    [
      `{ "distribution": "server", "servers": [{ "name": "a", "url": "http://x", "target": "x.ts" }, { "name": "b", "url": "http://y", "target": "./x.ts" }] }`,
      /another server has the same one/,
    ],
  ];
  for (const [text, message] of rows) {
    await using folder = await tempFolder({ "package.json": "{}", "pyrpc-client.json": text });
    const result = await runCli(["sync"], { cwd: folder.path });
    assert.equal(result.code, 3, result.block);
    assert.match(result.stderr, message);
    assert.deepEqual(result.files, {});
  }
});

test("several servers go each to its own place, and one that is away does not keep the others", async () => {
  await using first = await contractServer();
  await using second = await contractServer(json(TWO));
  const servers = (away: string) => ({
    "package.json": "{}",
    "pyrpc-client.json": JSON.stringify({
      distribution: "server",
      servers: [
        { name: "gone", server_url: away, target: "src/gone.ts" },
        { name: "shop", server_url: first.url, target: "src/shop.ts" },
        { name: "Users", server_url: second.url },
        { name: "org", server_url: second.url, target: "@org/api-types" },
      ],
    }),
  });
  const away = `http://127.0.0.1:${await freePort()}`;
  await using folder = await tempFolder(servers(away));
  const result = await runCli(["sync"], { cwd: folder.path });
  assert.equal(result.code, 5);
  assert.match(result.stderr, /gone: error: Could not fetch schema from http/);
  assert.ok(result.stderr.includes(`import type { Types } from "./src/shop"`), result.stderr);
  assert.ok(result.stderr.includes(`import type { Types } from "@pyrpc/users-types"`));
  assert.match(await read(folder, "src/shop.ts"), /add/);
  assert.match(await read(folder, "node_modules/@pyrpc/users-types/src/index.ts"), /greet/);
  assert.match(await read(folder, "node_modules/@org/api-types/package.json"), /"@org\/api-types"/);
  assert.equal((await runCli(["sync", "--server", "shop"], { cwd: folder.path })).code, 0);
  const unknown = await runCli(["sync", "--server", "sho"], { cwd: folder.path });
  assert.equal(unknown.code, 2);
  assert.match(unknown.stderr, /Servers: gone, shop, Users, org/);
  assert.equal((await runCli(["sync", "--optional"], { cwd: folder.path })).code, 0);
});

test("sync --offline uses a snapshot, and the target of the file", async () => {
  await using folder = await tempFolder({
    ...CLIENT("http://127.0.0.1:1", { target: "src/api.ts" }),
    "schema.json": ONE,
  });
  const result = await runCli(["sync", "--offline", "schema.json"], { cwd: folder.path });
  assert.equal(result.code, 0, result.block);
  assert.match(result.stderr, /offline, from the snapshot/);
  assert.match(await read(folder, "src/api.ts"), /add/);
  const missing = await runCli(["sync", "--offline", "none.json"], { cwd: folder.path });
  assert.equal(missing.code, 3);
  const both = await runCli(["sync", "--offline", "schema.json", "http://x"], { cwd: folder.path });
  assert.equal(both.code, 2);
});

test("several servers keep each its own file also where the alias layout is asked for, or Plug'n'Play leaves no other", async () => {
  await using server = await contractServer();
  const servers = [
    { name: "shop", server_url: server.url },
    { name: "Billing", server_url: server.url, target: "src/billing.ts" },
  ];
  const files = {
    "package.json": "{}",
    "tsconfig.json": "{}",
    "pyrpc-client.json": JSON.stringify({ distribution: "server", servers }),
  };
  await using asked = await tempFolder(files);
  const { code, block } = await runCli(["sync", "--layout", "alias"], { cwd: asked.path });
  assert.equal(code, 0, block);
  const { compilerOptions } = JSON.parse(await read(asked, "tsconfig.json"));
  assert.deepEqual(compilerOptions.paths, {
    "@pyrpc/shop-types": ["./__pyrpc_shop.ts"],
    "@pyrpc/billing-types": ["./__pyrpc_Billing.ts"],
  });
  await using yarn = await tempFolder({ ...files, ".pnp.cjs": "" });
  const plugAndPlay = await runCli(["sync"], { cwd: yarn.path });
  assert.equal(plugAndPlay.code, 0, plugAndPlay.block);
  assert.deepEqual(
    Object.keys(plugAndPlay.files).sort(),
    ["__pyrpc_shop.ts", "src/billing.ts", "tsconfig.json"],
  );
  assert.equal((await runCli(["sync", "--check"], { cwd: yarn.path })).code, 0);
});

test("sync prints an import that the compiler accepts: with the ending where modules are found as Node.js does", async () => {
  await using server = await contractServer();
  const importOf = async (files: Readonly<Record<string, string>>) => {
    await using folder = await tempFolder({ "package.json": '{"type":"module"}', ...files });
    const args = ["sync", server.url, "--out", "src/api.ts"];
    const { stderr } = await runCli(args, { cwd: folder.path });
    return /Import: .* from "(.*)"/.exec(stderr)?.[1];
  };
  assert.equal(await importOf({}), "./src/api");
  assert.equal(
    await importOf({ "tsconfig.json": '{"compilerOptions":{"module":"nodenext"}} // ours' }),
    "./src/api.js",
  );
  assert.equal(
    await importOf({
      "tsconfig.json": '{"extends":"./base"}',
      "base.json": '{"compilerOptions":{"moduleResolution":"Node16"}}',
    }),
    "./src/api.js",
  );
  for (const moduleResolution of ["bundler", "node10", "node"]) {
    const text = JSON.stringify({ compilerOptions: { module: "esnext", moduleResolution } });
    assert.equal(await importOf({ "tsconfig.json": text }), "./src/api");
  }
  assert.equal(await importOf({ "tsconfig.json": "{ broken" }), "./src/api");
});

test("sync --offline accepts a file: no address, and no Python module", async () => {
  await using folder = await tempFolder({ "package.json": "{}", "ran.py": "open('ran', 'w')\n" });
  const address = await runCli(["sync", "--offline", "http://u:pw@localhost:8000"], {
    cwd: folder.path,
  });
  assert.equal(address.code, 2, address.block);
  assert.match(
    address.stderr,
    /--offline requires a snapshot file, found "http:\/\/localhost:8000"/,
  );
  const module = await runCli(["sync", "--offline", "ran"], { cwd: folder.path });
  assert.equal(module.code, 3, module.block);
  assert.match(module.stderr, /File not found/);
  assert.deepEqual(module.files, {});
});

test("sync --optional reports the position of a broken pyrpc-client.json, in its one line", async () => {
  await using folder = await tempFolder({ "package.json": "{}", "pyrpc-client.json": "{\n  oops" });
  const { code, stderr } = await runCli(["sync", "--optional"], { cwd: folder.path });
  assert.equal(code, 0);
  assert.match(stderr, /^pyrpc sync: .*pyrpc-client\.json:2:3; skipped \(--optional.*\n$/);
});

test("codegen refuses a target that cannot be meant: the schema itself, a folder, a file of JavaScript", async () => {
  await using folder = await tempFolder({
    "schema.ts": ONE,
    "real/schema": ONE,
    "package.json": "{}",
  });
  await symlink(folder.at("real"), folder.at("link"));
  for (
    const [source, out, expected] of [
      ["schema.ts", "./schema.ts", /would overwrite the schema/],
      ["real/schema", "link/schema", /would overwrite the schema/],
      ["schema.ts", "types/", /--out "types\/" is a folder/],
      ["schema.ts", "api.js", /Use --out api\.ts/],
      ["schema.ts", "schema.json", /is not a TypeScript file/],
    ] as const
  ) {
    const result = await runCli(["codegen", source, "--out", out], { cwd: folder.path });
    assert.equal(result.code, 2, result.block);
    assert.match(result.stderr, expected);
    assert.deepEqual(result.files, {});
  }
});

test("codegen --check: a cut or conflicting file is not up to date although its header is, and codegen fixes it", async () => {
  await using folder = await tempFolder({ "schema.json": TWO });
  const check = () =>
    runCli(["codegen", "schema.json", "--out", "t.ts", "--check"], { cwd: folder.path });
  const codegen = () => runCli(["codegen", "schema.json", "--out", "t.ts"], { cwd: folder.path });
  await codegen();
  const text = await read(folder, "t.ts");
  for (const broken of [text.slice(0, text.indexOf("greet")), `<<<<<<< ours\n${text}`]) {
    await writeFile(folder.at("t.ts"), broken);
    const result = await check();
    assert.equal(result.code, 1, result.block);
    assert.equal((await codegen()).code, 0);
    assert.equal(await read(folder, "t.ts"), text);
  }
  await writeFile(folder.at("t.ts"), text.replaceAll(";\n", "\n"));
  assert.match((await check()).stderr, /✓ up to date: .* only its formatting differs/);
  assert.match((await codegen()).stderr, /written again/);
});

test("sync --optional reports in one line that the server is unreachable, and exits 0", async () => {
  const away = `http://127.0.0.1:${await freePort()}`;
  await using folder = await tempFolder(CLIENT(away));
  const result = await runCli(["sync", "--optional"], { cwd: folder.path });
  assert.equal(result.code, 0);
  assert.match(result.stderr, /^pyrpc sync: Could not fetch schema from .*Connection refused.*\n$/);
  await using none = await tempFolder({ "package.json": "{}" });
  const without = await runCli(["sync", "--optional"], { cwd: none.path, terminal: true });
  assert.equal(without.code, 0);
  assert.equal(without.stderr.split("\n").length, 2);
  assert.equal(
    (await runCli(["sync", "--optional", "--server-url", "x"], { cwd: none.path })).code,
    2,
  );
});

test("sync --save-script adds a postinstall script once", async () => {
  await using server = await contractServer();
  await using folder = await tempFolder({
    ...CLIENT(server.url),
    "package.json": `{\n  "name": "app"\n}\n`,
  });
  const dry = await runCli(["sync", "--save-script", "--dry-run"], { cwd: folder.path });
  assert.deepEqual(dry.files, {});
  const result = await runCli(["sync", "--save-script"], { cwd: folder.path });
  assert.equal(result.code, 0);
  assert.equal(
    await read(folder, "package.json"),
    `{\n  "name": "app",\n  "scripts": {\n    "postinstall": "pyrpc sync --optional || exit 0"\n  }\n}\n`,
  );
  assert.doesNotMatch(result.stderr, /removes/);
  const again = await runCli(["sync", "--save-script"], { cwd: folder.path });
  assert.deepEqual(again.files, {});
  assert.match(again.stderr, /already/);
  await rm(folder.at("node_modules"), { recursive: true });
  assert.doesNotMatch((await runCli(["sync"], { cwd: folder.path })).stderr, /removes/);
});

test("sync --save-script rejects a source that a script cannot contain before it writes anything", async () => {
  await using folder = await tempFolder({ "package.json": "{}", "schema.json": ONE });
  const result = await runCli(["sync", "schema.json", "--save-script"], { cwd: folder.path });
  assert.equal(result.code, 2, result.block);
  assert.match(result.stderr, /--save-script cannot write this address/);
  assert.deepEqual(result.files, {});
});

test("Ctrl+C ends the Python of a module that hangs", {
  skip:
    spawnSync("python3", ["-c", "import sys; sys.exit(sys.version_info < (3, 11))"]).status === 0
      ? false
      : "needs Python 3.11",
}, async () => {
  await using folder = await tempFolder({
    "package.json": "{}",
    "hangs.py": "import os, time\nopen('pid', 'w').write(str(os.getpid()))\ntime.sleep(600)\n",
  });
  let interrupt = (_: "SIGINT") => {};
  const running = runCli(["sync", "hangs", "--out", "a.ts", "--python", "python3"], {
    cwd: folder.path,
    env: { PATH: process.env["PATH"] },
    onStart: (signal) => void (interrupt = signal),
  });
  await waitUntil(async () => await read(folder, "pid") !== "");
  interrupt("SIGINT");
  assert.equal((await running).code, 130);
  const pid = Number(await read(folder, "pid"));
  await waitUntil(() => {
    try {
      process.kill(pid, 0);
      return false;
    } catch {
      return true;
    }
  });
});

test("sync in a Python project invents no node_modules and names --out", async () => {
  await using server = await contractServer();
  await using folder = await tempFolder({ "pyproject.toml": "" });
  for (const command of ["sync", "codegen"]) {
    const result = await runCli([command, server.url], { cwd: folder.path });
    assert.equal(result.code, 2, result.block);
    assert.match(result.stderr, /--out/);
    assert.deepEqual(result.files, {});
  }
  const printed = await runCli(["sync", server.url, "--out", "-"], { cwd: folder.path });
  assert.equal(printed.code, 0);
  assert.match(printed.stdout, /export type Types/);
});

test("codegen delivers to the nearest client through the same layouts", async () => {
  await using folder = await tempFolder({
    "package.json": "{}",
    "tsconfig.json": "{}",
    "schema.json": ONE,
  });
  const run = (...args: string[]) =>
    runCli(["codegen", "schema.json", ...args], { cwd: folder.path });
  const result = await run();
  assert.equal(result.code, 0, result.block);
  assert.match(result.stderr, /Layout: package \(the nearest package\.json\)/);
  assert.deepEqual(Object.keys(result.files).sort(), PACKAGE_FILES);
  const alias = await run("--layout", "alias", "--client");
  assert.deepEqual(Object.keys(alias.files).sort(), [
    "__pyrpc.ts",
    "pyrpc-client.ts",
    "tsconfig.json",
  ]);
  const named = await run(
    "--layout",
    "package",
    "--package-name",
    "@org/x",
    "--package-version",
    "2.0.0",
  );
  assert.match(named.files["node_modules/@org/x/package.json"] ?? "", /"version": "2\.0\.0"/);
});

test("a client that was written once is kept with the types, and a declaration file contains no values", async () => {
  await using server = await contractServer();
  await using folder = await tempFolder({ "package.json": "{}" });
  const sync = (...args: string[]) => runCli(["sync", server.url, ...args], { cwd: folder.path });
  await sync("--client");
  const client = "node_modules/@pyrpc/types/src/pyrpc-client.ts";
  const text = await read(folder, client);
  await writeFile(folder.at(client), text.replace("httpLink", "oldLink"));
  assert.equal(
    (await sync("--check")).code,
    0,
    "a client of another version does not make the types stale",
  );
  await sync();
  assert.equal(await read(folder, client), text);
  assert.match(await read(folder, "node_modules/@pyrpc/types/package.json"), /pyrpc-client\.ts/);
  // A file of that name that is the user's own stays the user's own.
  await folder.write({ "src/pyrpc-client.ts": "export {};\n" });
  await sync("--out", "src/api.d.ts");
  assert.equal(await read(folder, "src/pyrpc-client.ts"), "export {};\n");
  assert.match(
    await read(folder, "src/api.d.ts"),
    /export declare const procedureKinds: ProcedureKinds;\n$/,
  );
  assert.equal((await sync("--out", "src/api.d.ts", "--check")).code, 0);
});

/** How a server can fail, and the expected message. */
const FAILURES: Readonly<Record<string, [Answer, RegExp]>> = {
  "HTML": [
    (response) =>
      void response.writeHead(200, { "content-type": "text/html" }).end("<html>Hi</html>"),
    /HTML/,
  ],
  "other JSON": [json(`{"openapi": "3.1.0"}`), /Not a pyRPC contract/],
  "a list": [json("[]"), /Not a pyRPC contract/],
  "half a document": [json(ONE.slice(0, 100)), /JSON/],
  "nothing": [json(""), /empty/i],
  "a 503": [(response) => void response.writeHead(503).end("busy"), /503/],
  "a redirect to elsewhere": [
    (response) => void response.writeHead(302, { location: "http://example.com/rpc" }).end(),
    /redirects to another origin/,
  ],
  "a cut connection": [
    (response) => {
      response.writeHead(200, { "content-length": "100000" });
      response.write(ONE);
      setTimeout(() => response.destroy(), 10);
    },
    /closed the connection/,
  ],
  "no answer": [() => {}, /No complete answer within 0\.3 s/],
  "a drip": [
    (response) => {
      response.writeHead(200, { "content-type": "application/json" });
      const timer = setInterval(() => response.write(" "), 20);
      response.on("close", () => clearInterval(timer));
    },
    /No complete answer within 0\.3 s/,
  ],
};

for (const [name, [answer, message]] of Object.entries(FAILURES)) {
  test(`sync keeps the types whole and exits 5 when the server answers with ${name}`, async () => {
    await using server = await contractServer();
    await using folder = await tempFolder(CLIENT(server.url));
    await runCli(["sync"], { cwd: folder.path });
    server.answer = answer;
    const result = await runCli(["sync", "--timeout", "0.3"], { cwd: folder.path });
    assert.equal(result.code, 5, result.block);
    assert.match(result.stderr, /Could not fetch schema from http:\/\/127/);
    assert.match(result.stderr, message);
    assert.deepEqual(result.files, {});
  });
}

test("sync keeps the types and exits 5 when the server's certificate is not trusted", {
  skip: opensslSkip,
}, async () => {
  await using certificates = await makeCertificates();
  const { cert, key } = certificates.selfSigned;
  await using server = await serveHttp((_, response) => json(ONE)(response), { cert, key });
  await using folder = await tempFolder(CLIENT(server.url));
  const result = await runCli(["sync"], { cwd: folder.path });
  assert.equal(result.code, 5, result.block);
  assert.match(result.stderr, /certificate is not signed by a trusted authority/);
  assert.match(result.stderr, /--ca-file/);
  assert.deepEqual(result.files, {});
  const trusted = ["sync", "--ca-file", certificates.selfSigned.certFile];
  assert.equal((await runCli(trusted, { cwd: folder.path })).code, 0);
});

test("a contract without procedures keeps the types and exits 1, unless --allow-empty", async () => {
  await using server = await contractServer();
  await using folder = await tempFolder(CLIENT(server.url));
  await runCli(["sync"], { cwd: folder.path });
  server.answer = json("{}");
  const result = await runCli(["sync"], { cwd: folder.path });
  assert.equal(result.code, 1);
  assert.match(result.stderr, /no procedures; the existing types were kept/);
  assert.deepEqual(result.files, {});
  assert.equal((await runCli(["sync", "--allow-empty"], { cwd: folder.path })).code, 0);
});

test("a target that cannot be written is an error, and the previous types stay", async () => {
  await using server = await contractServer();
  await using folder = await tempFolder(CLIENT(server.url, { target: "src/api.ts" }));
  await runCli(["sync"], { cwd: folder.path });
  server.answer = json(TWO);
  const { chmod } = await import("node:fs/promises");
  await chmod(folder.at("src/api.ts"), 0o444);
  const result = await runCli(["sync"], { cwd: folder.path });
  assert.equal(result.code, 3);
  assert.match(result.stderr, /read-only/);
  assert.deepEqual(result.files, {});
  assert.deepEqual(await readdir(folder.at("src")), ["api.ts"]);

  await using outside = await tempFolder({ "keep.txt": "" });
  await using linked = await tempFolder(CLIENT(server.url));
  await symlink(outside.path, linked.at("node_modules"));
  assert.equal((await runCli(["sync"], { cwd: linked.path })).code, 3);
  assert.deepEqual(await readdir(outside.path), ["keep.txt"]);
});

test("two syncs at once leave one whole text and no temporary files", async () => {
  await using first = await contractServer();
  await using second = await contractServer(json(TWO));
  await using folder = await tempFolder({ "package.json": "{}" });
  const runs = Array.from(
    { length: 6 },
    (_, index) => runCli(["sync", index % 2 === 0 ? first.url : second.url], { cwd: folder.path }),
  );
  assert.deepEqual((await Promise.all(runs)).map(({ code }) => code), [0, 0, 0, 0, 0, 0]);
  const present = await read(folder, TYPES);
  const clean = async (url: string) => {
    await using other = await tempFolder({ "package.json": "{}" });
    await runCli(["sync", url], { cwd: other.path });
    return await read(other, TYPES);
  };
  assert.ok([await clean(first.url), await clean(second.url)].includes(present));
  assert.deepEqual((await readdir(folder.at("node_modules/@pyrpc/types"))).sort(), [
    "package.json",
    "src",
  ]);
  assert.deepEqual((await readdir(folder.at("node_modules/@pyrpc/types/src"))).sort(), SOURCES);
});

test("Ctrl+C while the server is slow ends with 130 and touches nothing", async () => {
  await using server = await contractServer(() => {});
  await using folder = await tempFolder(CLIENT(server.url));
  let send: (name: "SIGINT" | "SIGTERM") => void = () => {};
  for (const [name, code] of [["SIGINT", 130], ["SIGTERM", 143]] as const) {
    const asked = once(server.server, "request");
    const run = runCli(["sync", "--optional"], {
      cwd: folder.path,
      onStart: (signal) => void (send = signal),
    });
    await asked;
    send(name);
    const result = await run;
    assert.equal(result.code, code);
    assert.deepEqual(result.files, {});
  }
});

test("sync --watch follows the server: one line for an outage and one for the recovery; the types stay meanwhile, and come back when they are removed", async () => {
  await using server = await contractServer();
  await using folder = await tempFolder(CLIENT(server.url));
  let send: (name: "SIGINT") => void = () => {};
  let ended = false;
  let stderr = "";
  const run = runCli(["sync", "--watch", "--interval", "0.05"], {
    cwd: folder.path,
    onStderr: (text) => void (stderr += text),
    onStart: (signal) => void (send = signal),
  }).finally(() => ended = true);
  const types = () => read(folder, TYPES).catch(() => "");
  await waitUntil(async () => (await types()).includes("add"));

  const requests = () => server.requests.length;
  const looks = async (count: number) => {
    const until = requests() + count;
    await waitUntil(() => requests() >= until);
  };
  server.answer = (response) => void response.writeHead(500).end("no");
  await looks(4);
  assert.match(await types(), /add/);
  assert.doesNotMatch(stderr, /answers again/);
  server.answer = json(ONE);
  await looks(3);
  server.answer = json(TWO);
  await waitUntil(async () => (await types()).includes("greet"));
  // At once: a removal file by file would meet the delivery.
  await rename(folder.at("node_modules"), folder.at("removed"));
  await waitUntil(async () => (await types()).includes("greet"));
  assert.equal(ended, false);
  send("SIGINT");
  const result = await run;
  assert.equal(result.code, 130);
  assert.equal(result.stderr.match(/500.*the existing types are kept/g)?.length, 1, result.stderr);
  assert.equal(result.stderr.match(/answers again/g)?.length, 1, result.stderr);
  assert.ok(result.stderr.indexOf("500") < result.stderr.indexOf("answers again"));
  assert.match(result.stderr, /\+1 ~1 -0 procedures/);
  // The first delivery, the change, and what was pruned.
  assert.equal(result.stderr.match(/→/g)?.length, 3, result.stderr);
});

test("sync and codegen list the changed procedures and models of existing types, and nothing for new ones", async () => {
  const contract = (member: string, ...names: string[]) =>
    JSON.stringify(Object.fromEntries(names.map((name) => [name, {
      parameters: [],
      return_schema: {
        title: "Product",
        type: "object",
        properties: { [member]: { type: "integer" } },
        required: [member],
      },
    }])));
  await using folder = await tempFolder({ "package.json": "{}" });
  for (const command of [["sync", "--offline"], ["codegen"]]) {
    const out = `${command[0]}.ts`;
    const write = async (text: string) => {
      await writeFile(folder.at("schema.json"), text);
      const args = [...command, "schema.json", "--out", out];
      const { code, stderr } = await runCli(args, { cwd: folder.path });
      assert.equal(code, 0, stderr);
      return stderr;
    };
    assert.doesNotMatch(await write(contract("in_stock", "a")), /^ {4}\+ a/m);
    const changed = await write(contract("stock", "a", "b"));
    assert.match(changed, /^ {4}\+ b\n {4}~ Product: \+ stock, - in_stock\n$/m);
    assert.doesNotMatch(await write(contract("stock", "a", "b")), /Product/);
  }
});

test("sync --watch asks with the server's ETag", async () => {
  await using server = await serveHttp((request, response) => {
    if (request.headers["if-none-match"] === `"v1"`) return void response.writeHead(304).end();
    response.writeHead(200, { etag: `"v1"`, "content-type": "application/json" }).end(ONE);
  });
  await using folder = await tempFolder(CLIENT(server.url));
  let send: (name: "SIGINT") => void = () => {};
  const run = runCli(["sync", "--watch", "--interval", "0.05"], {
    cwd: folder.path,
    onStart: (signal) => void (send = signal),
  });
  await waitUntil(() => server.requests.length >= 4);
  send("SIGINT");
  const result = await run;
  assert.equal(server.requests[1]?.headers["if-none-match"], `"v1"`);
  assert.equal(result.stderr.match(/→/g)?.length, 1);
});

test("sync --watch follows a snapshot file, also through a moment in which it is broken", async () => {
  await using folder = await tempFolder({ "package.json": "{}", "schema.json": ONE });
  let send: (name: "SIGINT") => void = () => {};
  let written = "";
  const run = runCli(["sync", "schema.json", "--watch", "--interval", "0.05"], {
    cwd: folder.path,
    onStart: (signal) => void (send = signal),
    onStderr: (text) => void (written += text),
  });
  const types = () => read(folder, TYPES).catch(() => "");
  await waitUntil(async () => (await types()).includes("add"));
  const before = await types();
  await writeFile(folder.at("schema.json"), ONE.slice(0, 50));
  await waitUntil(() => written.includes("the existing types are kept"));
  assert.equal(await types(), before);
  await writeFile(folder.at("schema.json"), TWO);
  await waitUntil(async () => (await types()).includes("greet"));
  send("SIGINT");
  const { code, stderr } = await run;
  assert.equal(code, 130);
  assert.equal(stderr.match(/the existing types are kept/g)?.length, 1, stderr);
});
