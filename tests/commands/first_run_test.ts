import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { test } from "node:test";
import { serveHttp } from "../support/http_server.ts";
import { runCli } from "../support/run_cli.ts";
import { tempFolder } from "../support/temp_folder.ts";
import { PLACEHOLDER_TYPES } from "../../lib/codegen/mod.ts";
import { KEY, typeKeys } from "../support/type_keys.ts";

const QUESTION = "How are types distributed?";
const PROJECT = { "package.json": "{}", "node_modules/x/package.json": "{}", "src/x.ts": "" };
const UP = "\x1b[A";
const workspace = [
  { when: QUESTION, keys: UP + KEY.enter },
  { when: "Use workspace anyway?", keys: `y${KEY.enter}` },
];

test("the first run of the npm package asks about the client for any command, and continues with it", async () => {
  const rows = [[[], "Nothing to sync", 1], [["sync"], "Nothing to sync", 0]] as const;
  for (const [args, then, expected] of rows) {
    await using folder = await tempFolder(PROJECT);
    const cwd = folder.at("node_modules/x");
    const { code, screen } = await typeKeys(args, { cwd, typed: workspace, isClientPackage: true });
    assert.equal(code, expected, screen);
    assert.match(screen, /the types have not been written yet/);
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
    assert.equal(typed, workspace.length, `${command}: ${screen}`);
    assert.match(stdout + screen, /workspace|Nothing to check/, command);
    assert.ok((await readdir(folder.path)).includes("pyrpc-client.json"), command);
  }
});

test("Ctrl+C at any question of the first run ends it with 130, without a command as well", async () => {
  const questions = [
    [{ when: QUESTION, keys: KEY.interrupt }],
    [{ when: QUESTION, keys: KEY.enter }, { when: "Server URL", keys: KEY.interrupt }],
    [{ when: QUESTION, keys: UP + KEY.enter }, {
      when: "Use workspace anyway?",
      keys: KEY.interrupt,
    }],
  ];
  for (const args of [[], ["sync"], ["config"]]) {
    for (const typed of questions) {
      await using folder = await tempFolder(PROJECT);
      const left = await typeKeys(args, { cwd: folder.path, typed, isClientPackage: true });
      assert.deepEqual([left.code, left.stdout], [130, ""], left.screen);
      assert.match(left.screen, /Nothing was written/);
      assert.ok(!(await readdir(folder.path)).includes("pyrpc-client.json"));
    }
  }
});

test("the first run with a server asks for its address, and only then touches the network", async () => {
  await using folder = await tempFolder(PROJECT);
  await using server = await serveHttp((_, response) => response.end("{}"));
  const left = await typeKeys(["config"], {
    cwd: folder.path,
    typed: [
      { when: QUESTION, keys: KEY.enter },
      { when: "Server URL", keys: server.url + KEY.interrupt },
    ],
    isClientPackage: true,
  });
  assert.deepEqual([left.code, left.stdout, server.requests.length], [130, "", 0]);
  assert.ok(!(await readdir(folder.path)).includes("pyrpc-client.json"));
  const { code, stdout } = await typeKeys(["config"], {
    cwd: folder.path,
    typed: [
      { when: QUESTION, keys: KEY.enter },
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
  const bare = await runCli([], { files: PROJECT, isClientPackage: true });
  assert.equal(bare.code, 2);
  assert.match(bare.stderr, /^error: No pyrpc-client\.json found\n {2}fix: /);
  // The executable and the source are distinguished: they ask in "sync" and "init" alone.
  const other = await runCli(["config"], { files: PROJECT, terminal: true });
  assert.equal(other.stderr, "");
});

test("`npx pyrpc` and Enter end with types that compile, or with exit code 1 and the reason", async () => {
  await using server = await serveHttp((_, response) =>
    response.end(`{ "add": { "name": "add", "parameters": [], "return_schema": {} } }`)
  );
  const run = async (url: string, ...more: { when: string; keys: string }[]) => {
    await using folder = await tempFolder(PROJECT);
    const result = await typeKeys([], {
      cwd: folder.path,
      typed: [
        { when: QUESTION, keys: KEY.enter },
        { when: "Server URL", keys: url + KEY.enter },
        ...more,
      ],
      isClientPackage: true,
    });
    const types = folder.at("node_modules/@pyrpc/types/src/index.ts");
    return { ...result, types: await readFile(types, "utf8").catch(() => undefined) };
  };
  const done = await run(server.url);
  assert.deepEqual([done.code, done.types?.includes("add: ")], [0, true], done.screen);
  const away = await run("http://localhost:1", { when: "Use this address", keys: `y${KEY.enter}` });
  assert.deepEqual([away.code, away.types], [1, undefined], away.screen);
  assert.match(away.screen, /Could not fetch schema from http:\/\/localhost:1/);
});

test("`npx pyrpc` in a project that is set up syncs; sync, doctor and check explain the placeholder", async () => {
  const placeholder = {
    "node_modules/@pyrpc/types/src/index.ts": PLACEHOLDER_TYPES,
    "node_modules/@pyrpc/types/package.json": `{ "name": "@pyrpc/types", "version": "0.1.0" }`,
  };
  const reason = /types are still the placeholder: nothing has been generated yet/;
  const workspace = { "pyrpc-client.json": `{ "distribution": "workspace" }` };
  for (const args of [[], ["sync"]]) {
    const files = { ...PROJECT, ...placeholder, ...workspace };
    const { code, stderr } = await runCli(args, { files, isClientPackage: true });
    assert.equal(code, 0);
    assert.match(stderr, /^Nothing to sync — server writes/);
    assert.match(stderr, reason);
  }
  const checked = await runCli(["sync", "--check"], {
    files: { ...PROJECT, ...placeholder, ...workspace },
  });
  assert.equal(checked.code, 1);
  const url = "http://localhost:1";
  const remote = {
    "pyrpc-client.json": JSON.stringify({ distribution: "server", server_url: url }),
  };
  const doctor = await runCli(["doctor"], { files: { ...PROJECT, ...placeholder, ...remote } });
  assert.deepEqual([doctor.code, reason.test(doctor.stdout)], [1, true], doctor.stdout);
  const schema = `{ "add": { "name": "add", "parameters": [], "return_schema": {} } }`;
  const check = await runCli(["check", "schema.json"], {
    files: { ...PROJECT, ...placeholder, ...remote, "schema.json": schema },
  });
  assert.deepEqual([check.code, reason.test(check.stdout)], [1, true], check.stdout);
});
