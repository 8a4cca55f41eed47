import assert from "node:assert/strict";
import { readdir, readFile, stat } from "node:fs/promises";
import { test } from "node:test";
import { serveHttp } from "../support/http_server.ts";
import { runCli } from "../support/run_cli.ts";
import { tempFolder } from "../support/temp_folder.ts";
import { KEY, typeKeys } from "../support/type_keys.ts";

const BACKEND = {
  "backend/main.py": "from fastapi import FastAPI\nimport pyrpc_core\napp = FastAPI()\n",
  "backend/app/core.py": "",
  "frontend/package.json": "{}",
  "frontend/vite.config.ts": "",
};
const QUESTIONS = {
  framework: "Which web framework are you using?",
  module: "Python module to scan for @rpc procedures (e.g. main, app.main)",
  distribution: "How are types distributed to the client?",
  client: "Where is your TypeScript client project?",
};

test("init asks four questions in order and writes the answers", async () => {
  await using folder = await tempFolder(BACKEND);
  const { code, screen } = await typeKeys(["init"], {
    cwd: folder.at("backend"),
    typed: [
      { when: QUESTIONS.framework, keys: KEY.enter },
      { when: QUESTIONS.module, keys: KEY.enter },
      { when: QUESTIONS.distribution, keys: KEY.enter },
      { when: QUESTIONS.client, keys: KEY.enter },
    ],
  });
  assert.equal(code, 0, screen);
  const order = [
    "pyRPC Setup",
    "Let's configure pyRPC for your project.",
    ...Object.values(QUESTIONS),
  ]
    .map((text) => screen.indexOf(text));
  assert.deepEqual(order, [...order].sort((a, b) => a - b));
  assert.ok(order[0] !== -1);
  const written = JSON.parse(await readFile(folder.at("backend", "pyrpc.json"), "utf8"));
  assert.match(written.$schema, /pyrpc\.schema\.json$/);
  delete written.$schema;
  assert.deepEqual(written, {
    version: 1,
    framework: "fastapi",
    entrypoint: "main",
    client_root: "../frontend",
    distribution: "workspace",
  });
  assert.match(screen, /Next: pyrpc dev/);
});

test("init explains a module that does not exist and continues with the right one; server asks no client", async () => {
  await using folder = await tempFolder(BACKEND);
  const { code, screen } = await typeKeys(["init"], {
    cwd: folder.at("backend"),
    typed: [
      { when: QUESTIONS.framework, keys: KEY.down + KEY.enter },
      { when: QUESTIONS.module, keys: `mian${KEY.enter}` },
      { when: "No module mian here", keys: KEY.erase.repeat(4) + "app.core:api" + KEY.enter },
      { when: QUESTIONS.distribution, keys: KEY.down + KEY.enter },
    ],
  });
  assert.equal(code, 0, screen);
  assert.ok(!screen.includes(QUESTIONS.client));
  const written = JSON.parse(await readFile(folder.at("backend", "pyrpc.json"), "utf8"));
  assert.equal(written.framework, "flask");
  assert.equal(written.entrypoint, "app.core:api");
  assert.equal(written.distribution, "server");
  assert.ok(!("client_root" in written));
});

for (const [name, at] of Object.entries(QUESTIONS)) {
  for (const [key, keys] of [["Ctrl+C", KEY.interrupt], ["Esc", KEY.escape]] as const) {
    test(`init left with ${key} at the question for the ${name} writes nothing`, async () => {
      await using folder = await tempFolder(BACKEND);
      const before = Object.values(QUESTIONS).slice(0, Object.values(QUESTIONS).indexOf(at));
      const { code, screen } = await typeKeys(["init"], {
        cwd: folder.at("backend"),
        typed: [...before.map((when) => ({ when, keys: KEY.enter })), { when: at, keys }],
      });
      assert.equal(code, 130, screen);
      assert.match(screen, /Nothing was written/);
      assert.deepEqual((await readdir(folder.at("backend"))).sort(), ["app", "main.py"]);
    });
  }
}

test("init ends when the terminal is closed or a signal comes", async () => {
  await using folder = await tempFolder(BACKEND);
  const cwd = folder.at("backend");
  const closed = await typeKeys(["init"], {
    cwd,
    typed: [{ when: QUESTIONS.framework, keys: KEY.enter }],
    hangUp: true,
  });
  assert.equal(closed.code, 130);
  const killed = await typeKeys(["init"], {
    cwd,
    typed: [],
    signal: { when: QUESTIONS.framework, name: "SIGTERM" },
  });
  assert.equal(killed.code, 143);
  assert.deepEqual((await readdir(cwd)).sort(), ["app", "main.py"]);
});

