import assert from "node:assert/strict";
import { mkdir, readFile, symlink } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import {
  detectProject,
  editJson,
  findModule,
  findUpwards,
  loadProject,
  type ProjectConfig,
  type ProjectOverrides,
  readJsonFile,
  saveProject,
} from "../../lib/project/mod.ts";
import { ToolError } from "../../lib/errors.ts";
import { tempFolder } from "../support/temp_folder.ts";

const OWN = {
  version: 1,
  framework: "flask",
  entrypoint: "app.main:api",
  client_root: "../web",
  distribution: "workspace",
};

async function load(
  cwd: string,
  options: { env?: Record<string, string>; overrides?: ProjectOverrides; module?: string } = {},
): Promise<ProjectConfig> {
  const state = await loadProject({ cwd, env: {}, ...options });
  assert.equal(state.kind, "ready", JSON.stringify(state));
  return state.kind === "ready" ? state.project : assert.fail();
}

async function failure(work: Promise<unknown>): Promise<ToolError> {
  try {
    await work;
  } catch (error) {
    if (error instanceof ToolError) return error;
    throw error;
  }
  return assert.fail("it did not fail");
}

test("loadProject() finds the file upwards and resolves paths from its folder", async () => {
  await using folder = await tempFolder({
    "api/pyrpc.json": JSON.stringify(OWN),
    "api/app/deep/x.py": "",
    "web/package.json": "{}",
  });
  const project = await load(folder.at("api", "app", "deep"));
  assert.equal(project.path, folder.at("api", "pyrpc.json"));
  assert.equal(project.folder, folder.at("api"));
  assert.deepEqual(project.clients, [{ given: "../web", root: folder.at("web") }]);
  assert.equal(project.module, "app.main");
  assert.equal(project.application, "api");
  assert.equal(project.layout, "package");
});

test("loadProject() lets flags win over environment, file and default, and returns the origin of each", async () => {
  await using folder = await tempFolder({
    "pyrpc.json":
      `{\n"version": 1,\n"framework": "flask",\n"entrypoint": "a",\n"distribution": "server",\n"port": 9000\n}`,
  });
  const origin = (project: ProjectConfig, name: string) =>
    project.values.find((value) => value.name === name);
  const plain = await load(folder.path);
  assert.deepEqual(origin(plain, "framework"), {
    name: "framework",
    value: "flask",
    from: "pyrpc.json:3",
  });
  assert.equal(plain.port, 9000);
  assert.deepEqual(origin(plain, "debounce"), { name: "debounce", value: 300, from: "default" });
  const env = { PYRPC_FRAMEWORK: "asgi", PYRPC_PORT: "9001", PYRPC_ENTRY: "" };
  const fromEnv = await load(folder.path, { env });
  assert.equal(fromEnv.framework, "asgi");
  assert.equal(fromEnv.port, 9001);
  assert.equal(fromEnv.entrypoint, "a");
  assert.equal(origin(fromEnv, "port")?.from, "environment PYRPC_PORT");
  const flags = await load(folder.path, { env, overrides: { framework: "fastapi", port: 9002 } });
  assert.equal(flags.framework, "fastapi");
  assert.equal(flags.port, 9002);
  assert.equal(origin(flags, "framework")?.from, "flag --framework");
  const wrong = await failure(load(folder.path, { env: { PYRPC_DISTRIBUTION: "both" } }));
  assert.match(wrong.message, /PYRPC_DISTRIBUTION must be one of workspace, server, found "both"/);
  assert.equal(wrong.exitCode, 2);
});

test("loadProject() never infers the distribution", async () => {
  await using folder = await tempFolder({ "web/x": "" });
  for (const client of [{}, { client_root: "web" }]) {
    await folder.write({
      "pyrpc.json": JSON.stringify({ version: 1, framework: "asgi", entrypoint: "a", ...client }),
    });
    const state = await loadProject({ cwd: folder.path, env: {} });
    assert.equal(state.kind, "incomplete");
    assert.deepEqual(state.kind === "incomplete" && state.missing, ["distribution"]);
  }
});

