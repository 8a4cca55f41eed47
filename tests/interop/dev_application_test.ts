import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, describe, test } from "node:test";
import { type Interpreter, PythonBackend, splitEntry } from "../../lib/python/mod.ts";
import { freePort } from "../support/free_port.ts";
import { pythonEnvironment, pythonSkip } from "../support/python.ts";
import { runCli } from "../support/run_cli.ts";
import { type TempFolder, tempFolder } from "../support/temp_folder.ts";

const skip = pythonSkip();

const PROCEDURES = `from pyrpc_core import rpc
@rpc
def secret() -> str:
    return "top secret"
`;

// Each framework's own way to demand a login, and a route of the user's. NAME is the application's.
const FRAMEWORKS: Readonly<Record<string, string>> = {
  fastapi: `from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from pyrpc_fastapi import mount_fastapi
NAME = FastAPI()
@NAME.middleware("http")
async def login(request: Request, call_next):
    if request.headers.get("authorization") != "Bearer x":
        return JSONResponse({"detail": "no"}, 401)
    return await call_next(request)
@NAME.get("/hi")
async def hi():
    return "hi"
mount_fastapi(NAME)
`,
  flask: `from flask import Flask, abort, request
from pyrpc_flask import mount_flask
NAME = Flask(__name__)
@NAME.before_request
def login():
    if request.headers.get("authorization") != "Bearer x":
        abort(401)
@NAME.get("/hi")
def hi():
    return '"hi"'
mount_flask(NAME)
`,
  asgi: `from pyrpc_core.transport.asgi import PyRPCAsgiApp
class Login:
    def __init__(self, inner):
        self.inner = inner
    async def __call__(self, scope, receive, send):
        if scope["type"] != "http":
            return
        status = 200 if (b"authorization", b"Bearer x") in scope["headers"] else 401
        if status == 200 and scope["path"] == "/rpc":
            return await self.inner(scope, receive, send)
        await send({"type": "http.response.start", "status": status, "headers": []})
        await send({"type": "http.response.body", "body": b'"hi"'})
NAME = Login(PyRPCAsgiApp())
`,
};

const indented = (text: string) => text.replace(/^/gm, "    ");

interface Layout {
  readonly files: (framework: string) => Record<string, string>;
  /** The entry that `init` writes. */
  readonly entry: string;
}

const named = (name: string): Layout => ({
  files: (framework) => ({
    "main.py": PROCEDURES + FRAMEWORKS[framework]!.replaceAll("NAME", name),
  }),
  entry: name === "app" ? "main" : `main:${name}`,
});
const factory = (framework: string) =>
  `${PROCEDURES}def create_app():\n${
    indented(FRAMEWORKS[framework]!.replaceAll("NAME", "made"))
  }\n    return made\n`;

const LAYOUTS: Readonly<Record<string, Layout>> = {
  app: named("app"),
  api: named("api"),
  application: named("application"),
  server: named("server"),
  "a factory": {
    files: (framework) => ({ "main.py": factory(framework) }),
    entry: "main:create_app",
  },
  "a src layout": {
    files: (framework) => ({ "src/shop/__init__.py": "", "src/shop/api.py": factory(framework) }),
    entry: "src.shop.api:create_app",
  },
};

