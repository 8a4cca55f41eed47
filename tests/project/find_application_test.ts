import assert from "node:assert/strict";
import { test } from "node:test";
import { detectProject } from "../../lib/project/mod.ts";
import { tempFolder } from "../support/temp_folder.ts";

const HEAD = "from fastapi import FastAPI\nfrom pyrpc_core import rpc\n";

const ROWS: readonly (readonly [does: string, source: string, entry: string])[] = [
  ["app needs no name", "app = FastAPI()", "main"],
  ["an annotated app", "app: FastAPI = FastAPI()", "main"],
  ["an imported app", "from x import y as app\napi = FastAPI()", "main"],
  ["another name", "api = FastAPI()\nmount(api)", "main:api"],
  ["an annotation", "api: FastAPI = fastapi.FastAPI(\n  title='x',\n)", "main:api"],
  ["Flask", "server = Flask(__name__)", "main:server"],
  ["what a factory returns", "application = create_app()", "main:application"],
  ["middleware around it", "api = Login(PyRPCAsgiApp())", "main:api"],
  ["ASGI by hand", "async def served(scope, receive, send):\n    pass", "main:served"],
  ["a factory", "def create_app():\n    api = FastAPI()\n    return api", "main:create_app"],
  [
    "a factory with defaults",
    "def create_app(a: tuple[int, int] = (1, 2), *, b=None, **c) -> FastAPI:\n    return x()",
    "main:create_app",
  ],
  ["a factory of another name", "def build():\n    a = FastAPI()\n    return a", "main:build"],
  ["a cached factory", "@lru_cache\ndef get_app():\n    return x()", "main:get_app"],
  ["the usual one of several", "def make_app(): ...\ndef create_app(): ...", "main:create_app"],
  ["a factory that needs something", "def create_app(config):\n    return FastAPI()", "main"],
  ["a procedure", "@rpc\ndef create_app() -> int:\n    return 1", "main"],
  ["several", "a = FastAPI()\nb = FastAPI()", "main"],
  ["one that something may wrap", "api = FastAPI()\nserved = Login(api)", "main"],
  ["a function around it", "api = FastAPI()\nasync def x(scope, r, s):\n    await api()", "main"],
  ["a text", '"""\napi = FastAPI()\n"""', "main"],
  ["a remark", "# api = FastAPI()", "main"],
  ["a comparison", "app == FastAPI()\napi = FastAPI()", "main:api"],
  ["none", "x = 1", "main"],
];

test("detectProject() writes the application's name behind the module where it is certain and not app", async () => {
  for (const [does, source, entry] of ROWS) {
    await using folder = await tempFolder({ "main.py": `${HEAD}${source}\n` });
    const { entries } = await detectProject(folder.path);
    assert.deepEqual(entries.map((each) => each.entry), [entry], does);
  }
});
