/**
 * Projects with one fault each, as people have them, and the repair that `doctor` proposes.
 *
 * @module
 */

import { appendFile, rename, symlink } from "node:fs/promises";
import { Buffer } from "node:buffer";
import { typesOf } from "../../lib/delivery/mod.ts";
import { runProgram } from "../../lib/process/mod.ts";
import { contractOf } from "./contracts.ts";
import { pythonEnvironment } from "./python.ts";
import type { TempFolder } from "./temp_folder.ts";

const PROCEDURE = `@rpc
def greet(name: str) -> str:
    return name
`;
/** A whole backend. */
export const MAIN = `from fastapi import FastAPI
from pyrpc_core import rpc
from pyrpc_fastapi import mount_fastapi
${PROCEDURE}app = FastAPI()
mount_fastapi(app)
`;

type Files = Readonly<Record<string, string | Uint8Array>>;

/** A change that a person makes after reading a proposal. */
export interface Edit {
  /** The new texts of files. */
  readonly files?: Files;
  /** Added to the environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** Folder in which `doctor` runs afterwards. */
  readonly cwd?: string;
  /** Also runs `pyrpc dev` until it has written the types. */
  readonly writesTypes?: boolean;
}

/** A project with a fault. */
export interface BrokenProject {
  readonly name: string;
  /** Replaces and adds files of a whole project with `main.py`. */
  readonly files?: Files;
  /** Replaces members of `pyrpc.json`; null for a project without one. */
  readonly config?: object | null;
  readonly env?: (folder: TempFolder) => Promise<Readonly<Record<string, string>>>;
  /**
   * The environment: one with everything (`PYRPC_PYTHON`), an empty `.venv` in the project, the system's Python, or what
   * `prepare` makes.
   */
  readonly python?: "whole" | "empty" | "system" | "own";
  /** Needs the packages of a registry. */
  readonly isOnline?: boolean;
  /** The programs of package managers that are on the path. */
  readonly tools?: readonly ("uv" | "poetry" | "pdm" | "pipenv")[];
  readonly prepare?: (folder: TempFolder) => Promise<void>;
  /** Folder in which `doctor` runs. */
  readonly cwd?: string;
  /** Folder of `pyrpc.json`, if it is not the root. */
  readonly backend?: string;
  /** Matches the fixes; a group is the command to paste. Undefined if `doctor` has nothing to report. */
  readonly proposal?: RegExp;
  /**
   * Repair of the project: `doctor --fix --yes`, the pasted command, `pyrpc dev` on the backend until it has written
   * the types, or an edit. Undefined if there is nothing to repair.
   */
  readonly repair?: "fix" | "paste" | "dev" | Edit | ((folder: TempFolder) => Promise<Edit>);
}

const SRC = {
  "pyproject.toml": '[project]\nname = "shop"\nversion = "0.1"\n',
  "src/shop/__init__.py": "",
  "src/shop/api.py": MAIN,
};

async function environmentAt(path: string, packages: boolean): Promise<void> {
  const { python } = await pythonEnvironment("shop-0.14");
  await runProgram(python, ["-m", "venv", ...(packages ? ["--without-pip"] : []), path], {
    limitMs: 120_000,
  });
  if (!packages) return;
  // The packages of the tests, by a file of paths.
  const script =
    `import sysconfig, sys; open(sysconfig.get_path("purelib") + "/x.pth", "w").write(sys.argv[1])`;
  const { stdout } = await runProgram(python, [
    "-c",
    `import sysconfig; print(sysconfig.get_path("purelib"))`,
  ], {});
  await runProgram(`${path}/bin/python`, ["-c", script, stdout.trim()], {});
}

// Poetry's own registry needs an interface that mirrors do not have.
async function addPoetrySource(folder: TempFolder): Promise<void> {
  const { python } = await pythonEnvironment("shop-0.14");
  const script = "from pip._internal.models.index import PyPI; print(PyPI.simple_url)";
  const { stdout } = await runProgram(python, ["-c", script], {});
  const source =
    `[[tool.poetry.source]]\nname = "simple"\nurl = "${stdout.trim()}/"\npriority = "primary"\n`;
  await appendFile(folder.at("pyproject.toml"), source);
}

const settingsPath = async (): Promise<string> => {
  const { python } = await pythonEnvironment("settings");
  const args = ["-c", `import sysconfig; print(sysconfig.get_path("purelib"))`];
  return (await runProgram(python, args, {})).stdout.trim();
};