test("an older file without distribution is asked that only, and keeps comments, order and unknown members", async () => {
  await using folder = await tempFolder({
    ...BACKEND,
    "backend/pyrpc.json":
      `{\n    // ours\n    "entrypoint": "app.core", "x-team": [1],\n    "version": 1,\n    "framework": "flask", // not fastapi\n    "client_root": "../frontend"\n}\n`,
  });
  const { code, screen } = await typeKeys(["init"], {
    cwd: folder.at("backend"),
    typed: [{ when: QUESTIONS.distribution, keys: KEY.enter }],
  });
  assert.equal(code, 0, screen);
  for (const question of [QUESTIONS.framework, QUESTIONS.module, QUESTIONS.client]) {
    assert.ok(!screen.includes(question), question);
  }
  assert.equal(
    await readFile(folder.at("backend", "pyrpc.json"), "utf8"),
    `{\n    // ours\n    "entrypoint": "app.core", "x-team": [1],\n    "version": 1,\n    "framework": "flask", // not fastapi\n    "client_root": "../frontend",\n    "distribution": "workspace"\n}\n`,
  );
  const again = await typeKeys(["init"], { cwd: folder.at("backend"), typed: [] });
  assert.equal(again.code, 0);
  assert.ok(!again.screen.includes(QUESTIONS.distribution));
});

test("an older file without distribution and without client root is asked both", async () => {
  await using folder = await tempFolder({
    ...BACKEND,
    "backend/pyrpc.json": `{"version":1,"framework":"asgi","entrypoint":"main"}`,
  });
  const { code, screen } = await typeKeys(["init"], {
    cwd: folder.at("backend"),
    typed: [
      { when: QUESTIONS.distribution, keys: KEY.enter },
      { when: QUESTIONS.client, keys: `nowhere${KEY.enter}` },
      { when: "No folder", keys: KEY.erase.repeat(7) + "../frontend" + KEY.enter },
    ],
  });
  assert.equal(code, 0, screen);
  assert.ok(screen.includes(folder.at("backend", "nowhere")), "the resolved path is named");
  const written = JSON.parse(await readFile(folder.at("backend", "pyrpc.json"), "utf8"));
  assert.equal(written.client_root, "../frontend");
  assert.equal(written.framework, "asgi");
});

test("--reconfigure asks everything with the current values as defaults", async () => {
  await using folder = await tempFolder({
    ...BACKEND,
    "backend/pyrpc.json":
      `{"version":1,"framework":"flask","entrypoint":"app.core","distribution":"server"}`,
  });
  const { code, screen } = await typeKeys(["init", "--reconfigure"], {
    cwd: folder.at("backend"),
    typed: [QUESTIONS.framework, QUESTIONS.module, QUESTIONS.distribution].map((when) => ({
      when,
      keys: KEY.enter,
    })),
  });
  assert.equal(code, 0, screen);
  const written = JSON.parse(await readFile(folder.at("backend", "pyrpc.json"), "utf8"));
  assert.deepEqual(written, {
    version: 1,
    framework: "flask",
    entrypoint: "app.core",
    distribution: "server",
  });
});

test("--reconfigure converts a later format only on confirmation and keeps the old file beside", async () => {
  const later = `{ "backend": { "framework": "flask", "entrypoint": "main:app" },
  "clients": [{ "framework": "Next.js", "root": "../frontend" }] }`;
  await using folder = await tempFolder({ ...BACKEND, "backend/pyrpc.json": later });
  const cwd = folder.at("backend");
  const declined = await typeKeys(["init", "--reconfigure"], {
    cwd,
    typed: [{ when: "Convert it?", keys: "n" }],
  });
  assert.equal(declined.code, 1, declined.screen);
  assert.equal(await readFile(folder.at("backend", "pyrpc.json"), "utf8"), later);
  const converted = await typeKeys(["init", "--reconfigure"], {
    cwd,
    typed: [
      { when: "Convert it?", keys: KEY.enter },
      ...Object.values(QUESTIONS).map((when) => ({ when, keys: KEY.enter })),
    ],
  });
  assert.equal(converted.code, 0, converted.screen);
  assert.equal(await readFile(folder.at("backend", "pyrpc.json.0.13"), "utf8"), later);
  const written = JSON.parse(await readFile(folder.at("backend", "pyrpc.json"), "utf8"));
  assert.equal(written.entrypoint, "main:app");
  assert.equal(written.framework, "flask");
  assert.equal(written.client_root, "../frontend");
});

