import assert from "node:assert/strict";
import { cp, readFile } from "node:fs/promises";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { pythonEnvironment, pythonSkip, startShop } from "../support/python.ts";
import { runCli } from "../support/run_cli.ts";
import { type TempFolder, tempFolder } from "../support/temp_folder.ts";

const skip = pythonSkip();
const SHOP = fileURLToPath(new URL("../fixtures/shop", import.meta.url));

interface Finding {
  readonly check: string;
  readonly status: string;
  readonly message: string;
  readonly fix?: readonly string[];
}

async function shopProject(): Promise<TempFolder> {
  const folder = await tempFolder({ "web/package.json": "{}", "api/x": "" });
  await cp(SHOP, folder.at("api"), { recursive: true });
  await folder.write({
    "api/pyrpc.json": JSON.stringify({
      version: 1,
      framework: "fastapi",
      entrypoint: "main",
      client_root: "../web",
      distribution: "workspace",
    }),
  });
  return folder;
}

async function doctor(cwd: string, args: string[], env: Record<string, string>) {
  const { code, stdout, stderr } = await runCli(["doctor", "--json", ...args], { cwd, env });
  assert.equal(stderr, "");
  const { ok, findings } = JSON.parse(stdout) as { ok: boolean; findings: Finding[] };
  assert.equal(ok, code === 0);
  const of = (check: string) => findings.filter((each) => each.check === check);
  return { code, findings, of };
}

test("doctor accepts a complete project, and reports missing parts of others", {
  skip,
  timeout: 300_000,
}, async () => {
  await using folder = await shopProject();
  const { python, bin } = await pythonEnvironment("shop-0.14");
  const env = { PYRPC_PYTHON: python, PATH: bin, HOME: folder.path };
  const cwd = folder.at("api");

  const before = await doctor(cwd, [], env);
  assert.equal(before.code, 1);
  assert.deepEqual(before.of("types").map(({ status, fix }) => [status, fix]), [["broken", [
    "pyrpc dev",
  ]]]);
  for (const check of ["configuration", "interpreter", "packages", "adapter", "entry"]) {
    assert.deepEqual(
      before.of(check).map(({ status }) => status),
      ["ok"],
      JSON.stringify(before.of(check)),
    );
  }
  assert.match(before.of("packages")[0]?.message ?? "", /pyrpc-core 0\.14/);
  assert.match(before.of("entry")[0]?.message ?? "", /12 procedures/);
  // The environment's bin folder is on the path, and it holds the Python package's program of our name.
  assert.equal(before.of("path")[0]?.status, "warning");

  await using server = await startShop("asgi");
  const sync = await runCli(["sync", server.url], { cwd: folder.at("web") });
  assert.equal(sync.code, 0, sync.stderr);
  const whole = await doctor(cwd, ["--server-url", server.url], env);
  assert.equal(whole.code, 0, JSON.stringify(whole.findings, null, 1));
  assert.match(whole.of("wire")[0]?.message ?? "", /0\.9 or newer/);
  assert.equal(whole.of("cors")[0]?.status, "ok");

  const source = await readFile(folder.at("api", "procedures.py"), "utf8");
  await folder.write({ "api/procedures.py": source.replace("def add(a: int", "def add(a: str") });
  const stale = await doctor(cwd, [], env);
  assert.match(stale.of("types")[0]?.message ?? "", /types are out of date/);

  await folder.write({ "api/procedures.py": "def broken(:\n" });
  const broken = await doctor(cwd, [], env);
  assert.equal(broken.of("entry")[0]?.status, "broken");
});

