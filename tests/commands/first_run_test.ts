import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { test } from "node:test";
import { serveHttp } from "../support/http_server.ts";
import { runCli } from "../support/run_cli.ts";
import { tempFolder } from "../support/temp_folder.ts";
import { KEY, typeKeys } from "../support/type_keys.ts";

const QUESTION = "How are types distributed?";
const PROJECT = { "package.json": "{}", "node_modules/x/package.json": "{}", "src/x.ts": "" };
const workspace = [{ when: QUESTION, keys: KEY.enter }];

test("the first run of the npm package asks whatever is about the client, and goes on with it", async () => {
  for (const [args, then] of [[[], "Nothing to sync"], [["sync"], "Nothing to sync"]] as const) {
    await using folder = await tempFolder(PROJECT);
    const cwd = folder.at("node_modules/x");
    const { code, screen } = await typeKeys(args, { cwd, typed: workspace, isClientPackage: true });
    assert.equal(code, 0, screen);
    assert.ok(screen.includes(then), screen);
    assert.doesNotMatch(screen, /Next:/);
    const written = JSON.parse(await readFile(folder.at("pyrpc-client.json"), "utf8"));
    assert.equal(written.distribution, "workspace");
    assert.equal(written.server_url, undefined);
  }
  for (const command of ["config", "doctor", "check"]) {
    await using folder = await tempFolder(PROJECT);
    const { screen, stdout, typed } = await typeKeys([command], {
      cwd: folder.path,
      typed: workspace,
      isClientPackage: true,
    });
    assert.equal(typed, 1, `${command}: ${screen}`);
    assert.match(stdout + screen, /workspace|Nothing to check/, command);
    assert.ok((await readdir(folder.path)).includes("pyrpc-client.json"), command);
  }
});

test("the first run with a server asks for its address, and only then touches the network", async () => {
  await using folder = await tempFolder(PROJECT);
  await using server = await serveHttp((_, response) => response.end("{}"));
  const left = await typeKeys(["config"], {
    cwd: folder.path,
    typed: [
      { when: QUESTION, keys: KEY.down + KEY.enter },
      { when: "Server URL", keys: server.url + KEY.interrupt },
    ],
    isClientPackage: true,
  });
  assert.deepEqual([left.code, left.stdout, server.requests.length], [130, "", 0]);
  assert.ok(!(await readdir(folder.path)).includes("pyrpc-client.json"));
  const { code, stdout } = await typeKeys(["config"], {
    cwd: folder.path,
    typed: [
      { when: QUESTION, keys: KEY.down + KEY.enter },
      { when: "Server URL", keys: server.url + KEY.enter },
    ],
    isClientPackage: true,
  });
  assert.equal(code, 0);
  assert.ok(stdout.includes(server.url), stdout);
  assert.equal(server.requests.length, 1);
});

test("the first run asks nothing where there is nothing to ask, and changes no file", async () => {
  const clientFile = { "pyrpc-client.json": `{ "distribution": "workspace" }` };
  const schema = { "schema.json": "{}" };
  const rows: readonly (readonly [args: string[], files: Record<string, string>])[] = [
    [["--version"], PROJECT],
    [["--help"], PROJECT],
    [["version"], PROJECT],
    [["completions", "bash"], PROJECT],
    [["doctor", "--help"], PROJECT],
    [["verison"], PROJECT],
    [["check", "schema.json"], { ...PROJECT, ...schema }],
    [["inspect", "schema.json"], { ...PROJECT, ...schema }],
    [["sync", "--check"], PROJECT],
    [["sync", "--optional"], PROJECT],
    [[], { ...PROJECT, ...clientFile }],
    [["config"], { ...PROJECT, ...clientFile }],
    [["config"], { ...PROJECT, "pyrpc.json": "{}" }],
    // No project: nowhere to write it.
    [[], { "node_modules/x/package.json": "{}" }],
  ];
  for (const [args, files] of rows) {
    const { stderr, files: changed } = await runCli(args, {
      files,
      terminal: true,
      isClientPackage: true,
    });
    assert.ok(!stderr.includes(QUESTION), `${args.join(" ")}: ${stderr}`);
    assert.deepEqual(changed, {}, args.join(" "));
  }
});

test("the first run without a terminal, or in CI, writes nothing and prints one line", async () => {
  for (const options of [{}, { terminal: true, env: { CI: "1" } }]) {
    const { stderr, files } = await runCli(["config"], {
      files: PROJECT,
      isClientPackage: true,
      ...options,
    });
    assert.match(
      stderr,
      /^note: \S+ has no pyrpc-client\.json, [^\n]*npx pyrpc init --client[^\n]*\n$/,
    );
    assert.deepEqual(files, {});
  }
  // The executable and the source are told apart: they ask in "sync" and "init" alone.
  const other = await runCli(["config"], { files: PROJECT, terminal: true });
  assert.equal(other.stderr, "");
});