const manifestOf = (manager: "uv" | "poetry" | "pdm" | "pipenv"): Files =>
  manager === "pipenv" ? { Pipfile: '[packages]\n[requires]\npython_version = "3.11"\n' } : {
    "pyproject.toml": manager === "poetry"
      ? '[tool.poetry]\nname = "shop"\nversion = "0.1"\npackage-mode = false\n[tool.poetry.dependencies]\npython = ">=3.11,<4"\n'
      : `[project]\nname = "shop"\nversion = "0.1"\nrequires-python = ">=3.11"\ndependencies = []\n[tool.${manager}]\n${
        manager === "pdm" ? "distribution = false\n" : ""
      }`,
  };

/** The projects. Those of the gate come first. */
export const BROKEN_PROJECTS: readonly BrokenProject[] = [
  {
    name: "a misspelled module",
    files: { "main.py": `import modles\n${MAIN}`, "models.py": "" },
    proposal: /Did you mean models\?/,
    repair: { files: { "main.py": `import models\n${MAIN}` } },
  },
  {
    name: "settings that lack variables",
    files: {
      "main.py":
        `from pydantic_settings import BaseSettings\nclass Settings(BaseSettings):\n    model_config = {"env_file": ".env"}\n    database_url: str\n    debug: bool\nsettings = Settings()\n${MAIN}`,
    },
    env: async () => ({ PYTHONPATH: await settingsPath() }),
    proposal: /Set them \(DATABASE_URL, DEBUG\) in the environment or in \.env/,
    repair: { files: { ".env": "DATABASE_URL=sqlite://\nDEBUG=1\n" } },
  },
  {
    name: "an environment with another name",
    python: "own",
    prepare: (folder) => environmentAt(folder.at("py311"), true),
  },
  // Interpreters and packages.
  {
    name: "the system's Python, which refuses pip (PEP 668)",
    python: "system",
    isOnline: true,
    proposal: /-m venv \.venv && \.venv\/bin\/pip install pyrpc-core pyrpc-fastapi uvicorn$/,
    repair: "fix",
  },
  {
    name: "the system's Python for Flask",
    files: {
      "main.py": MAIN.replaceAll("fastapi", "flask").replace("FastAPI", "Flask").replace(
        "FastAPI()",
        "Flask(__name__)",
      ),
    },
    config: { framework: "flask" },
    python: "system",
    isOnline: true,
    proposal: /\.venv\/bin\/pip install pyrpc-core pyrpc-flask$/,
    repair: "fix",
  },
  {
    name: "an empty environment",
    python: "empty",
    isOnline: true,
    proposal: /\.venv\/bin\/python -m pip install pyrpc-core pyrpc-fastapi uvicorn$/,
    repair: "fix",
  },
  {
    name: "the environment ./env, while the system's Python is on the path",
    python: "own",
    prepare: (folder) => environmentAt(folder.at("env"), true),
  },
  {
    name: "an environment whose Python is gone",
    files: { ".venv/pyvenv.cfg": "", ".venv/bin/x": "" },
    python: "own",
    isOnline: true,
    prepare: (folder) => symlink("/nowhere/python3", folder.at(".venv/bin/python")),
    proposal: /Recreate it: (python3 -m venv --clear .+ pyrpc-core pyrpc-fastapi uvicorn)$/,
    repair: "paste",
  },
  {
    name: "an environment whose Python is gone, with requirements.txt",
    files: {
      "venv/pyvenv.cfg": "",
      "venv/bin/x": "",
      "requirements.txt": "pyrpc-core\npyrpc-fastapi\nuvicorn\n",
    },
    python: "own",
    isOnline: true,
    prepare: (folder) => symlink("/nowhere/python3", folder.at("venv/bin/python")),
    proposal: /Recreate it: (python3 -m venv --clear .+ -r .+requirements\.txt)$/,
    repair: "paste",
  },
  {
    name: "conda's base is active, and the project has an environment of its own",
    files: { "uv.lock": "" },
    python: "own",
    prepare: async (folder) => {
      await environmentAt(folder.at(".venv"), true);
      await environmentAt(folder.at("conda"), false);
    },
    env: (folder) =>
      Promise.resolve({ CONDA_PREFIX: folder.at("conda"), CONDA_DEFAULT_ENV: "base" }),
  },
  {
    name: "an active environment that is not the project's, with uv",
    files: manifestOf("uv"),
    python: "own",
    tools: ["uv"],
    isOnline: true,
    prepare: (folder) => environmentAt(folder.at("active"), false),
    env: (folder) => Promise.resolve({ VIRTUAL_ENV: folder.at("active") }),
    proposal: /uv pip install --python .+active\/bin\/python pyrpc-core/,
    repair: "fix",
  },
  ...(["uv", "poetry", "pdm", "pipenv"] as const).map((manager): BrokenProject => ({
    name: `a project of ${manager} without an environment`,
    files: manifestOf(manager),
    python: "own",
    tools: [manager],
    isOnline: true,
    ...(manager === "poetry" ? { prepare: addPoetrySource } : {}),
    proposal: new RegExp(
      `${manager} ${manager === "pipenv" ? "install" : "add"} pyrpc-core pyrpc-fastapi uvicorn$`,
      "m",
    ),
    repair: "fix",
  })),
  {
    name: "a missing package that a project of uv lists",
    files: {
      "main.py": `import tomli_w\n${MAIN}`,
      "pyproject.toml":
        '[project]\nname = "shop"\nversion = "0.1"\nrequires-python = ">=3.11"\ndependencies = ["pyrpc-core", "pyrpc-fastapi", "uvicorn", "tomli-w"]\n[tool.uv]\n',
    },
    python: "own",
    tools: ["uv"],
    isOnline: true,
    prepare: (folder) => environmentAt(folder.at(".venv"), true),
    proposal: /lists it; install it: uv sync$/,
    repair: "fix",
  },
  {
    name: "a package in src that is not installed",
    files: SRC,
    config: { entrypoint: "shop.api:app" },
    python: "empty",
    isOnline: true,
    proposal: /pip install/,
    repair: "fix",
  },
  {
    name: "a missing package that requirements.txt lists",
    files: { "main.py": `import tomli_w\n${MAIN}`, "requirements.txt": "tomli-w\n" },
    python: "empty",
    isOnline: true,
    proposal: /pip install/,
    repair: "fix",
  },
  {
    name: "an interpreter that does not exist",
    env: () => Promise.resolve({ PYRPC_PYTHON: "/nowhere/python3" }),
    python: "own",
    proposal: /Pass the interpreter's path/,
    repair: async () => ({
      env: { PYRPC_PYTHON: (await pythonEnvironment("shop-0.14")).python },
    }),
  },
  // Modules.
  {
    name: "a package in src, beside no manifest",
    files: { "src/shop/__init__.py": "", "src/shop/api.py": MAIN },
    config: { entrypoint: "shop.api:app" },
    proposal: /PYTHONPATH=src/,
    repair: { env: { PYTHONPATH: "src" } },
  },
  {
    name: "an entry that does not exist",
    config: { entrypoint: "mian:app" },
    proposal: /Did you mean main\?/,
    repair: { files: { "pyrpc.json": configText({ entrypoint: "main:app" }) } },
  },
  {
    name: "the wrong working folder",
    files: {
      "backend/app/main.py": `from app.models import X\n${MAIN}`,
      "backend/app/models.py": "X = 1",
    },
    config: { entrypoint: "backend.app.main:app" },
    proposal: /cd backend +\(the entry is app\.main there\)/,
    repair: {
      files: { "backend/pyrpc.json": configText({ entrypoint: "app.main:app" }) },
      cwd: "backend",
    },
  },
  {
    name: "a folder that is not on the path",
    files: { "main.py": `import ylib\n${MAIN}`, "other/extra/ylib.py": "" },
    proposal: /PYTHONPATH=other\/extra/,
    repair: { env: { PYTHONPATH: "other/extra" } },
  },
  {
    name: "a sibling that is imported by its short name",
    files: {
      "shop/__init__.py": "",
      "shop/api.py": `from prices import P\n${MAIN}`,
      "shop/prices.py": "P = 1",
    },
    config: { entrypoint: "shop.api:app" },
    proposal: /import it relatively \(from \. import prices\)/,
    repair: { files: { "shop/api.py": `from .prices import P\n${MAIN}` } },
  },
  {
    name: "a module of an older pyRPC",
    files: {
      "main.py": MAIN.replace("pyrpc_fastapi", "pyrpc_core.transport.fastapi"),
    },
    proposal: /from pyrpc_fastapi import mount_fastapi/,
    repair: { files: { "main.py": MAIN } },
  },
  {
    name: "a misspelled module of an installed package",
    files: { "main.py": `import fastapi.routin\n${MAIN}` },
    proposal: /Did you mean fastapi\.routing\?/,
    repair: { files: { "main.py": `import fastapi.routing\n${MAIN}` } },
  },
  {
    name: "a file that has the name of a package",
    files: { "fastapi.py": "", "main.py": MAIN },
    proposal: /^Rename fastapi\.py$/,
    repair: async (folder) => {
      await rename(folder.at("fastapi.py"), folder.at("web.py"));
      return {};
    },
  },
  {
    name: "a relative import in an entry without a package",
    files: { "main.py": `from .models import X\n${MAIN}`, "models.py": "X = 1\n" },
    proposal: /[Ii]mport the module by its full name, without the leading dot$/,
    repair: { files: { "main.py": `from models import X\n${MAIN}` } },
  },
  {
    name: "a circular import",
    files: {
      "main.py": `from models import Item\nX = 1\n${MAIN}`,
      "models.py": "from main import X\nItem = X\n",
    },
    proposal: /move what they share into a module of its own/,
    repair: {
      files: {
        "main.py": `from models import Item\n${MAIN}`,
        "models.py": "from shared import X\nItem = X\n",
        "shared.py": "X = 1\n",
      },
    },
  },
  {
    name: "a script that exits",
    files: { "main.py": `${MAIN}import sys\nsys.exit(0)\n` },
    proposal: /if __name__ == "__main__":/,
    repair: { files: { "main.py": `${MAIN}if __name__ == "__main__":\n    exit(0)\n` } },
  },
  {
    name: "a server that starts during the import (uvicorn)",
    files: { "main.py": `${MAIN}import uvicorn\nuvicorn.run(app)\n` },
    proposal: /if __name__ == "__main__":/,
    repair: {
      files: {
        "main.py": `${MAIN}if __name__ == "__main__":\n    import uvicorn\n    uvicorn.run(app)\n`,
      },
    },
  },
  {
    name: "an import that does not end",
    files: { "main.py": `import time\ntime.sleep(100)\n${MAIN}` },
    env: () => Promise.resolve({ PYRPC_IMPORT_TIMEOUT: "2" }),
    proposal: /Move slow work into a function/,
    repair: { files: { "main.py": `import time\ndef slow():\n    time.sleep(100)\n${MAIN}` } },
  },
  {
    name: "a source that is not UTF-8",
    files: { "main.py": Buffer.from(`NAME = "caf\u00e9"\n${MAIN}`, "latin1") },
    proposal: /Save the file as UTF-8/,
    repair: { files: { "main.py": `NAME = "caf\u00e9"\n${MAIN}` } },
  },
  {
    name: "a syntax error",
    files: { "main.py": `${MAIN}def broken(:\n` },
    proposal: /Fix the syntax of this line/,
    repair: { files: { "main.py": MAIN } },
  },
  {
    name: "a missing environment variable",
    files: { "main.py": `import os\nos.environ["SHOP_DATABASE"]\n${MAIN}` },
    proposal: /Set it in the environment/,
    repair: { env: { SHOP_DATABASE: "x" } },
  },
  {
    name: "a database that is away",
    files: {
      "main.py": `import socket\nsocket.create_connection(("127.0.0.1", 1))\n${MAIN}`,
    },
    proposal: /connect in the application's start \(lifespan\)/,
    repair: {
      files: {
        "main.py": MAIN.replace(
          "app = FastAPI()",
          'async def lifespan(_):\n    socket.create_connection(("127.0.0.1", 1))\n    yield\napp = FastAPI(lifespan=lifespan)',
        ),
      },
    },
  },
  // Procedures and applications.
  {
    name: "annotations that are text",
    files: {
      "main.py": `from __future__ import annotations\nfrom pydantic import BaseModel\n${
        withItem(MAIN)
      }`,
    },
    proposal: /Remove "from __future__ import annotations"/,
    repair: { files: { "main.py": `from pydantic import BaseModel\n${withItem(MAIN)}` } },
  },
  {
    name: "no procedures",
    files: { "main.py": MAIN.replace(PROCEDURE, "") },
    proposal: /Decorate a function: from pyrpc_core import rpc/,
    repair: { files: { "main.py": MAIN } },
  },
  {
    name: "an application that does not exist",
    config: { entrypoint: "main:application" },
    proposal: /It has: main:app/,
    repair: { files: { "pyrpc.json": configText({ entrypoint: "main:app" }) } },
  },
  {
    name: "several applications",
    files: { "main.py": MAIN.replaceAll("app", "api") + "admin = FastAPI()\n" },
    config: { entrypoint: "main" },
    proposal: /main:api or main:admin: (pyrpc init --entry main:api)$/,
    repair: "paste",
  },
  {
    name: "an application without /rpc",
    files: { "main.py": MAIN.replace("mount_fastapi(app)\n", "") },
    proposal: /Add mount_fastapi\(app\)/,
    repair: { files: { "main.py": MAIN } },
  },
  {
    name: "an application with /rpc under another path",
    files: {
      "main.py": `${MAIN.replaceAll("app", "inner")}app = FastAPI()\napp.mount("/api", inner)\n`,
    },
    proposal: /mount it at \/rpc: mount_fastapi\(app\)/,
    repair: {
      files: {
        "main.py": `${
          MAIN.replaceAll("app", "inner")
        }app = FastAPI()\nmount_fastapi(app)\napp.mount("/api", inner)\n`,
      },
    },
  },
  {
    name: "files of a frontend that are mounted before /rpc",
    files: { "main.py": withFiles(MAIN, "before"), "dist/index.html": "" },
    proposal: /Move this line above that route: mount_fastapi\(app\)/,
    repair: { files: { "main.py": withFiles(MAIN, "after") } },
  },
  {
    name: "a bare ASGI application without a router",
    files: {
      "main.py": `from pyrpc_core import rpc, PyRPCAsgiApp\n${PROCEDURE}app = PyRPCAsgiApp()\n`,
    },
    config: { framework: "asgi" },
    proposal: /PyRPCAsgiApp\(default_router\), with: from pyrpc_core import default_router/,
    repair: {
      files: {
        "main.py":
          `from pyrpc_core import rpc, PyRPCAsgiApp, default_router\n${PROCEDURE}app = PyRPCAsgiApp(default_router)\n`,
      },
    },
  },
  // The configuration.
  {
    name: "a misspelled setting",
    config: { prot: 1 },
    proposal: /Did you mean "port"\?/,
    repair: { files: { "pyrpc.json": configText({}) } },
  },
  {
    name: "a framework that does not exist",
    config: { framework: "fastpi" },
    proposal: /Did you mean "?fastapi"?\?/,
    repair: { files: { "pyrpc.json": configText({}) } },
  },
  {
    name: "a client that does not exist",
    files: { "frontend/package.json": "{}" },
    config: { distribution: "workspace", client_root: "fronted" },
    proposal: /Did you mean "frontend"\?/,
    repair: {
      files: {
        "pyrpc.json": configText({ distribution: "workspace", client_root: "frontend" }),
      },
      writesTypes: true,
    },
  },
  {
    name: "types that were not written yet",
    files: { "web/package.json": "{}" },
    config: { distribution: "workspace", client_root: "web" },
    proposal: /^pyrpc dev$/,
    repair: "dev",
  },
  {
    name: "types of another contract",
    files: {
      "web/package.json": "{}",
      "web/node_modules/@pyrpc/types/package.json": "{}",
      "web/node_modules/@pyrpc/types/src/index.ts":
        typesOf(contractOf({ other: {} }))(undefined).text,
    },
    config: { distribution: "workspace", client_root: "web" },
    proposal: /^pyrpc dev$/,
    repair: "dev",
  },
  {
    name: "a client that was set up for workspace distribution",
    files: {
      "web/package.json": "{}",
      "web/pyrpc-client.json": '{ "distribution": "workspace" }',
      "api/main.py": MAIN,
      "api/pyrpc.json": configText({ distribution: "workspace", client_root: "../web" }),
    },
    config: null,
    cwd: "web",
    backend: "api",
    proposal: /^cd \.\.\/api && pyrpc dev$/,
    repair: "dev",
  },
  {
    name: "an agent that runs a program that is away",
    files: {
      ".mcp.json":
        '{ "mcpServers": { "pyrpc": { "command": "/nowhere/pyrpc", "args": ["mcp"] } } }',
    },
    proposal: /^(pyrpc mcp --install claude)$/,
    repair: "paste",
  },
  {
    name: "a pyrpc.json one folder below",
    files: { "api/main.py": MAIN, "api/pyrpc.json": configText({}) },
    config: null,
    proposal: /^cd api && pyrpc doctor/,
    repair: { cwd: "api" },
  },
];

function withFiles(main: string, place: "before" | "after"): string {
  const files =
    'from starlette.staticfiles import StaticFiles\napp.mount("/", StaticFiles(directory="dist"))\n';
  const mount = "mount_fastapi(app)\n";
  return main.replace(mount, place === "before" ? files + mount : mount + files);
}

function withItem(main: string): string {
  return main.replace("name: str", "name: Item").replace(
    "@rpc",
    "class Item(BaseModel):\n    id: int\n@rpc",
  );
}

/** The text of `pyrpc.json` with other members. */
export function configText(members: object): string {
  return JSON.stringify({
    version: 1,
    framework: "fastapi",
    entrypoint: "main:app",
    distribution: "server",
    port: 1,
    ...members,
  });
}