test(
  "doctor compares the server at the project's port with the project, and names an application that is not there",
  {
    skip,
    timeout: 300_000,
  },
  async () => {
    await using folder = await shopProject();
    const { python } = await pythonEnvironment("shop-0.14");
    await using server = await startShop("asgi");
    const env = { PYRPC_PYTHON: python, PATH: "", PYRPC_PORT: String(server.port) };
    const cwd = folder.at("api");
    const own = await doctor(cwd, [], env);
    assert.equal(own.of("server")[0]?.status, "ok");
    const source = "from pyrpc_core import rpc\n@rpc\ndef other() -> int:\n    return 1\n";
    await folder.write({ "api/main.py": source });
    const foreign = await doctor(cwd, [], env);
    assert.equal(foreign.of("server")[0]?.status, "broken");
    assert.match(
      foreign.of("server")[0]?.message ?? "",
      /is another pyRPC server \(.+ and 9 more\)/,
    );
    assert.match(foreign.of("server")[0]?.fix?.join() ?? "", /pyrpc dev --port \d+/);
    assert.equal(foreign.of("wire").length, 0);
    assert.equal(foreign.of("entry")[0]?.status, "warning");
    const asked = await doctor(cwd, ["--server-url", server.url], env);
    assert.equal(asked.of("server")[0]?.status, "warning");
    const apps = "from fastapi import FastAPI\napi = FastAPI()\nadmin = FastAPI()\n";
    await folder.write({ "api/main.py": source + apps });
    const several = await doctor(cwd, [], env);
    assert.equal(several.of("entry")[0]?.status, "broken");
    assert.match(several.of("entry")[0]?.message ?? "", /several applications: api, admin/);
  },
);

test("doctor reports that FastAPI allows no other origin, and the wire format of an old server", {
  skip,
  timeout: 300_000,
}, async () => {
  await using folder = await tempFolder();
  await using server = await startShop("fastapi", "0.7");
  const { code, of } = await doctor(folder.path, ["--server-url", server.url], { PATH: "" });
  assert.equal(code, 0);
  assert.match(of("wire")[0]?.message ?? "", /0\.7 or 0\.8/);
  assert.equal(of("cors")[0]?.status, "warning");
  assert.match(of("cors")[0]?.fix?.join() ?? "", /CORSMiddleware/);
});

test(
  "doctor finds a broken configuration, an unreachable server and an interpreter that does not run",
  {
    skip,
  },
  async () => {
    await using folder = await tempFolder({
      "pyrpc.json": `{\n  "version": 1,\n  "framework": "rails"\n}`,
      "pyrpc-client.json": `{ "distribution": "server", "server_url": "http://127.0.0.1:1" }`,
      "package.json": "{}",
    });
    const broken = await doctor(folder.path, [], { PATH: "" });
    assert.equal(broken.code, 1);
    assert.match(broken.of("configuration")[0]?.message ?? "", /"framework" must be/);
    assert.equal(broken.of("server")[0]?.status, "broken");
    await folder.write({
      "main.py": "",
      "pyrpc.json":
        `{"version": 1, "framework": "asgi", "entrypoint": "main", "distribution": "server"}`,
    });
    const none = await doctor(folder.path, ["--python", folder.at("nowhere")], { PATH: "" });
    assert.equal(none.of("interpreter")[0]?.status, "broken");
  },
);

test(
  "check passes for a module, and reports the failed checks",
  { skip, timeout: 300_000 },
  async () => {
    await using folder = await shopProject();
    const { python } = await pythonEnvironment("shop-0.14");
    const env = { PYRPC_PYTHON: python };
    const cwd = folder.at("api");
    const pulled = await runCli(["pull", "main", "-o", "schema.json"], { cwd, env });
    assert.equal(pulled.code, 0, pulled.stderr);
    const sync = await runCli(["sync", "--offline", "../api/schema.json"], {
      cwd: folder.at("web"),
    });
    assert.equal(sync.code, 0, sync.stderr);
    const whole = await runCli(["check"], { cwd, env });
    assert.equal(whole.code, 0, whole.stdout + whole.stderr);
    assert.match(
      whole.stdout,
      /✓ contract +12 procedures\n✓ types +1 client\n✓ snapshot +schema\.json/,
    );
    const source = await readFile(folder.at("api", "procedures.py"), "utf8");
    await folder.write({ "api/procedures.py": source.replace("def add(a: int", "def add(a: str") });
    const changed = await runCli(["check", "--json"], { cwd, env });
    assert.equal(changed.code, 1);
    const rules = JSON.parse(changed.stdout).findings.map(({ rule }: { rule: string }) => rule);
    assert.deepEqual(rules, ["KIND_UNDECLARED", "TYPES_STALE", "SNAPSHOT_STALE"]);
  },
);