test("loadProject() ignores client_root in server distribution and reports it", async () => {
  await using folder = await tempFolder({
    "pyrpc.json": JSON.stringify({ ...OWN, distribution: "server" }),
  });
  const project = await load(folder.path);
  assert.deepEqual(project.clients, []);
  assert.match(
    project.warnings.join(),
    /client_root in pyrpc.json is not used with "distribution": "server"/,
  );
});

test("loadProject() accepts a list as client_root, and clients as its other name", async () => {
  await using folder = await tempFolder({ "web/x": "", "admin/x": "" });
  for (
    const member of [{ client_root: ["web", "./admin"] }, { clients: ["web", { root: "./admin" }] }]
  ) {
    await folder.write({
      "pyrpc.json": JSON.stringify({ ...OWN, client_root: undefined, ...member }),
    });
    const { clients } = await load(folder.path);
    assert.deepEqual(clients.map(({ root }) => root), [folder.at("web"), folder.at("admin")]);
  }
});

test("loadProject() names the resolved path of a client root that is missing, or a file", async () => {
  await using folder = await tempFolder({ "api/pyrpc.json": JSON.stringify(OWN) });
  const missing = await failure(load(folder.at("api")));
  assert.equal(missing.code, "CLIENT_ROOT_NOT_FOUND");
  assert.ok(missing.message.includes(folder.at("web")));
  assert.match(missing.fix.join("\n"), /npm create vite/);
  assert.equal(missing.position?.line, 1);
  await folder.write({ web: "a file" });
  const file = await failure(load(folder.at("api")));
  assert.match(file.message, /is not a folder/);
});

test("loadProject() reads the format of 0.13 and later", async () => {
  await using folder = await tempFolder({
    "api/pyrpc.json": JSON.stringify({
      backend: { framework: "flask", entrypoint: "main:app", types_module: "procs" },
      clients: [{ framework: "Next.js", root: "./client" }, { framework: "Vite", root: "./web" }],
    }),
    "api/client/x": "",
    "web/x": "",
  });
  // The second root exists only from the working directory.
  const project = await load(folder.at("api"), {}).catch((error) => error);
  assert.equal(project.code, "CLIENT_ROOT_NOT_FOUND");
  await mkdir(folder.at("api", "sub", "web"), { recursive: true });
  const { format, distribution, layout, clients, framework, module, application } = await load(
    folder.at("api", "sub"),
  );
  assert.deepEqual(
    { format, distribution, layout, framework, module, application },
    {
      format: "nested",
      distribution: "workspace",
      layout: "alias",
      framework: "flask",
      module: "procs",
      application: "app",
    },
  );
  assert.deepEqual(clients.map(({ root }) => root), [
    folder.at("api", "client"),
    folder.at("api", "sub", "web"),
  ]);
});

test("loadProject() reads the flat format, whose framework is the frontend's", async () => {
  await using folder = await tempFolder({ "web/x": "", "admin/x": "" });
  for (
    const [member, roots] of [
      [{ client: "./web" }, ["web"]],
      [{ clients: ["./web", "./admin"] }, ["web", "admin"]],
    ] as const
  ) {
    const text = JSON.stringify({ module: "server", framework: "Next.js", ...member });
    await folder.write({ "pyrpc.json": text });
    const project = await load(folder.path);
    assert.equal(project.format, "legacy");
    assert.equal(project.distribution, "workspace");
    assert.equal(project.layout, "alias");
    assert.equal(project.framework, "fastapi");
    assert.equal(project.entrypoint, "server");
    assert.deepEqual(project.clients.map(({ root }) => root), roots.map((root) => folder.at(root)));
    assert.equal(await readFile(folder.at("pyrpc.json"), "utf8"), text);
  }
});

async function entriesOf(path: string): Promise<string[]> {
  return (await detectProject(path)).entries.map(({ entry }) => entry);
}

const MOUNTED = (name: string) =>
  `from fastapi import FastAPI\nfrom pyrpc_fastapi import mount_fastapi\n${name} = FastAPI()\nmount_fastapi(${name})\n`;
const HELPER = "from pyrpc_flask import mount_flask\ndef init(app):\n    mount_flask(app)\n";
const FACTORY = "from flask import Flask\ndef create_app():\n    return Flask(__name__)\n";