describe("the application that dev serves", { skip }, () => {
  const started: PythonBackend[] = [];
  after(() => Promise.all(started.map((python) => python.end())));

  async function backendOf(folder: TempFolder): Promise<PythonBackend> {
    const { python } = await pythonEnvironment("shop-0.14");
    const interpreter: Interpreter = {
      command: python,
      args: [],
      origin: "test",
      manager: "pip",
      environment: "other",
    };
    const backend = new PythonBackend({
      interpreter,
      root: folder.path,
      env: process.env,
      onOutput: () => {},
    });
    started.push(backend);
    return backend;
  }

  async function ask(folder: TempFolder, entry = "main", options: { servable?: boolean } = {}) {
    const backend = await backendOf(folder);
    const { module, app } = splitEntry(entry);
    const run = await backend.ask({ module, app, servable: true, ...options });
    await backend.end();
    return run.answer;
  }

  async function serve(folder: TempFolder, entry: string, framework: string) {
    const backend = await backendOf(folder);
    const { module, app } = splitEntry(entry);
    const run = await backend.ask({ module, app, keep: true });
    assert.ok(run.answer.ok, JSON.stringify(run.answer));
    const port = await freePort();
    assert.deepEqual(await run.serve({ host: "127.0.0.1", port, framework }), { kind: "ready" });
    return { url: `http://127.0.0.1:${port}`, answer: run.answer, end: () => backend.end() };
  }

  const call = (url: string, headers: Record<string, string>) =>
    fetch(`${url}/rpc`, {
      method: "POST",
      headers: { "content-type": "application/json", connection: "close", ...headers },
      body: JSON.stringify({ id: 1, method: "secret", params: [] }),
    });
  const LOGIN = { authorization: "Bearer x" };

  for (const framework of Object.keys(FRAMEWORKS)) {
    for (const [layout, { files, entry }] of Object.entries(LAYOUTS)) {
      test(`keeps its login, routes and headers: ${framework}, ${layout}`, async () => {
        await using folder = await tempFolder({
          ...files(framework),
          "requirements.txt": framework,
        });
        const init = await runCli(["init", "--yes", "--distribution", "server"], {
          cwd: folder.path,
        });
        const { entrypoint } = JSON.parse(init.files["pyrpc.json"] ?? "{}");
        assert.equal(entrypoint, entry, init.stderr);
        // With the name that init writes, and with the module alone.
        for (const each of new Set([entry, entry.split(":")[0]!])) {
          const { url, answer, end } = await serve(folder, each, framework);
          assert.deepEqual(Object.keys(answer.contract), ["secret"]);
          const refused = await call(url, {});
          assert.equal(refused.status, 401, each);
          assert.equal(refused.headers.get("access-control-allow-origin"), null);
          assert.equal(
            (await (await call(url, LOGIN)).json() as { result: unknown }).result,
            "top secret",
          );
          const hi = await fetch(`${url}/hi`, { headers: { connection: "close", ...LOGIN } });
          assert.deepEqual([hi.status, await hi.text()], [200, '"hi"'], each);
          await end();
        }
      });
    }
  }

  const HEAD = `${PROCEDURES}from fastapi import FastAPI, APIRouter
from fastapi.responses import JSONResponse
from fastapi.security import OAuth2PasswordBearer
from fastapi.staticfiles import StaticFiles
from flask import Flask
class Asgi:
    __slots__ = ("app",)
    def __init__(self, app):
        self.app = app
    async def __call__(self, scope, receive, send):
        await self.app(scope, receive, send)
class Wsgi:
    def __init__(self, app):
        self.inside = {"app": app}
    def __call__(self, environ, start_response):
        return self.inside["app"](environ, start_response)
def closed_over(inner):
    async def served(scope, receive, send):
        await inner(scope, receive, send)
    return served
`;
  const CHOICES:
    readonly (readonly [does: string, source: string, app: string | null, kind?: string])[] = [
      ["app before others", "api = FastAPI()\napp = FastAPI()", "app", "fastapi"],
      ["one application under two names", "api = FastAPI()\nsame = api", "api", "fastapi"],
      [
        "middleware and not what it guards",
        "api = FastAPI()\nouter = Asgi(Asgi(api))",
        "outer",
        "asgi",
      ],
      ["middleware around app", "app = FastAPI()\nouter = Asgi(app)", "outer", "asgi"],
      ["WSGI middleware", "api = Flask('x')\nouter = Wsgi(api)", "outer", "flask"],
      ["a WSGI method", "api = Flask('x')\nouter = Wsgi(api.wsgi_app)", "outer", "flask"],
      [
        "a function that closes over it",
        "api = FastAPI()\nouter = closed_over(api)",
        "outer",
        "asgi",
      ],
      [
        "a function that refers to it",
        "api = FastAPI()\nasync def outer(scope, receive, send):\n    await api(scope, receive, send)",
        "outer",
        "asgi",
      ],
      [
        "not one that is mounted",
        "api = FastAPI()\nsub = FastAPI()\napi.mount('/sub', sub)",
        "api",
        "fastapi",
      ],
      [
        "not what can only be called like one",
        `api = FastAPI()
router = APIRouter()
files = StaticFiles(directory=".")
nothing = JSONResponse({})
scheme = OAuth2PasswordBearer(tokenUrl="t")
async def handler(request): ...
@rpc
async def add(a: int, b: int, c: int) -> int:
    return a`,
        "api",
        "fastapi",
      ],
      [
        "the usual factory",
        "def create_app():\n    return FastAPI()\ndef get_app():\n    1 / 0",
        "create_app",
        "fastapi",
      ],
      [
        "a factory by its annotation",
        "def build() -> FastAPI:\n    return FastAPI()",
        "build",
        "fastapi",
      ],
      [
        "no factory beside an application",
        "api = FastAPI()\ndef create_app():\n    1 / 0",
        "api",
        "fastapi",
      ],
      [
        "no procedure, whatever its name",
        "@rpc\ndef create_app() -> int:\n    raise SystemExit",
        null,
      ],
      ["no function that needs something", "def create_app(config):\n    return FastAPI()", null],
      ["nothing", "x = 1", null],
    ];
  for (const [does, source, app, kind] of CHOICES) {
    test(`chooses ${does}`, async () => {
      await using folder = await tempFolder({ "main.py": `${HEAD}${source}\n` });
      const answer = await ask(folder);
      assert.ok(answer.ok, JSON.stringify(answer));
      const others = does === "app before others" ? ["api"] : [];
      assert.deepEqual(answer.app?.others ?? [], others);
      const chosen = answer.app && { name: answer.app.name, kind: answer.app.kind };
      assert.deepEqual(chosen, app === null ? null : { name: app, kind });
    });
  }

  test("names several applications, where one is needed", async () => {
    for (
      const source of [
        "api = FastAPI()\nadmin = FastAPI()",
        "def api() -> FastAPI: ...\ndef admin() -> FastAPI: ...",
      ]
    ) {
      await using folder = await tempFolder({ "main.py": `${HEAD}${source}\n` });
      const answer = await ask(folder);
      assert.ok(!answer.ok && answer.kind === "several_apps");
      const error = (await backendOf(folder)).errorOf(answer, { module: "main" });
      assert.equal(error.message, '"main" has several applications: api, admin');
      assert.match(error.fix.join(), /main:api or main:admin/);
      assert.ok((await ask(folder, "main", { servable: false })).ok);
    }
  });

  test("asks a factory for further procedures, and forgives it only where nothing is served", async () => {
    const source = `${PROCEDURES}
def create_app():
    @rpc
    def further() -> int:
        return 1
`;
    for (const servable of [true, false]) {
      await using folder = await tempFolder({ "main.py": source });
      const answer = await ask(folder, "main", { servable });
      assert.deepEqual(answer.ok && Object.keys(answer.contract), ["secret", "further"]);
      await folder.write({ "main.py": `${PROCEDURES}def create_app():\n    1 / 0\n` });
      const failing = await ask(folder, "main", { servable });
      assert.equal(failing.ok, !servable);
    }
  });

  test("calls a factory with the arguments of the entry, as Flask does", async () => {
    const source = `${HEAD}
class Made:
    @staticmethod
    def make(name="x"):
        return Flask(name)
def create_app(name="x", *, debug=False):
    made = Flask(name)
    made.add_url_rule("/debug", view_func=lambda: str([name, debug]))
    return made
`;
    await using folder = await tempFolder({ "main.py": source });
    for (
      const [entry, expected] of [
        ["main:create_app", "['x', False]"],
        ["main:create_app()", "['x', False]"],
        ["main:create_app('a:b', debug=True)", "['a:b', True]"],
        ['main:create_app(name="/y")', "['/y', False]"],
      ] as const
    ) {
      const { url, end } = await serve(folder, entry, "flask");
      assert.equal(await (await fetch(`${url}/debug`)).text(), expected, entry);
      await end();
      const pulled = await runCli(["pull", entry], {
        cwd: folder.path,
        env: { PYRPC_PYTHON: (await pythonEnvironment("shop-0.14")).python },
      });
      assert.match(pulled.stdout, /"secret"/, pulled.stderr);
    }
    assert.ok((await ask(folder, "main:Made.make()")).ok);
    for (const entry of ["main:nothing()", "main:create_app(name)", "main:create_app(*x)"]) {
      const answer = await ask(folder, entry);
      assert.ok(!answer.ok && answer.kind === "no_app", entry);
      assert.deepEqual(answer.others, ["create_app"]);
    }
  });

  test("runs lifespan and middleware as uvicorn does, of mounted applications too", async () => {
    const source = `${HEAD}
from contextlib import asynccontextmanager
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Mount
from pyrpc_fastapi import mount_fastapi
log = []
class Header:
    def __init__(self, app, name):
        self.app, self.name = app, name
    async def __call__(self, scope, receive, send):
        async def add(message):
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], (b"x-" + self.name.encode(), b"1")]
            await send(message)
        await self.app(scope, receive, add if scope["type"] == "http" else send)
@asynccontextmanager
async def outer(app):
    async with inner_lifespan(app):
        log.append("outer")
        yield
@asynccontextmanager
async def inner_lifespan(app):
    log.append("inner")
    yield
inner = FastAPI(lifespan=inner_lifespan)
inner.add_middleware(Header, name="inner")
mount_fastapi(inner)
@inner.get("/log")
def read_log():
    return log
site = Starlette(routes=[Mount("/", app=inner, middleware=[Middleware(Header, name="mount")])], lifespan=outer, middleware=[Middleware(Header, name="outer")])
`;
    await using folder = await tempFolder({ "main.py": source });
    const { url, answer, end } = await serve(folder, "main", "fastapi");
    assert.deepEqual([answer.app?.name, answer.app?.endpoints?.paths], ["site", ["/rpc"]]);
    assert.deepEqual(Object.keys(answer.contract), ["secret"]);
    const response = await fetch(`${url}/log`);
    assert.deepEqual(await response.json(), ["inner", "outer"]);
    for (const name of ["inner", "mount", "outer"]) {
      assert.equal(response.headers.get(`x-${name}`), "1", name);
    }
    assert.equal((await fetch(`${url}/rpc`)).status, 200);
    await end();
  });

  test("calls a factory once for description and server together", async () => {
    for (const framework of ["fastapi", "flask"]) {
      await using folder = await tempFolder({
        "main.py": factory(framework).replace(
          "def create_app():",
          `def create_app():
    with open("calls", "a") as file:
        file.write("x")`,
        ),
      });
      const { end } = await serve(folder, "main:create_app", framework);
      await end();
      assert.equal(await readFile(folder.at("calls"), "utf8"), "x");
    }
  });

  test("finds the application in the entry where types_module names another module", async () => {
    await using folder = await tempFolder({
      "procedures.py": PROCEDURES,
      "main.py": `import procedures\n${FRAMEWORKS["fastapi"]!.replaceAll("NAME", "api")}`,
    });
    const backend = await backendOf(folder);
    for (const app of [undefined, "api"]) {
      const { answer } = await backend.ask({
        module: "procedures",
        appModule: "main",
        app,
        servable: true,
      });
      assert.ok(answer.ok);
      assert.equal(answer.app?.name, "api");
    }
  });
});
