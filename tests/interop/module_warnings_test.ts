import assert from "node:assert/strict";
import { test } from "node:test";
import { pythonEnvironment, pythonSkip } from "../support/python.ts";
import { runCli } from "../support/run_cli.ts";
import { tempFolder } from "../support/temp_folder.ts";

const MODELS = `import enum
from pydantic import BaseModel, Field, computed_field
from pyrpc_core import rpc

class Perm(enum.IntFlag):
    READ = 1
    WRITE = 2

class User(BaseModel):
    first_name: str = Field(alias="firstName")
    secret: int = Field(1, exclude=True)
    @computed_field
    @property
    def label(self) -> str: return self.first_name

@rpc.query
def user(perm: Perm) -> User: ...
@rpc
def ping() -> None: ...
`;

const DEFAULTS = `import datetime, enum
from pyrpc_core import rpc

class Color(enum.Enum):
    RED = "red"

@rpc.query
def paint(color: Color = Color.RED, when: datetime.date = datetime.date(2020, 1, 2)) -> None: ...
`;

const FUTURE = `from __future__ import annotations
from pydantic import BaseModel
from pyrpc_core import rpc

class Item(BaseModel):
    id: int

@rpc.query
def ping() -> None: ...
@rpc.query
def save(item: Item) -> None: ...
`;

// A module and its application by framework.
const APPLICATIONS: Readonly<Record<string, string>> = {
  fastapi:
    "from fastapi import FastAPI\nfrom pyrpc_fastapi import mount_fastapi\napp = FastAPI()\n" +
    "mount_fastapi(app)\n",
  flask: "from flask import Flask\nfrom pyrpc_flask import mount_flask\napp = Flask(__name__)\n" +
    "mount_flask(app)\n",
  asgi:
    "from pyrpc_core import default_router\nfrom pyrpc_core.transport.asgi import PyRPCAsgiApp\n" +
    "app = PyRPCAsgiApp(default_router)\n",
};

const CODES = ["COMPUTED_FIELD", "EXCLUDED_FIELD", "FIELD_ALIAS", "INT_FLAG", "KIND_UNDECLARED"];

const project = (source: string) => tempFolder({ "main.py": source, "client/package.json": "{}" });

test(
  "codegen, dev and check warn with a code about facts that only the module has",
  { skip: pythonSkip() },
  async () => {
    const { python } = await pythonEnvironment("shop-0.14");
    await using folder = await project(MODELS);
    const { path: cwd } = folder;

    const codegen = await runCli(
      ["codegen", "main", "--python", python, "--out", "api.ts", "--json"],
      { cwd },
    );
    assert.equal(codegen.code, 0, codegen.block);
    const { moduleWarnings } = JSON.parse(codegen.stdout) as {
      moduleWarnings: readonly { code: string; subject: string; message: string }[];
    };
    assert.deepEqual(moduleWarnings.map(({ code }) => code), CODES);
    for (const code of CODES) assert.match(codegen.stderr, new RegExp(`^warning: ${code}  `, "m"));
    assert.match(codegen.stderr, /FIELD_ALIAS {2}User: .*first_name \(firstName\)/);

    const check = await runCli(["check", "main", "--python", python, "--json"], { cwd });
    assert.equal(check.code, 0, check.block);
    const { findings } = JSON.parse(check.stdout) as { findings: readonly { rule: string }[] };
    assert.deepEqual(findings.map(({ rule }) => rule), CODES);

    let end = (_: "SIGINT") => {};
    const dev = await runCli([
      "dev",
      "main",
      "--client-root",
      "client",
      "--distribution",
      "workspace",
      "--types-only",
      "--no-console",
      "--python",
      python,
    ], {
      cwd,
      onStart: (signal) => end = signal,
      onStderr: (text) => {
        if (text.includes("KIND_UNDECLARED")) end("SIGINT");
      },
    });
    for (const code of CODES) assert.match(dev.stderr, new RegExp(`⚠ ${code}  `), dev.stderr);
  },
);

for (const [framework, application] of Object.entries(APPLICATIONS)) {
  test(
    `check reports the defaults that make GET /rpc fail (${framework})`,
    { skip: pythonSkip() },
    async () => {
      const { python } = await pythonEnvironment("shop-0.14");
      await using folder = await project(`${DEFAULTS}${application}`);
      const { code, stderr, stdout } = await runCli(["check", "main", "--python", python], {
        cwd: folder.path,
      });
      const reported = [
        ...`${stdout}${stderr}`.matchAll(/error DEFAULT_NOT_JSON {2}paint: .*"(\w+)"/g),
      ]
        .map(([, parameter]) => parameter);
      const expected = { fastapi: [], flask: ["color"], asgi: ["color", "when"] }[framework];
      assert.deepEqual(reported, expected);
      assert.equal(code, framework === "fastapi" ? 0 : 1);
    },
  );
}

test(
  "check warns of such defaults where the server is unknown",
  { skip: pythonSkip() },
  async () => {
    const { python } = await pythonEnvironment("shop-0.14");
    await using folder = await project(DEFAULTS);
    const { code, stderr, stdout } = await runCli(["check", "main", "--python", python], {
      cwd: folder.path,
    });
    assert.equal(code, 0);
    assert.match(`${stdout}${stderr}`, /warning DEFAULT_NOT_JSON {2}paint: .*Flask and bare ASGI/);
  },
);

test(
  "a procedure without a schema because of future annotations is reported with the reason",
  { skip: pythonSkip() },
  async () => {
    const { python } = await pythonEnvironment("shop-0.14");
    await using folder = await project(FUTURE);
    for (const command of ["check", "inspect"]) {
      const { stderr, stdout } = await runCli([command, "main", "--python", python], {
        cwd: folder.path,
      });
      assert.match(
        `${stdout}${stderr}`,
        /"save" has no schema and is skipped: .*remove "from __future__ import annotations".*main\.py:\d+\)/,
        command,
      );
    }
  },
);