for (
  const [name, files, expected] of [
    ["a module of any name", { "service.py": MOUNTED("rest") }, "service:rest"],
    ["one in a package", { "backend/hub/gateway.py": MOUNTED("app") }, "backend.hub.gateway"],
    ["one in src", { "pyproject.toml": "", "src/hub/web.py": MOUNTED("api") }, "hub.web:api"],
    ["a usual name first", { "main.py": MOUNTED("app"), "a.py": MOUNTED("app") }, "main"],
    ["no test", { "test_a.py": MOUNTED("app"), "conftest.py": MOUNTED("app") }, undefined],
    ["no module that receives its application", {
      "hub/__init__.py": FACTORY,
      "hub/rpc.py": HELPER,
    }, "hub:create_app"],
    ["no module without pyRPC", { "a.py": "x = 1\n" }, undefined],
  ] as const
) {
  test(`detectProject() finds the entry: ${name}`, async () => {
    await using folder = await tempFolder(files);
    assert.equal((await entriesOf(folder.path))[0], expected);
  });
}

test("loadProject() reads Django's configurations of every format", async () => {
  await using folder = await tempFolder({ "backend/manage.py": "" });
  const V1 = { version: 1, framework: "django", distribution: "server" };
  for (
    const [text, below, entrypoint, module] of [
      [{ ...V1, entrypoint: "mysite.urls" }, ".", "mysite.urls"],
      [{ ...V1, entrypoint: "manage.py" }, ".", "manage"],
      [{ ...V1, entrypoint: "backend/manage.py" }, "backend", "manage"],
      [{ framework: "django", module: "shop.views", client: "." }, ".", "shop.views"],
      [{ backend: { framework: "django", entrypoint: "manage.py" } }, ".", "manage"],
      [
        {
          backend: {
            framework: "django",
            entrypoint: "./backend/manage.py",
            types_module: "shop.views",
          },
        },
        "backend",
        "manage",
        "shop.views",
      ],
    ] as const
  ) {
    await folder.write({ "pyrpc.json": JSON.stringify(text) });
    const project = await load(folder.path);
    assert.equal(project.framework, "django");
    assert.equal(project.folder, folder.at(below), JSON.stringify(text));
    assert.equal(project.entrypoint, entrypoint);
    assert.equal(project.module, module ?? entrypoint);
  }
});

test("loadProject() runs a module without any file", async () => {
  await using folder = await tempFolder();
  const project = await load(folder.path, {
    module: "app.main:api",
    overrides: { distribution: "server" },
  });
  assert.equal(project.path, undefined);
  assert.equal(project.module, "app.main");
  const state = await loadProject({ cwd: folder.path, env: {}, module: "app" });
  assert.deepEqual(state.kind === "incomplete" && state.missing, ["distribution"]);
});

const BROKEN: readonly (readonly [text: string, line: number, column: number, message: RegExp])[] =
  [
    [`{\n  "version": 1,\n  "framework" "flask"\n}`, 3, 15, /colon is expected/],
    [`{\n  "version": 1\n  "framework": "flask"\n}`, 3, 3, /comma is expected/],
    [`{\n  "a": "x\n}`, 2, 8, /no closing quote/],
    [`{ "version": 1, "version": 1 }`, 1, 17, /"version" appears twice/],
    [`[]`, 1, 1, /"\$" must be an object, found an empty list/],
    [`{\r\n  "version": 2\r\n}`, 2, 14, /"version" must be 1, found 2/],
    [
      `{ "version": 1, "framework": "Flask" }`,
      1,
      30,
      /must be "fastapi", "flask", "asgi" or "django"/,
    ],
    [
      `{ "distribution": null }`,
      1,
      19,
      /"distribution" must be "workspace" or "server", found null/,
    ],
    [`{ "entrypoint": "app/main.py" }`, 1, 17, /"entrypoint" must be a Python module/],
    [`{ "version": 1, "client_root": [1] }`, 1, 33, /"client_root\[0\]" must be the path/],
    [`{ "version": 1, "client_root": "" }`, 1, 32, /"client_root" must be the path/],
    [`{ "backend": 1 }`, 1, 14, /"backend" must be an object/],
    [`{ "version": 1, "port": 99999 }`, 1, 25, /"port" must be a whole number/],
    [`{ "version": 1, "allow": [{ "rule": "X" }] }`, 1, 27, /with "rule" and "reason"/],
  ];

