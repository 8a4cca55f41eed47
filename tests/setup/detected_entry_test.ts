import assert from "node:assert/strict";
import { test } from "node:test";
import { runCli } from "../support/run_cli.ts";
import { scriptedSetup } from "../support/scripted_prompter.ts";
import { tempFolder } from "../support/temp_folder.ts";
import { setUpProject } from "../../lib/setup/mod.ts";

const PYRPC = "from fastapi import FastAPI\nfrom pyrpc_fastapi import mount_fastapi\n";
const APP = `${PYRPC}app = FastAPI()\nmount_fastapi(app)\n`;
const TWO = `${PYRPC}api = FastAPI()\nadmin = FastAPI()\n`;
const PROCEDURES = "from pyrpc_core import rpc\n@rpc\ndef f() -> int: ...\n";
const SERVER = ["init", "--yes", "--distribution", "server"];

test("init --yes writes the entry of usual layouts", async () => {
  for (
    const [files, entry] of [
      [{ "backend/app/main.py": APP }, "backend.app.main"],
      [{ "services/api/main.py": APP }, "services.api.main"],
      [
        { "flaskr/__init__.py": "from flask import Flask\ndef create_app(): ...\n" },
        "flaskr:create_app",
      ],
      [{ "app/__init__.py": APP }, "app"],
      [{ "api/index.py": APP }, "api.index"],
      [{ "src/shop/server/main.py": APP, "pyproject.toml": "" }, "shop.server.main"],
      [{ "apps/backend/app/main.py": APP }, "apps.backend.app.main"],
      [{ "services/api/main.py": APP, "services/api/jobs/main.py": APP }, "services.api.main"],
      [
        Object.fromEntries([
          ["zoo/main.py", APP],
          ...Array.from({ length: 250 }, (_, i) => [`app/part_${i}/x.ts`, ""]),
        ]),
        "zoo.main",
      ],
      [{ "main.py": APP, "admin/main.py": APP }, "main"],
      [{ "app/main.py": APP, "app/api.py": APP }, "app.main"],
      [{ "app/main.py": APP, "shop/api.py": PROCEDURES }, "app.main"],
      [{
        "manage.py": 'os.environ.setdefault("DJANGO_SETTINGS_MODULE", "site.settings")\n',
        "site/settings.py": 'ROOT_URLCONF = "site.urls"\n',
        "site/urls.py": "from pyrpc_django import mount_django\nmount_django(urlpatterns)\n",
        "shop/api.py": PROCEDURES,
        "web/main.py": APP,
      }, "site.urls"],
    ] as const
  ) {
    const { code, stderr, files: written } = await runCli(SERVER, { files });
    assert.equal(code, 0, stderr);
    assert.equal(JSON.parse(written["pyrpc.json"] ?? "{}").entrypoint, entry);
  }
});

test("init --yes decides nothing that the files leave open, and prints the command for each choice", async () => {
  for (
    const [files, message, ...fixes] of [
      [
        { "main.py": TWO },
        '"main" has several applications: api, admin',
        "pyrpc init --framework fastapi --entry main:api",
        "pyrpc init --framework fastapi --entry main:admin",
      ],
      [
        { "shop/main.py": APP, "admin/main.py": APP },
        "Several backends were found: admin.main, shop.main",
        "pyrpc init --framework fastapi --entry admin.main",
      ],
      [
        { "services/shop/main.py": APP, "services/admin/main.py": APP },
        "Several backends were found: services.admin.main, services.shop.main",
        "pyrpc init --framework fastapi --entry services.admin.main",
        "pyrpc init --framework fastapi --entry services.shop.main",
      ],
      [
        { "backend/app/main.py": `from app.models import X\n${APP}`, "backend/app/models.py": "" },
        "The backend runs in backend",
        "cd backend && pyrpc init",
      ],
    ] as const
  ) {
    const { code, stderr, files: written } = await runCli(SERVER, { files });
    assert.equal(code, 2, stderr);
    assert.ok(stderr.includes(`error: ${message}`), stderr);
    for (const fix of fixes) {
      const options = fix.startsWith("cd") ? "" : " --distribution server";
      assert.ok(stderr.includes(fix + options), stderr);
    }
    assert.equal(written["pyrpc.json"], undefined);
    // Without --yes, and in other commands, as well.
    const dev = await runCli(["dev"], { files });
    assert.equal(dev.code, 2);
    assert.ok(dev.stderr.includes(`error: ${message}`), dev.stderr);
  }
});

test("an entry whose module has several applications is refused with a command for each", async () => {
  const files = { "main.py": TWO };
  const { code, stderr } = await runCli([...SERVER, "--entry", "main"], { files });
  assert.equal(code, 2);
  assert.match(
    stderr,
    /several applications: api, admin[^]*--entry main:api\n[^]*--entry main:admin/,
  );
  assert.equal((await runCli([...SERVER, "--entry", "main:api"], { files })).code, 0);
});

test("the wizard asks which of several applications is served", async () => {
  await using folder = await tempFolder({ "main.py": TWO });
  const context = scriptedSetup(folder.path, {
    "Which web framework are you using?": "fastapi",
    "Python module to scan for @rpc procedures (e.g. main, app.main)": "main",
    "Which application is served?": "admin",
    "How are types distributed to the client?": "server",
  });
  const { project } = await setUpProject({
    command: "pyrpc init",
    given: {},
    reconfigure: false,
    acceptsDetected: false,
  }, context);
  assert.equal(project.entrypoint, "main:admin");
});

test("every command names a pyrpc.json one folder below", async () => {
  const files = {
    "back end/pyrpc.json": JSON.stringify({
      version: 1,
      framework: "fastapi",
      entrypoint: "main",
      distribution: "server",
    }),
    "back end/main.py": APP,
  };
  for (const command of ["init", "dev", "check", "config", "doctor"]) {
    const args = command === "init" ? SERVER : [command];
    const { code, stdout, stderr, files: written } = await runCli(args, { files });
    assert.equal(code === 0, command === "doctor", stderr);
    const text = stdout + stderr;
    assert.ok(text.includes(`cd 'back end' && pyrpc ${command}`), text);
    assert.equal(written["pyrpc.json"], undefined);
  }
  const own = await runCli([...SERVER, "--entry", "main"], { files: { ...files, "main.py": APP } });
  assert.equal(own.code, 0, own.stderr);
  assert.ok(own.files["pyrpc.json"]);
});