test("init without a terminal asks nothing: exit 2 and the exact flags, which then work", async () => {
  await using folder = await tempFolder(BACKEND);
  const cwd = folder.at("backend");
  for (const options of [{}, { env: { CI: "1" }, terminal: true }]) {
    const { code, stderr, files } = await runCli(["init"], { cwd, ...options });
    assert.equal(code, 2);
    assert.deepEqual(files, {});
    assert.match(
      stderr,
      /pyrpc init --framework fastapi --entry main --distribution workspace\|server --client-root \.\.\/frontend/,
    );
  }
  const yes = await runCli(["init", "--yes"], { cwd });
  assert.equal(yes.code, 2);
  assert.match(yes.stderr, /Missing: --distribution/);
  const given = await runCli(["init", "--yes", "--distribution", "workspace"], { cwd });
  assert.equal(given.code, 0, given.stderr);
  assert.deepEqual(Object.keys(given.files), ["pyrpc.json"]);
});

test("--yes on a terminal never decides the distribution either", async () => {
  await using folder = await tempFolder(BACKEND);
  const { code, screen } = await typeKeys(["init", "--yes"], {
    cwd: folder.at("backend"),
    typed: [],
  });
  assert.equal(code, 2);
  assert.ok(!screen.includes(QUESTIONS.distribution));
});

test("flags override the file and are stored; the environment is not", async () => {
  await using folder = await tempFolder({
    ...BACKEND,
    "backend/pyrpc.json":
      `{\n  "version": 1,\n  "framework": "fastapi",\n  "entrypoint": "main",\n  "distribution": "server"\n}\n`,
  });
  const cwd = folder.at("backend");
  const first = await runCli(["init"], { cwd, env: { PYRPC_FRAMEWORK: "asgi" } });
  assert.equal(first.code, 0);
  assert.deepEqual(first.files, {});
  const second = await runCli(
    ["init", "--distribution", "workspace", "--client-root", "../frontend", "--entry", "app.core"],
    { cwd },
  );
  assert.equal(second.code, 0, second.stderr);
  assert.equal(
    second.files["pyrpc.json"],
    `{\n  "version": 1,\n  "framework": "fastapi",\n  "entrypoint": "app.core",\n  "distribution": "workspace",\n  "client_root": "../frontend"\n}\n`,
  );
});

test("a client root that is not there is an error with the resolved path and how to make one; nothing is written", async () => {
  await using folder = await tempFolder(BACKEND);
  const { code, stderr, files } = await runCli(
    ["init", "--yes", "--distribution", "workspace", "--client-root", "../nowhere"],
    { cwd: folder.at("backend") },
  );
  assert.equal(code, 3);
  assert.deepEqual(files, {});
  assert.ok(stderr.includes(folder.at("nowhere")));
  assert.match(stderr, /npm create vite/);
});

test("types left at the old client root are moved with --yes", async () => {
  await using folder = await tempFolder({
    ...BACKEND,
    "backend/pyrpc.json":
      `{"version":1,"framework":"fastapi","entrypoint":"main","distribution":"workspace","client_root":"../frontend"}`,
    "frontend/node_modules/@pyrpc/types/src/index.ts": "// Auto-generated by @pyrpc/types\n",
    "frontend/node_modules/@pyrpc/types/package.json": "{}",
    "web/package.json": "{}",
  });
  const cwd = folder.at("backend");
  const without = await runCli(["init", "--client-root", "../web"], { cwd });
  assert.equal(without.code, 0);
  assert.match(without.stderr, /previous client project has generated types/);
  assert.ok((await stat(folder.at("frontend/node_modules/@pyrpc/types/src/index.ts"))).isFile());
  const back = await runCli(["init", "--client-root", "../frontend"], { cwd });
  assert.equal(back.code, 0);
  const moved = await runCli(["init", "--client-root", "../web", "--yes"], { cwd });
  assert.equal(moved.code, 0, moved.stderr);
  assert.match(moved.stderr, /Moved to [^]*Next: pyrpc dev/);
  assert.ok((await stat(folder.at("web/node_modules/@pyrpc/types/src/index.ts"))).isFile());
  await assert.rejects(stat(folder.at("frontend/node_modules/@pyrpc/types")));
});

