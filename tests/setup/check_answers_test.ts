import assert from "node:assert/strict";
import { test } from "node:test";
import { runCli } from "../support/run_cli.ts";
import { tempFolder } from "../support/temp_folder.ts";

const BACKEND = "from fastapi import FastAPI\nfrom pyrpc_core import rpc\napi = FastAPI()\n";

test("init refuses wrong entries and clients with the nearest match, and writes nothing", async () => {
  await using folder = await tempFolder({
    "api/main.py": BACKEND,
    "api/tools/x.py": "",
    "web/package.json": "{}",
    "web/tsconfig.json": "{}",
    "web/vite.config.ts": "",
  });
  const init = (...args: string[]) =>
    runCli(["init", "--yes", "--distribution", "workspace", ...args], { cwd: folder.at("api") });
  const rows = [
    [["--entry", "main.py"], 2, /Write the module, not its file: main/],
    [["--entry", "mian"], 2, /Did you mean --entry main:api\?/],
    [["--entry", "nosuch"], 2, /Did you mean --entry main:api\?/],
    [["--entry", "main:nosuch"], 2, /main has no application "nosuch"\n.*--entry main:api\?/],
    [
      ["--client-root", "../wbe"],
      3,
      /"..\/wbe" does not exist[^]*Did you mean --client-root ..\/web\?/,
    ],
    [
      ["--client-root", "../web/package.json"],
      3,
      /is a file, not a folder\n.*Did you mean --client-root ..\/web\?/,
    ],
    [["--client-root", "wbe/package.json"], 3, /vite@latest \S+wbe -- /],
    [["--client-root", "~/web"], 3, /without ~(?![^]*vite@latest)/],
    [["--client-root", "."], 3, /not a TypeScript or JavaScript project[^]*..\/web/],
    [["--client-root", "tools"], 3, /--force/],
    [["--client-root", "main.py"], 3, /is a file, not a folder\n.*--client-root ..\/web\?/],
  ] as const;
  for (const [args, code, message] of rows) {
    const result = await init(...args);
    assert.equal(result.code, code, `${args} ${result.stderr}`);
    assert.match(result.stderr, message);
    assert.doesNotMatch(result.stderr, /pyrpc\.json:\d/);
    assert.deepEqual(result.files, {});
  }
  assert.equal((await init("--client-root", "tools", "--force")).code, 0);
});

test("a misspelled member of a configuration is refused with the nearest match, an unknown one is not", async () => {
  const project = {
    version: 1,
    framework: "fastapi",
    entrypoint: "main",
    distribution: "server",
  };
  const rows = [
    ["pyrpc.json", { ...project, prot: 8123 }, /Unknown setting "prot"[^]*Did you mean "port"/],
    ["pyrpc.json", { ...project, debouce: 1 }, /Did you mean "debounce"/],
    ["pyrpc.json", { ...project, excludes: ["admin.*"] }, /Did you mean "exclude"/],
    ["pyrpc.json", { ...project, team: "shop", x: 1 }, undefined],
    ["pyrpc-client.json", { distribution: "server", server_ulr: "x" }, /Did you mean "server_url"/],
    [
      "pyrpc-client.json",
      { distribution: "server", server_url: "http://a", exlude: [] },
      /"exclude"/,
    ],
    ["pyrpc-client.json", { distribution: "workspace", comment: "" }, undefined],
  ] as const;
  for (const [name, content, message] of rows) {
    const args = name === "pyrpc.json" ? ["config"] : ["sync"];
    const { code, stderr } = await runCli(args, { files: { [name]: JSON.stringify(content) } });
    assert.equal(code, message === undefined ? 0 : 3, stderr);
    if (message !== undefined) assert.match(stderr, message);
  }
});

test("a host is a name or an address, as a flag and as an answer", async () => {
  const files = {
    "pyrpc.json": '{"version":1,"host":"http://localhost:1","distribution":"server"}',
  };
  const proposed = {
    "": "127.0.0.1",
    "http://localhost": "localhost",
    "http://[::1]:8000/rpc": "::1",
    "a b": "a",
    "host/path": "host",
    "localhost:8000": "localhost",
    "[::1]": "::1",
  };
  for (const [host, fix] of Object.entries(proposed)) {
    const args = ["dev", "main", "--distribution", "server", "--host", host];
    const { code, stderr } = await runCli(args);
    assert.equal(code, 2, host);
    assert.match(stderr, /--host must be a host name or an address/);
    assert.ok(stderr.includes(`Write the host only: ${fix}\n`), stderr);
  }
  const { stderr } = await runCli(["dev", "main", "--distribution", "server"], { files });
  assert.match(stderr, /Write the host only: localhost/);
});