for (const [text, line, column, message] of BROKEN) {
  test(`readProjectFile() shows where ${JSON.stringify(text)} is wrong`, async () => {
    await using folder = await tempFolder({ "pyrpc.json": text });
    const error = await failure(load(folder.path));
    assert.match(error.message, message);
    assert.equal(error.exitCode, 3);
    assert.equal(error.where, folder.at("pyrpc.json"));
    assert.deepEqual([error.position?.line, error.position?.column], [line, column]);
    assert.equal(error.position?.text, text.split(/\r?\n/)[line - 1]);
  });
}

test("readJsonFile() rejects hostile and enormous files with a clear error", async () => {
  await using folder = await tempFolder();
  for (
    const [content, message] of [
      ["", /it is empty/],
      [new Uint8Array([0x7b, 0xff, 0x7d]), /not UTF-8/],
      [`{"a":${"[".repeat(500_000)}`, /nested more than 64 deep/],
      [`{"a":"${"x".repeat(2_000_000)}"}`, /larger than/],
    ] as const
  ) {
    await folder.write({ "x.json": content });
    assert.match((await failure(readJsonFile(folder.at("x.json")))).message, message);
  }
  assert.match((await failure(readJsonFile(folder.path))).message, /folder/);
});

test("readJsonFile() accepts comments, a trailing comma and a byte order mark, and keeps them", async () => {
  await using folder = await tempFolder({
    "pyrpc.json": `\ufeff{\r\n\t// why\r\n\t"version": 1, /* x */\r\n\t"entrypoint": "a",\r\n}\r\n`,
  });
  const state = await loadProject({ cwd: folder.path, env: {} });
  assert.equal(state.kind, "incomplete");
  const file = state.kind === "incomplete" ? state.file : undefined;
  await saveProject(folder.at("pyrpc.json"), file, { entry: "b", distribution: "server" });
  const text = await readFile(folder.at("pyrpc.json"), "utf8");
  assert.ok(
    text.startsWith('\ufeff{\r\n\t// why\r\n\t"version": 1, /* x */\r\n\t"entrypoint": "b"'),
  );
  assert.match(text, /\r\n\t"distribution": "server"/);
  assert.ok(!/[^\r]\n/.test(text));
});

test("findUpwards() passes over folders of that name", async () => {
  await using folder = await tempFolder({ "pyrpc.json": "{}", "a/pyrpc.json/x": "" });
  assert.equal(await findUpwards(folder.at("a"), "pyrpc.json"), folder.at("pyrpc.json"));
});

test("saveProject() replaces the file that a symbolic link points to", {
  skip: process.platform === "win32" && "symbolic links need a permission",
}, async () => {
  await using folder = await tempFolder({ "real.json": `{"version":1}` });
  await symlink(folder.at("real.json"), folder.at("pyrpc.json"));
  const state = await loadProject({ cwd: folder.path, env: {} });
  const file = state.kind === "incomplete" ? state.file : undefined;
  await saveProject(folder.at("pyrpc.json"), file, { distribution: "server" });
  assert.match(await readFile(folder.at("real.json"), "utf8"), /server/);
});

test("editJson() keeps every member that it was not asked to change", () => {
  fc.assert(
    fc.property(
      fc.dictionary(fc.string().filter((key) => key !== "__proto__"), fc.jsonValue(), {
        maxKeys: 5,
      }),
      fc.constantFrom("  ", "    ", "\t"),
      (object, indent) => {
        const text = JSON.stringify(object, null, indent);
        const edited = JSON.parse(editJson(text, [{ path: ["distribution"], value: "server" }]));
        assert.deepEqual(edited, JSON.parse(JSON.stringify({ ...object, distribution: "server" })));
      },
    ),
    { numRuns: 200, seed: 5 },
  );
});