test("init --client asks distribution and address, tries the server, and writes beside package.json", async () => {
  await using folder = await tempFolder({ "web/package.json": "{}", "web/src/x.ts": "" });
  await using server = await serveHttp((_, response) => response.end("{}"));
  const { code, screen } = await typeKeys(["init", "--client"], {
    cwd: folder.at("web", "src"),
    typed: [
      { when: "How are types distributed?", keys: KEY.enter },
      { when: "Server URL", keys: `ftp://x${KEY.enter}` },
      { when: "must begin with http", keys: KEY.erase.repeat(7) + server.url + KEY.enter },
    ],
  });
  assert.equal(code, 0, screen);
  const written = JSON.parse(await readFile(folder.at("web", "pyrpc-client.json"), "utf8"));
  assert.equal(written.distribution, "server");
  assert.equal(written.server_url, server.url);
  assert.match(screen, /Next: npx pyrpc sync/);
});

test("init --client explains why an address is not a server and asks whether to keep the address", async () => {
  await using folder = await tempFolder({ "package.json": "{}" });
  const { code, screen } = await typeKeys(["init", "--client"], {
    cwd: folder.path,
    typed: [
      { when: "How are types distributed?", keys: KEY.enter },
      { when: "Server URL", keys: `http://127.0.0.1:1${KEY.enter}` },
      { when: "anyway?", keys: "y" },
    ],
  });
  assert.equal(code, 0, screen);
  assert.match(screen, /nothing listens at/);
});

test("init --client without a terminal names the flags, which then work", async () => {
  await using folder = await tempFolder({ "package.json": "{}" });
  const asked = await runCli(["init", "--client"], { cwd: folder.path });
  assert.equal(asked.code, 2);
  assert.match(asked.stderr, /--distribution server --server-url/);
  const given = await runCli(["init", "--client", "--distribution", "workspace"], {
    cwd: folder.path,
  });
  assert.equal(given.code, 0, given.stderr);
  assert.deepEqual(Object.keys(given.files), ["pyrpc-client.json"]);
});

test("--reconfigure without a terminal accepts complete answers, and current ones with --yes", async () => {
  const old = `{"version":1,"framework":"flask","entrypoint":"main","distribution":"server"}`;
  await using folder = await tempFolder({ ...BACKEND, "backend/pyrpc.json": old });
  const cwd = folder.at("backend");
  const none = await runCli(["init", "--reconfigure"], { cwd });
  assert.equal(none.code, 2);
  assert.match(none.stderr, /Missing: --framework, --entry, --distribution/);
  const all = await runCli(
    [
      "init",
      "--reconfigure",
      "--framework",
      "asgi",
      "--entry",
      "app.core",
      "--distribution",
      "server",
    ],
    { cwd },
  );
  assert.equal(all.code, 0, all.stderr);
  assert.match(all.files["pyrpc.json"] ?? "", /"framework":"asgi","entrypoint":"app.core"/);
  const yes = await runCli(["init", "--reconfigure", "--yes"], { cwd });
  assert.equal(yes.code, 0, yes.stderr);
  assert.deepEqual(yes.files, {});
});

test("--reconfigure --yes converts a later format and keeps the old file", async () => {
  const later = JSON.stringify({ module: "main", framework: "Next.js", client: "../frontend" });
  await using folder = await tempFolder({ ...BACKEND, "backend/pyrpc.json": later });
  const cwd = folder.at("backend");
  const plain = await runCli(["init", "--entry", "app.core"], { cwd });
  assert.equal(plain.code, 0, plain.stderr);
  assert.deepEqual(plain.files, {}, "flags hold for the run only");
  const { code, files, stderr } = await runCli(["init", "--reconfigure", "--yes"], { cwd });
  assert.equal(code, 0, stderr);
  assert.equal(files["pyrpc.json.0.10"], later);
  const written = JSON.parse(files["pyrpc.json"] ?? "");
  assert.equal(written.entrypoint, "main");
  assert.equal(written.framework, "fastapi");
  assert.equal(written.distribution, "workspace");
});

test("values from the environment are not stored with the answers of an older file", async () => {
  const old = `{"version":1,"framework":"flask","entrypoint":"main"}`;
  await using folder = await tempFolder({ ...BACKEND, "backend/pyrpc.json": old });
  const { code, screen } = await typeKeys(["init"], {
    cwd: folder.at("backend"),
    env: { PYRPC_ENTRY: "app.core", PYRPC_FRAMEWORK: "asgi" },
    typed: [
      { when: QUESTIONS.distribution, keys: KEY.enter },
      { when: QUESTIONS.client, keys: KEY.enter },
    ],
  });
  assert.equal(code, 0, screen);
  const written = JSON.parse(await readFile(folder.at("backend", "pyrpc.json"), "utf8"));
  assert.deepEqual(written, {
    version: 1,
    framework: "flask",
    entrypoint: "main",
    distribution: "workspace",
    client_root: "../frontend",
  });
});
