import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { describe, test } from "node:test";
import { JOINED_ROUTES } from "../../lib/django_urls.ts";
import { type DevEvent, DevSession } from "../../lib/dev/mod.ts";
import { loadProject } from "../../lib/project/mod.ts";
import { systemClock } from "../../lib/runtime/mod.ts";
import { djangoShop, joinRoutes, runserver } from "../support/django.ts";
import { freePort } from "../support/free_port.ts";
import { pythonEnvironment, pythonSkip } from "../support/python.ts";
import { runCli } from "../support/run_cli.ts";
import type { TempFolder } from "../support/temp_folder.ts";
import { waitUntil } from "../support/wait_until.ts";

const skip = pythonSkip();
const SCHEMA = new URL("../fixtures/shop.schema.json", import.meta.url);
const ASGI = 'ASGI_APPLICATION = "mysite.asgi.application"\n';

async function environment() {
  const { python } = await pythonEnvironment("django-0.14");
  return { PYRPC_PYTHON: python, PATH: process.env["PATH"] ?? "", HOME: process.env["HOME"] ?? "" };
}

async function append(folder: TempFolder, file: string, text: string): Promise<void> {
  await writeFile(folder.at(file), await readFile(folder.at(file), "utf8") + text);
}

const post = (url: string, body: string) =>
  fetch(`${url}/rpc`, {
    method: "POST",
    headers: { "content-type": "application/json", connection: "close" },
    body,
  });
const call = (id: number, method: string, params: unknown) => ({
  jsonrpc: "2.0",
  id,
  method,
  params,
});

/** The loop over the example backend; `own` serves it. */
async function start(folder: TempFolder) {
  const env = await environment();
  const port = await freePort();
  const load = () =>
    loadProject({
      cwd: folder.at("api"),
      env: {},
      overrides: { python: env.PYRPC_PYTHON, port, debounce: 100 },
    });
  const state = await load();
  assert.ok(state.kind === "ready", JSON.stringify(state));
  const events: DevEvent[] = [];
  const session = new DevSession({
    project: state.project,
    reload: load,
    env: { ...process.env, ...env },
    cwd: folder.at("api"),
    server: "own",
    clock: systemClock,
    onEvent: (event) => void events.push(event),
    onFailure: (error) => {
      throw error;
    },
  });
  await session.start();
  return {
    session,
    events,
    url: `http://127.0.0.1:${port}`,
    of: <K extends DevEvent["kind"]>(kind: K) =>
      events.filter((event): event is DevEvent & { kind: K } => event.kind === kind),
    [Symbol.asyncDispose]: () => session.end(),
  };
}

const config = (extra: object = {}) =>
  JSON.stringify({
    version: 1,
    framework: "django",
    entrypoint: "mysite.urls",
    client_root: "../web",
    distribution: "workspace",
    ...extra,
  });
const TYPES = "web/node_modules/@pyrpc/types/src/index.ts";