test("findModule() looks for files as Python would, and explains", async () => {
  await using folder = await tempFolder({
    "main.py": "",
    "app/core.py": "",
    "pkg/__init__.py": "",
    "src/inner/x.py": "",
    "pyproject.toml": "",
    ".venv/lib/python3.12/site-packages/lib_app/__init__.py": "",
    "größe.py": "",
  });
  for (const module of ["main", "main:app", "app.core", "pkg", "inner.x", "lib_app", "größe"]) {
    assert.equal((await findModule(folder.path, module)).found, true, module);
  }
  for (
    const [module, reason] of [
      ["nope", /No module nope here/],
      ["app/core.py", /Write the module, not its file: app\.core$/],
      ["", /A module is required/],
      ["a..b", /is not the name of a Python module/],
      ["../main", /Write the module/],
    ] as const
  ) {
    const search = await findModule(folder.path, module);
    assert.equal(search.found, false, module);
    assert.match(search.found ? "" : search.reason, reason);
  }
});

test("findModule() and detectProject() treat src as a folder like any other where nothing can be installed", async () => {
  await using folder = await tempFolder({ "src/shop/main.py": "import pyrpc_core\n" });
  assert.equal((await findModule(folder.path, "shop.main")).found, false);
  assert.equal((await findModule(folder.path, "src.shop.main")).found, true);
  assert.deepEqual(await entriesOf(folder.path), ["src.shop.main"]);
  await folder.write({ "pyproject.toml": "" });
  assert.equal((await findModule(folder.path, "shop.main")).found, true);
  assert.deepEqual(await entriesOf(folder.path), ["shop.main"]);
});

const PYRPC =
  "from fastapi import FastAPI\nfrom pyrpc_fastapi import mount_fastapi\napp = FastAPI()\n";
const MANAGE = 'os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mysite.settings")\n';
const MANIFEST = { "pyproject.toml": "" };

// Files, the entry, and the folder that Python runs in.
const LAYOUTS: [Record<string, string>, string, string?][] = [
  [{ "backend/app/main.py": PYRPC }, "backend.app.main"],
  [
    { "backend/app/main.py": `from app.models import X\n${PYRPC}`, "backend/app/models.py": "" },
    "app.main",
    "backend",
  ],
  [{ "services/api/main.py": PYRPC }, "services.api.main"],
  [
    { "services/api/main.py": `import models\n${PYRPC}`, "services/api/models.py": "" },
    "main",
    "services/api",
  ],
  [{ "backend/api/main.py": PYRPC }, "backend.api.main"],
  [
    { "backend/main.py": `from models import X\n${PYRPC}`, "backend/models.py": "" },
    "main",
    "backend",
  ],
  [{
    "flaskr/__init__.py":
      "from flask import Flask\ndef create_app(test_config=None):\n    return Flask(__name__)\n",
  }, "flaskr:create_app"],
  [{ "app/__init__.py": PYRPC, "app/models.py": "" }, "app"],
  [{ "api/index.py": PYRPC }, "api.index"],
  [{ "src/shop/__init__.py": "", "src/shop/api.py": PYRPC }, "src.shop.api"],
  [{ ...MANIFEST, "src/shop/__init__.py": PYRPC }, "shop"],
  [{
    ...MANIFEST,
    "src/shop/api.py": `from shop.models import X\n${PYRPC}`,
    "src/shop/models.py": "",
  }, "shop.api"],
  [{ "src/main.py": `from models import X\n${PYRPC}`, "src/models.py": "" }, "main", "src"],
  [{ "app/main.py": `from app.models import X\n${PYRPC}`, "app/models.py": "" }, "app.main"],
  [{
    "manage.py": MANAGE,
    "mysite/settings.py": 'ROOT_URLCONF = "mysite.urls"\n',
    "mysite/urls.py": "",
  }, "mysite.urls"],
  [{
    "manage.py": MANAGE,
    "mysite/settings/base.py": 'ROOT_URLCONF = "config.urls"\n',
    "config/urls.py": "",
  }, "config.urls"],
  [{ "manage.py": MANAGE }, "manage"],
  [
    { "mysite/wsgi.py": MANAGE, "mysite/urls.py": "from pyrpc_django import mount_django\n" },
    "mysite.urls",
  ],
  [{ "backend/manage.py": MANAGE, "backend/mysite/urls.py": "" }, "backend/manage.py"],
];

