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
    [{ serverUrl: "http://x", distribution: "workspace" }, /no use/],
  ] as const;
  for (const [options, message] of rows) {
    await assert.rejects(setUpClient(options, context, answers), message);
  }
  assert.deepEqual(context.events, []);
});

test("setUpOnFirstRun() asks in projects that are not set up", async () => {
  const script = { [DISTRIBUTION]: { default: true } } as const;
  const rows: [Record<string, string>, typeof script | undefined, string, number][] = [
    [PROJECT, script, "set_up", 1],
    [PROJECT, undefined, "unattended", 0],
    [{ "x.ts": "" }, script, "none", 0],
    [{ ...PROJECT, "pyrpc.json": "{}" }, script, "none", 0],
    [{ ...PROJECT, "pyrpc-client.json": "{}" }, script, "none", 0],
  ];
  for (const [files, answers, kind, started] of rows) {
    await using folder = await tempFolder(files);
    const context = scriptedSetup(folder.path, answers);
    let starts = 0;
    const run = await setUpOnFirstRun(context, () => void starts++);
    assert.deepEqual([run.kind, starts, context.asked.length], [kind, started, started]);
  }
  await using folder = await tempFolder(PROJECT);
  const context = scriptedSetup(folder.path, script, { PYRPC_SERVER_URL: "http://x" });
  assert.equal((await setUpOnFirstRun(context, () => {})).kind, "none");
});
