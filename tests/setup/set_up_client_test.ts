import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { setUpOnFirstRun } from "../../lib/setup/mod.ts";
import { setUpClient } from "../../lib/setup/set_up_client.ts";
import { scriptedSetup } from "../support/scripted_prompter.ts";
import { tempFolder } from "../support/temp_folder.ts";

const DISTRIBUTION = "How are types distributed?";
const PROJECT = { "package.json": "{}", "src/x.ts": "" };
const answers = () => Promise.resolve(undefined);
const fails = () => Promise.resolve("nothing listens");

test("setUpClient() asks for the distribution and the URL, and writes beside package.json", async () => {
  await using folder = await tempFolder(PROJECT);
  const url = "http://127.0.0.1:1234";
  const context = scriptedSetup(folder.at("src"), { [DISTRIBUTION]: "server", "Server URL": url });
  const tested: string[] = [];
  const test = (url: string) => Promise.resolve(void tested.push(url));
  assert.deepEqual(await setUpClient({}, context, test), {
    distribution: "server",
    serverUrl: url,
  });
  const written = JSON.parse(await readFile(folder.at("pyrpc-client.json"), "utf8"));
  assert.deepEqual([written.distribution, written.server_url, tested], ["server", url, [url]]);

  const again = scriptedSetup(folder.path, {});
  assert.equal(await setUpClient({}, again, fails), undefined);
  assert.deepEqual(again.events, [{
    kind: "client_exists",
    path: folder.at("pyrpc-client.json"),
  }]);
  // Present values are the defaults of the questions.
  const reconfigured = scriptedSetup(folder.path, {
    [DISTRIBUTION]: { default: true },
    "Server URL": { default: true },
  });
  await setUpClient({ reconfigure: true }, reconfigured, answers);
  assert.deepEqual(reconfigured.asked.map(({ initial }) => initial), ["server", url]);
});

test("setUpClient() keeps the URL of a server that fails only on confirmation", async () => {
  await using folder = await tempFolder(PROJECT);
  const script = { [DISTRIBUTION]: "server", "Server URL": { default: true } } as const;
  const context = scriptedSetup(folder.path, { ...script, "Use this address anyway?": true });
  const result = await setUpClient({}, context, fails);
  assert.deepEqual([result?.serverUrl, context.problems], ["http://localhost:8000", [
    "nothing listens",
  ]]);
});

test("setUpClient() without questions: a failing server is a warning", async () => {
  await using folder = await tempFolder(PROJECT);
  const context = scriptedSetup(folder.path, undefined);
  await setUpClient({ serverUrl: "http://x" }, context, fails);
  assert.deepEqual(context.events.map(({ kind }) => kind), ["server_failed", "client_written"]);
});

test("setUpClient() rejects flags that contradict each other, and missing answers", async () => {
  await using folder = await tempFolder(PROJECT);
  const context = scriptedSetup(folder.path, undefined);
  const rows = [
    [{}, /Missing: --distribution/],
    [{ distribution: "server" }, /Missing: --distribution/],
    [{ serverUrl: "ftp://x" }, /must begin with http/],
    [{ serverUrl: "x" }, /is not a URL/],
    [{ serverUrl: "http://x", distribution: "workspace" }, /no effect/],
  ] as const;
  for (const [options, message] of rows) {
    await assert.rejects(setUpClient(options, context, answers), message);
  }
  assert.deepEqual(context.events, []);
});

test("setUpOnFirstRun() asks in projects that are not set up", async () => {
  const script = { [DISTRIBUTION]: "workspace", "Use workspace anyway?": true } as const;
  const rows: [Record<string, string>, typeof script | undefined, string, number][] = [
    [PROJECT, script, "set_up", 2],
    [PROJECT, undefined, "unattended", 0],
    [{ "x.ts": "" }, script, "none", 0],
    [{ ...PROJECT, "pyrpc.json": "{}" }, script, "none", 0],
    [{ ...PROJECT, "pyrpc-client.json": "{}" }, script, "configured", 0],
  ];
  for (const [files, answers, kind, started] of rows) {
    await using folder = await tempFolder(files);
    const context = scriptedSetup(folder.path, answers);
    let starts = 0;
    const run = await setUpOnFirstRun(context, () => void starts++);
    assert.deepEqual(
      [run.kind, starts, context.asked.length],
      [kind, Math.min(started, 1), started],
    );
  }
  await using folder = await tempFolder(PROJECT);
  const context = scriptedSetup(folder.path, script, { PYRPC_SERVER_URL: "http://x" });
  assert.equal((await setUpOnFirstRun(context, () => {})).kind, "none");
});

const NAMED = (clientRoot: string, distribution = "workspace") =>
  JSON.stringify({
    version: 1,
    framework: "fastapi",
    entrypoint: "m",
    distribution,
    client_root: clientRoot,
  });

test("the wizard suggests workspace only if a pyrpc.json above or beside names the client", async () => {
  const rows: [name: string, files: Record<string, string>, initial: string][] = [
    ["no backend", {}, "server"],
    ["beside", { "backend/pyrpc.json": NAMED("../web") }, "workspace"],
    ["above", { "pyrpc.json": NAMED("web") }, "workspace"],
    ["beside a folder above", { ".git/x": "", "backend/pyrpc.json": NAMED("../web") }, "workspace"],
    ["another client", { "backend/pyrpc.json": NAMED("../admin"), "admin/x": "" }, "server"],
    ["server distribution", { "backend/pyrpc.json": NAMED("../web", "server") }, "server"],
    ["broken", { "backend/pyrpc.json": "{" }, "server"],
    ["broken, and another", { "a/pyrpc.json": "{", "b/pyrpc.json": NAMED("../web") }, "workspace"],
  ];
  for (const [name, files, initial] of rows) {
    await using folder = await tempFolder({ "web/package.json": "{}", ...files });
    const context = scriptedSetup(folder.at("web"), {
      [DISTRIBUTION]: { default: true },
      "Server URL": { default: true },
    });
    const result = await setUpClient({}, context, answers);
    assert.equal(context.asked[0]?.initial, initial, name);
    assert.equal(result?.distribution, initial, name);
  }
  // Two levels up, in one repository, and not in another one.
  for (
    const [repository, initial] of [[".git/x", "workspace"], ["apps/.git/x", "server"]] as const
  ) {
    await using folder = await tempFolder({
      [repository]: "",
      "apps/web/package.json": "{}",
      "api/pyrpc.json": NAMED("../apps/web"),
    });
    const context = scriptedSetup(folder.at("apps/web"), {
      [DISTRIBUTION]: { default: true },
      "Server URL": { default: true },
    });
    await setUpClient({}, context, answers);
    assert.equal(context.asked[0]?.initial, initial, repository);
  }
});

test("the wizard explains the requirements of workspace, and asks again", async () => {
  await using folder = await tempFolder(PROJECT);
  const answersInTurn = ["workspace", "server"];
  const context = scriptedSetup(folder.path, {
    get [DISTRIBUTION]() {
      return answersInTurn.shift() ?? "";
    },
    "Use workspace anyway?": false,
    "Server URL": { default: true },
  });
  const result = await setUpClient({}, context, answers);
  assert.equal(result?.distribution, "server");
  assert.match(
    context.problems.join(),
    /No pyrpc\.json in a parent .* pyrpc init --distribution workspace/,
  );
  const flags = scriptedSetup(folder.path, undefined);
  await setUpClient({ distribution: "workspace" }, flags, answers);
  assert.deepEqual(flags.events.map(({ kind }) => kind), ["no_backend", "client_written"]);
});