test("detectProject() finds the entry of usual layouts, and the folder that it runs in", async () => {
  for (const [files, entry, runsIn = "."] of LAYOUTS) {
    await using folder = await tempFolder(files);
    const { entries: [first] } = await detectProject(folder.path);
    assert.deepEqual([first?.entry, first?.folder], [entry, runsIn], JSON.stringify(files));
  }
});

test("detectProject() finds Django by DJANGO_SETTINGS_MODULE", async () => {
  await using folder = await tempFolder({
    "config/prod.py": 'ROOT_URLCONF = "shop.urls"',
    "shop/urls.py": "",
  });
  assert.equal((await detectProject(folder.path)).framework, undefined);
  const env = { DJANGO_SETTINGS_MODULE: "config.prod" };
  const { framework, entries } = await detectProject(folder.path, env);
  assert.deepEqual([framework, entries[0]?.entry], ["django", "shop.urls"]);
});

test("detectProject() finds framework, entries and clients by looking at files", async () => {
  await using folder = await tempFolder({
    ".git/HEAD": "",
    "api/app/main.py": "from flask import Flask\nfrom pyrpc_core import rpc\n",
    "api/main.py": "print()\n",
    "api/requirements.txt": "flask\n",
    "web/package.json": "{}",
    "web/vite.config.ts": "",
    "tools/package.json": "{}",
    "package.json": "{}",
  });
  const detected = await detectProject(folder.at("api"));
  assert.equal(detected.framework, "flask");
  assert.deepEqual(detected.entries.map(({ entry }) => entry), ["app.main", "main"]);
  assert.deepEqual(detected.clients, ["../web"]);
  const empty = await detectProject(join(folder.at("tools")));
  assert.deepEqual(empty.entries, []);
});

test("loadProject() answers any file with a configuration, open questions or a ToolError", async () => {
  await using folder = await tempFolder();
  const value = fc.oneof(
    fc.jsonValue({ maxDepth: 2 }),
    fc.constantFrom<unknown>(
      "fastapi",
      "workspace",
      "server",
      "main",
      "main:app",
      "../x",
      "\u0000",
      ".",
      1,
      2,
      null,
      [],
      ["."],
      [{ root: "." }],
      { framework: "flask", entrypoint: "m" },
      [{ rule: "A", reason: "b" }],
    ),
  );
  const names = [
    "version",
    "framework",
    "entrypoint",
    "distribution",
    "client_root",
    "clients",
    "client",
    "module",
    "backend",
    "port",
    "allow",
    "snapshot",
    "__proto__",
    "constructor",
  ];
  const base = { version: 1, framework: "asgi", entrypoint: "m", distribution: "server" };
  const file = fc.oneof(
    fc.dictionary(fc.constantFrom(...names), value, { maxKeys: 6 }).map((each) =>
      JSON.stringify(each)
    ),
    fc.dictionary(fc.constantFrom(...names), value, { maxKeys: 1 }).map((each) =>
      JSON.stringify({ ...base, ...each })
    ),
    fc.tuple(fc.dictionary(fc.constantFrom(...names), value), fc.nat(), fc.string()).map(
      ([object, at, junk]) => {
        const text = JSON.stringify(object, null, 2);
        const place = at % (text.length + 1);
        return text.slice(0, place) + junk + text.slice(place + junk.length);
      },
    ),
    fc.uint8Array({ maxLength: 200 }),
  );
  let ready = 0;
  await fc.assert(
    fc.asyncProperty(file, async (content) => {
      await folder.write({ "pyrpc.json": content });
      try {
        const state = await loadProject({ cwd: folder.path, env: {} });
        if (state.kind === "ready") ready++;
      } catch (error) {
        assert.ok(error instanceof ToolError, String(error));
        assert.ok(error.exitCode === 3, error.message);
      }
    }),
    { numRuns: 400, seed: 4 },
  );
  assert.ok(ready > 3, `${ready}`);
});