describe("Django", { skip, timeout: 300_000 }, () => {
  for (
    const [name, settings, joined] of [
      ["WSGI", "", false],
      ["WSGI with joined routes", "", true],
      ["ASGI", ASGI, false],
      ["ASGI with joined routes", ASGI, true],
    ] as const
  ) {
    test(`dev serves the project and follows saves: ${name}`, async () => {
      await using folder = await djangoShop({ "api/pyrpc.json": config() });
      await append(folder, "api/mysite/settings.py", settings);
      if (joined) await append(folder, "api/mysite/urls.py", JOINED_ROUTES.join("\n") + "\n");
      await using dev = await start(folder);
      assert.deepEqual(dev.of("broken"), []);
      assert.deepEqual(dev.of("server_failed"), []);
      const schema = await (await fetch(`${dev.url}/rpc`)).json();
      assert.deepEqual(schema, JSON.parse(await readFile(SCHEMA, "utf8")));
      const batch = await post(
        dev.url,
        JSON.stringify([call(1, "add", [1, 2]), call(2, "no", [])]),
      );
      assert.equal(batch.status, 200);
      const answers = await batch.json() as { id: number; result: unknown }[];
      assert.deepEqual(answers.map(({ id, result }) => [id, result]), [[1, 3], [2, null]]);
      assert.equal(
        (await (await post(dev.url, JSON.stringify(call(1, "add", [1, 2])))).json()).result,
        3,
      );
      assert.equal((await post(dev.url, "{")).status, 400);
      assert.equal((await fetch(`${dev.url}/rpc`, { method: "PUT" })).status, 405);
      assert.equal(await (await fetch(`${dev.url}/hi`)).text(), "hi");
      // Middleware of the project, and its static files.
      assert.equal(
        (await fetch(`${dev.url}/rpc`)).headers.get("x-content-type-options"),
        "nosniff",
      );
      assert.equal((await fetch(`${dev.url}/static/admin/css/base.css`)).status, 200);
      assert.match(await readFile(folder.at(TYPES), "utf8"), /list_products/);

      await append(folder, "api/procedures.py", "\n@rpc\ndef added() -> int:\n    return 7\n");
      await waitUntil(async () => /added/.test(await readFile(folder.at(TYPES), "utf8")));
      await waitUntil(async () => {
        const answer = await post(dev.url, JSON.stringify(call(1, "added", []))).catch(() =>
          undefined
        );
        return (await answer?.json() as { result?: unknown } | undefined)?.result === 7;
      });
    });
  }

  test("dev reads templates again without a restart", async () => {
    await using folder = await djangoShop({
      "api/pyrpc.json": config(),
      "api/templates/page.html": "before",
    });
    await append(
      folder,
      "api/mysite/urls.py",
      'from django.shortcuts import render\nurlpatterns.append(path("page", lambda request: render(request, "page.html")))\n',
    );
    await using dev = await start(folder);
    assert.equal(await (await fetch(`${dev.url}/page`)).text(), "before");
    await folder.write({ "api/templates/page.html": "after" });
    assert.equal(await (await fetch(`${dev.url}/page`)).text(), "after");
  });

  test("sync, doctor and init print the lines that join the routes; pasted, sync works", async () => {
    await using folder = await djangoShop();
    const env = await environment();
    const cwd = folder.at("api");
    const init = await runCli(["init", "--yes", "--distribution", "server"], { cwd, env });
    assert.equal(init.code, 0, init.stderr);
    const written = JSON.parse(await readFile(folder.at("api/pyrpc.json"), "utf8"));
    assert.deepEqual([written.framework, written.entrypoint], ["django", "mysite.urls"]);
    const lines = JOINED_ROUTES.join("\n");
    assert.ok(init.stderr.includes(`\n${lines}\n`), init.stderr);
    const doctor = await runCli(["doctor"], { cwd, env });
    assert.ok(doctor.stdout.includes(`\n${lines}\n`), doctor.stdout);
    assert.match(doctor.stdout, /! entry .*\n.*405/);
    let pasted = "";
    {
      await using server = await runserver(folder);
      for (
        const args of [
          ["sync", server.url],
          ["codegen", server.url],
          ["inspect", server.url],
          ["doctor", "--server-url", server.url],
        ]
      ) {
        const run = await runCli(args, { cwd: folder.at("web"), env });
        assert.notEqual(run.code, 0);
        const text = run.stdout + run.stderr;
        assert.ok(text.includes(`\n${lines}\n`), text);
        pasted = text.slice(text.indexOf("\nimport json\n"), text.lastIndexOf("rpc_view))") + 10);
      }
    }
    await append(folder, "api/mysite/urls.py", `${pasted.trimEnd()}\n`);
    await using server = await runserver(folder);
    const sync = await runCli(["sync", server.url], { cwd: folder.at("web"), env });
    assert.equal(sync.code, 0, sync.stderr);
    const batch = await post(server.url, JSON.stringify([call(1, "add", [1, 2])]));
    assert.equal((await batch.json() as { result: unknown }[])[0]?.result, 3);
    for (
      const [method, body, status] of [
        ["POST", "[bad", 400],
        ["POST", "{", 400],
        ["POST", "", 400],
        ["PUT", "[1]", 405],
      ] as const
    ) {
      const answer = await fetch(`${server.url}/rpc`, { method, body });
      assert.equal(answer.status, status, `${method} ${body}`);
      await answer.body?.cancel();
    }
    const after = await runCli(["doctor", "--json"], { cwd, env });
    const { findings } = JSON.parse(after.stdout) as {
      findings: { check: string; status: string }[];
    };
    assert.deepEqual(
      findings.filter(({ check }) => check === "entry").map(({ status }) => status),
      ["ok"],
    );
    const again = await runCli(["init", "--reconfigure", "--yes"], { cwd, env });
    assert.ok(!again.stderr.includes("rpc_view"), again.stderr);
  });

  test("doctor checks the routes at /rpc, wherever else the adapter is mounted", async () => {
    await using folder = await djangoShop({ "api/pyrpc.json": config() });
    const env = await environment();
    await joinRoutes(folder);
    const urls =
      "inner = []\nmount_django(inner)\nurlpatterns.append(path('internal/', include(inner)))\n";
    await append(folder, "api/mysite/urls.py", `from django.urls import include\n${urls}`);
    const entryOf = async () => {
      const { stdout } = await runCli(["doctor", "--json"], { cwd: folder.at("api"), env });
      const { findings } = JSON.parse(stdout) as {
        findings: { check: string; status: string; details: string[] }[];
      };
      const { status, details } = findings.find(({ check }) => check === "entry") ?? assert.fail();
      return [status, details.join()];
    };
    assert.deepEqual(await entryOf(), ["ok", ""]);
    // Django uses the first route of a path.
    await append(
      folder,
      "api/mysite/urls.py",
      "urlpatterns.insert(0, path('rpc', lambda request: HttpResponse('mine'), name='mine'))\n",
    );
    const [status, details = ""] = await entryOf();
    assert.equal(status, "broken");
    assert.match(details, /another route \("mine"\) answers \/rpc before/);
  });

  test("every entry of a Django project returns the contract of the other adapters", async () => {
    await using folder = await djangoShop({ "api/prod.py": "from mysite.settings import *\n" });
    const env = await environment();
    const expected = JSON.parse(await readFile(SCHEMA, "utf8"));
    for (
      const entry of [
        "mysite.urls",
        "manage",
        "mysite.wsgi",
        "mysite.asgi",
        "mysite.asgi:application",
        "procedures",
      ]
    ) {
      const { code, stdout, stderr } = await runCli(["pull", entry, "--out", "-"], {
        cwd: folder.at("api"),
        env,
      });
      assert.equal(code, 0, `${entry}: ${stderr}`);
      assert.deepEqual(JSON.parse(stdout), expected, entry);
    }
    const other = await runCli(["pull", "manage", "--out", "-"], {
      cwd: folder.at("api"),
      env: { ...env, DJANGO_SETTINGS_MODULE: "prod" },
    });
    assert.deepEqual(JSON.parse(other.stdout), expected, other.stderr);
  });

  test("a configuration in the folder above, as pyRPC 0.13 writes it, runs in that of manage.py", async () => {
    await using folder = await djangoShop({
      "pyrpc.json": JSON.stringify({
        backend: { framework: "django", entrypoint: "api/manage.py", types_module: "procedures" },
        clients: [{ framework: "Other", root: "./web" }],
      }),
    });
    const check = await runCli(["check", "--json"], { cwd: folder.path, env: await environment() });
    const steps = JSON.parse(check.stdout).steps as { name: string; status: string }[];
    assert.equal(steps.find(({ name }) => name === "contract")?.status, "ok", check.stdout);
  });

  test("docs/django.md has the lines that are printed", async () => {
    const text = await readFile(new URL("../../docs/django.md", import.meta.url), "utf8");
    assert.ok(text.includes(`\`\`\`python\n${JOINED_ROUTES.join("\n")}\n\`\`\`\n`));
  });

  test("errors name the missing part of a project", async () => {
    const env = await environment();
    await using bare = await djangoShop({
      "api/pyrpc.json": config(),
      "api/manage.py": "",
      "api/mysite/wsgi.py": "",
      "api/mysite/asgi.py": "",
    });
    const settings = await runCli(["doctor"], { cwd: bare.at("api"), env });
    assert.match(settings.stdout, /No Django settings were found/);
    await using unmounted = await djangoShop({ "api/pyrpc.json": config() });
    await writeFile(unmounted.at("api/mysite/urls.py"), "import procedures\nurlpatterns = []\n");
    const doctor = await runCli(["doctor"], { cwd: unmounted.at("api"), env });
    assert.match(
      doctor.stdout,
      /✗ entry .*\n +mysite\.urls has no \/rpc\n +fix: Add mount_django\(urlpatterns\)/,
    );
  });
});
