import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { appendFile, rm, stat, utimes, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { inspect } from "node:util";
import { after, before, describe, test } from "node:test";
import {
  askModule,
  findInterpreter,
  type Interpreter,
  type ModuleAnswer,
  PythonBackend,
} from "../../lib/python/mod.ts";
import { generateTypes } from "../../lib/codegen/mod.ts";
import { loadSource } from "../../lib/source/mod.ts";
import { renderError } from "../../lib/terminal/mod.ts";
import { freePort } from "../support/free_port.ts";
import { pythonEnvironment, pythonSkip, startShop } from "../support/python.ts";
import { tempFolder } from "../support/temp_folder.ts";

const SHOP = fileURLToPath(new URL("../fixtures/shop", import.meta.url));
const skip = pythonSkip();
const stdin = { readAll: () => Promise.resolve(new Uint8Array()) };
const identity = (text: string) => text;
const STYLE = {
  bold: identity,
  dim: identity,
  red: identity,
  green: identity,
  yellow: identity,
  cyan: identity,
};

const HEAD = "from pyrpc_core import rpc\n@rpc\ndef f(a: int) -> int:\n    return a\n";

async function interpreterOf(version: "0.14" | "0.12" | "0.9" | "0.7" = "0.14") {
  const { python } = await pythonEnvironment(`shop-${version}`);
  return await findInterpreter({ python, env: {}, folder: SHOP });
}

describe("askModule()", { skip }, () => {
  for (const version of ["0.14", "0.12", "0.9", "0.7"] as const) {
    test(`answers like GET /rpc of pyRPC ${version} answers`, async () => {
      const { python } = await pythonEnvironment(`shop-${version}`);
      await using server = await startShop("fastapi", version);
      const context = { cwd: SHOP, env: process.env, stdin };
      const live = await loadSource(server.url, {}, context);
      for (const module of ["main", "main:app", "main_flask", "main_asgi", "procedures"]) {
        const asked = await loadSource(module, { python }, context);
        assert.deepEqual(asked.contract.document, live.contract.document, module);
        assert.equal(generateTypes(asked.contract).text, generateTypes(live.contract).text);
      }
    });
  }

  const ask = async (
    files: Readonly<Record<string, string | Uint8Array>>,
    entry = "main",
    limit = 20_000,
  ) => {
    await using folder = await tempFolder(files);
    const interpreter = await interpreterOf();
    let output = "";
    const onOutput = (text: string) => {
      output += text;
    };
    const options = { interpreter, root: folder.path, env: process.env, entry, limit, onOutput };
    const result: { names?: string[]; answer?: ModuleAnswer; error?: string; output: string } = {
      output: "",
    };
    try {
      const { contract, answer } = await askModule(options);
      result.names = [...contract.procedures.keys()];
      result.answer = answer;
    } catch (error) {
      result.error = renderError(error, STYLE).replaceAll(folder.path, "<root>")
        .replaceAll(interpreter.command, "<python>");
    }
    return { ...result, output };
  };

  const FAILURES: readonly (readonly [
    what: string,
    files: Readonly<Record<string, string | Uint8Array>>,
    want: readonly RegExp[],
  ])[] = [
    ["a syntax error", { "main.py": "import a\n", "a.py": "\n\nx = (1\n" }, [
      /^error: SyntaxError: '\(' was never closed$/,
      /^ {2}at a\.py:3:5$/,
      /^ {2}3 \| x = \(1$/,
      /^ {10}\^$/,
      /^ {2}fix: Fix the syntax/,
    ]],
    ["bytes that are not a source", { "main.py": "import a\n", "a.py": "x\0" }, [
      /^error: A source of "main" is not UTF-8 text$/,
      /^ {2}at a\.py:1:1$/,
      /^ {2}1 \| x\\u0000$/,
      /^ +\^$/,
      /^ {2}fix: /,
    ]],
    ["an exception below a function", {
      "main.py": "import a\na.go()\n",
      "a.py": "def go():\n    return {}['é'] + undefined['x']\n",
    }, [
      /^error: KeyError while importing "main": 'é'$/,
      /^ {2}at a\.py:2:12$/,
      /^ {2}2 \| {5}return/,
      /^ +\^$/,
      /^ {2}fix: Fix this line; --verbose prints the full traceback$/,
    ]],
    ["an exception in a package, at the line that called it", {
      "main.py": "import json\n\nx = json.loads('{')\n",
    }, [
      /^error: JSONDecodeError while importing "main": Expecting/,
      /^ {2}at main\.py:3:5$/,
      /^ {2}3 \| x = json/,
      /^ +\^$/,
      /^ {2}fix: /,
    ]],
    ["a missing package", { "main.py": "import yaml_of_nobody\n" }, [
      /^error: No module named "yaml_of_nobody"$/,
      /^ {2}at main\.py:1:1$/,
      /^ {2}1 \| import yaml_of_nobody$/,
      /^ +\^$/,
      /^ {2}fix: Correct its name: the project has no module of this name/,
      /^ {7}If it is a package/,
    ]],
    ["an absolute import of a neighbour", {
      "main.py": "import pkg.a\n",
      "pkg/__init__.py": "",
      "pkg/a.py": "import models\n",
      "pkg/models.py": "",
    }, [
      /^error: No module named "models"$/,
      /^ {2}at pkg\/a\.py:1:1$/,
      /import models$/,
      /^ +\^$/,
      /^ {2}fix: models\.py lies beside this file: import it relatively \(from \. import models\)/,
    ]],
    ["a missing adapter", { "main.py": "from pyrpc_django import mount\n" }, [
      /^error: The adapter "pyrpc_django" is not installed for <python> /,
      /^ {2}at main\.py:1:1$/,
      /^ {2}1 \| /,
      /^ +\^$/,
      /^ {2}fix: Install it: <python> -m pip install pyrpc-django-adapter$/,
    ]],
    ["a circular import", {
      "main.py": "import a\n",
      "a.py": "from b import y\nx = 1\n",
      "b.py": "from a import x\ny = 1\n",
    }, [
      /^error: Circular import: cannot import name 'x' from partially initialized module 'a'/,
      /^ {2}at b\.py:1:1$/,
      /^ {2}1 \| from a import x$/,
      /^ +\^$/,
      /^ {2}fix: main\.py → a\.py → b\.py → a\.py: move what they share/,
    ]],
    ["sys.exit", { "main.py": "import sys\nsys.exit('bye')\n" }, [
      /^error: "main" exited Python while it was imported: sys\.exit\(bye\)$/,
      /^ {2}at main\.py:2:1$/,
      /^ {2}2 \| sys\.exit/,
      /^ +\^$/,
      /^ {2}fix: Move code that runs the file under if __name__ == "__main__":$/,
    ]],
    ["no procedure", { "main.py": "x = 1\n" }, [
      /^error: No procedures found — did you remove all @rpc decorators\?$/,
      /^ {2}at main in <root>$/,
      /^ {2}fix: Decorate a function/,
      /^ {7}or use the module/,
    ]],
    ["no such module", { "app/main.py": "x = 1\n" }, [
      /^error: No module "main" in <root>$/,
      /^ {2}fix: Modules that look like an entry: app\.main$/,
    ]],
    ["a control sequence and an exception that cannot be printed", {
      "main.py":
        "class E(Exception):\n    def __str__(self):\n        raise ValueError\nraise E('\\x1b[2J')\n",
    }, [
      /^error: E while importing "main"$/,
      /^ {2}at main\.py:4:1$/,
      /^ {2}4 \| raise E/,
      /^ +\^$/,
      /^ {2}fix: /,
    ]],
    ["os._exit", { "main.py": "import os\nos._exit(4)\n" }, [
      /^error: Python exited \(code 4\) while importing "main"$/,
      /^ {2}fix: The module calls os\._exit/,
    ]],
  ];
  for (const [what, files, want] of FAILURES) {
    test(`reports ${what} in at most five lines`, async () => {
      const { error = "", output } = await ask(files);
      const lines = error.split("\n");
      assert.equal(lines.length, want.length, error);
      want.forEach((pattern, index) => assert.match(lines[index] ?? "", pattern));
      assert.equal(output, "");
    });
  }

  test("interrupts a module that sleeps, and reports the line", async () => {
    const { error = "" } = await ask({ "main.py": "import time\n\ntime.sleep(60)\n" }, "main", 400);
    assert.match(error, /"main" was still importing after 0 s\n {2}at main\.py:3:1\n/);
  });

  test("ends a module that cannot be interrupted", async () => {
    const { error = "" } = await ask(
      {
        "main.py":
          "import signal, time\nfor n in (signal.SIGALRM, signal.SIGTERM):\n    signal.signal(n, signal.SIG_IGN)\ntime.sleep(60)\n",
      },
      "main",
      300,
    );
    assert.match(error, /"main" was still importing after 0 s/);
  });

  test("names the application that is not there, and those that are", async () => {
    const { error } = await ask({
      "main.py":
        `${HEAD}from pyrpc_core.transport.asgi import PyRPCAsgiApp\napi = PyRPCAsgiApp()\n`,
    }, "main:app");
    assert.equal(error, 'error: "main" has no application "app"\n  fix: It has: main:api');
  });

  test("leaves out one procedure without a schema and delivers the others", async () => {
    const { names, answer } = await ask({
      "main.py": `from typing import Callable\n${HEAD}
@rpc
def bad(a: int, b: Callable[[int], int]) -> int:
    return 1

@rpc
def worse() -> Callable[[int], int]: ...
`,
    });
    assert.deepEqual(names, ["f"]);
    assert.deepEqual(
      answer?.problems.map(({ name, part, reason, place }) => [name, part, reason, place?.line]),
      [
        ["bad", "b", "Cannot generate a JsonSchema for core_schema.CallableSchema", 7],
        ["worse", "return", "Cannot generate a JsonSchema for core_schema.CallableSchema", 11],
      ],
    );
  });

  test("makes JSON of defaults that JSON does not have", async () => {
    const { answer } = await ask({
      "main.py": `from datetime import date, timedelta
from decimal import Decimal
from enum import Enum
from pathlib import Path
from uuid import UUID
${HEAD}
class E(Enum):
    A = 1

@rpc
def g(a: date = date(2020, 1, 1), b: E = E.A, c: float = float("inf"), d: Decimal = Decimal("9.90"),
      e: set[int] = {3}, g: bytes = b"x", h: object = object(), i: Path = Path("/x"),
      j: UUID = UUID(int=1), k: timedelta = timedelta(seconds=90)) -> int:
    return 1
`,
    });
    const parameters = (answer?.contract["g"] as unknown as {
      parameters: { default: unknown; required: boolean }[];
    })
      .parameters;
    assert.deepEqual(
      parameters.map((parameter) => parameter.default),
      [
        "2020-01-01",
        1,
        null,
        9.9,
        [3],
        "x",
        null,
        "/x",
        "00000000-0000-0000-0000-000000000001",
        90,
      ],
    );
    assert.ok(parameters.every(({ required }) => !required));
  });

  test("names both places of two procedures of one name", async () => {
    const { answer } = await ask({ "main.py": `${HEAD}import a\n`, "a.py": HEAD });
    assert.deepEqual(
      answer?.duplicates.map(({ name, first, second }) => [
        name,
        first?.file.replace(/.*\//, ""),
        first?.line,
        second?.file.replace(/.*\//, ""),
        second?.line,
      ]),
      [["f", "main.py", 2, "a.py", 2]],
    );
  });

  test("asks the router that the application answers with", async () => {
    const { names } = await ask({
      "main.py": `${HEAD}
from fastapi import FastAPI
from pyrpc_core import Router
from pyrpc_fastapi import mount_fastapi
own = Router()
@own.rpc("users.get")
def get(id: int) -> int:
    return id
app = FastAPI()
mount_fastapi(app, own)
`,
    });
    assert.deepEqual(names, ["users.get"]);
  });

  test("keeps megabytes of output, raw output and a closed stdout separate from the answer", async () => {
    const { names, output } = await ask({
      "main.py":
        `import os, sys\n${HEAD}print("x" * 3_000_000)\nos.write(1, b"raw\\n")\nsys.stdout.close()\nsys.stdin.read()\n`,
    });
    assert.deepEqual(names, ["f"]);
    assert.equal(output.length, 3_000_005);
  });

  test("is not confused by threads, forks and children, and leaves none", async () => {
    const mark = `299.${Math.floor(process.pid % 1000) + 1000}`;
    const { names } = await ask({
      "main.py": `import os, subprocess, threading, time\n${HEAD}
threading.Thread(target=time.sleep, args=(100,)).start()
subprocess.Popen(["sleep", "${mark}"])
os.fork()
`,
    });
    assert.deepEqual(names, ["f"]);
    const { stdout } = spawnSync("ps", ["-eo", "args"], { encoding: "utf8" });
    assert.ok(!stdout.split("\n").includes(`sleep ${mark}`), "a child of the user's survived");
  });

  test("works in a folder with spaces, quotes and letters of all kinds", async () => {
    const name = 'it\'s a "földer" 😀 $HOME';
    await using folder = await tempFolder({ [`${name}/main.py`]: HEAD });
    const { contract } = await askModule({
      interpreter: await interpreterOf(),
      root: folder.at(name),
      env: process.env,
      entry: "main",
      onOutput: () => {},
    });
    assert.equal(contract.procedures.size, 1);
  });

  test("imports nothing of the project's that has the name of a standard module", async () => {
    const { names } = await ask({
      "main.py": HEAD,
      "json.py": "raise SystemExit",
      "selectors.py": "raise SystemExit",
    });
    assert.deepEqual(names, ["f"]);
  });

  test("passes the user's environment, and not the variables of the tool's engine", async () => {
    await using folder = await tempFolder({
      "main.py":
        `import os\nassert os.environ["WANTED"] == "1"\nassert "BUN_OPTIONS" not in os.environ\n${HEAD}`,
    });
    const { contract } = await askModule({
      interpreter: await interpreterOf(),
      root: folder.path,
      env: { ...process.env, WANTED: "1", BUN_OPTIONS: "--x", BUN_BE_BUN: "1" },
      entry: "main",
      onOutput: () => {},
    });
    assert.equal(contract.procedures.size, 1);
  });
});

describe("PythonBackend", { skip }, () => {
  let interpreter: Interpreter;
  before(async () => {
    interpreter = await interpreterOf();
  });
  const started: PythonBackend[] = [];
  after(async () => {
    await Promise.all(started.map((python) => python.end()));
  });
  const start = (root: string, preload = true) => {
    const python = new PythonBackend({
      interpreter,
      root,
      env: process.env,
      preload,
      limit: 20_000,
      onOutput: () => {},
    });
    started.push(python);
    return python;
  };
  const names = async (python: PythonBackend) => {
    const { answer } = await python.ask({ module: "main" });
    return answer.ok ? Object.keys(answer.contract) : answer.kind;
  };

  test("sees every edit of an imported module, also one of the same length and time", async () => {
    await using folder = await tempFolder({
      "main.py": "import pkg.procedures\n",
      "pkg/__init__.py": "",
      "pkg/procedures.py": HEAD,
    });
    const python = start(folder.path);
    const file = folder.at("pkg/procedures.py");
    const { atime, mtime } = await stat(file);
    assert.deepEqual(await names(python), ["f"]);
    // Bytecode as a server of the user's would have left it.
    spawnSync(interpreter.command, ["-c", "import main"], { cwd: folder.path });
    for (const name of ["g", "h", "i"]) {
      await writeFile(file, HEAD.replace("def f", `def ${name}`));
      await utimes(file, atime, mtime);
      assert.deepEqual(await names(python), [name]);
    }
    await appendFile(file, "from . import more\n");
    await folder.write({ "pkg/more.py": HEAD.replace("def f", "def more") });
    assert.deepEqual(await names(python), ["i", "more"]);
    await rm(folder.at("pkg/more.py"));
    assert.equal(await names(python), "exception");
    await writeFile(file, HEAD);
    assert.deepEqual(await names(python), ["f"]);
    await writeFile(file, "x = (");
    assert.equal(await names(python), "syntax");
    await writeFile(file, "x = 1");
    assert.deepEqual(await names(python), []);
    await python.end();
  });

  test("imports packages once, and nothing that the module does not import", async () => {
    await using folder = await tempFolder({
      "main.py": `import sys\nwarm = "pyrpc_core" in sys.modules\n${HEAD}
from pyrpc_core import default_router
if warm:
    default_router.rpc("warm")(f)
if "flask" in sys.modules or "uvicorn" in sys.modules:
    default_router.rpc("flask")(f)
`,
    });
    const python = start(folder.path);
    assert.deepEqual(await names(python), ["f"]);
    const until = Date.now() + 10_000;
    let found = await names(python);
    while (found.length === 1 && Date.now() < until) {
      // It warms up in a quiet moment.
      await new Promise((done) => setTimeout(done, 100));
      found = await names(python);
    }
    assert.deepEqual(found, ["f", "warm"]);
    await python.end();
  });

  test("answers with a fresh interpreter where a fork dies", async () => {
    await using folder = await tempFolder({
      // Dies where the process is a fork, as on systems whose libraries do not survive one.
      "main.py": `import os\nif open(f"/proc/{os.getppid()}/cmdline").read().startswith(${
        JSON.stringify(interpreter.command)
      }):\n    os.kill(os.getpid(), 11)\n${HEAD}`,
    });
    const python = start(folder.path, false);
    assert.deepEqual(await names(python), process.platform === "linux" ? ["f"] : "exception");
    await python.end();
  });

  test("works without fork, as on Windows: asks, serves and ends", async () => {
    await using folder = await tempFolder({
      "main.py": HEAD,
      "site/sitecustomize.py":
        "import os, signal\nfor name in ('fork', 'setsid', 'killpg', 'waitid', 'getpgrp'):\n    delattr(os, name)\ndel signal.setitimer\n",
    });
    const python = new PythonBackend({
      interpreter,
      root: folder.path,
      env: { ...process.env, PYTHONPATH: folder.at("site") },
      preload: true,
      onOutput: () => {},
    });
    started.push(python);
    assert.equal((await python.hello()).fork, false);
    assert.deepEqual(await names(python), ["f"]);
    await writeFile(folder.at("main.py"), HEAD.replace("def f", "def g"));
    const port = await freePort();
    const run = await python.ask({ module: "main", keep: true });
    assert.ok(run.answer.ok);
    assert.deepEqual(await run.serve({ host: "127.0.0.1", port, framework: "asgi" }), {
      kind: "ready",
    });
    const answer = await fetch(`http://127.0.0.1:${port}/rpc`);
    assert.deepEqual(Object.keys(await answer.json() as object), ["g"]);
    await python.end();
    await assert.rejects(fetch(`http://127.0.0.1:${port}/rpc`));
  });

  test("serves the described module until it is stopped", async () => {
    for (const module of ["main", "main_flask", "main_asgi", "procedures"]) {
      const python = start(SHOP);
      const port = await freePort();
      const run = await python.ask({ module, keep: true });
      assert.ok(run.answer.ok);
      const order = { host: "127.0.0.1", port, framework: "asgi" };
      assert.deepEqual(await run.serve(order), { kind: "ready" });
      const answer = await fetch(`http://127.0.0.1:${port}/rpc`);
      assert.deepEqual(await answer.json(), { ...run.answer.contract });
      const called = await fetch(`http://127.0.0.1:${port}/rpc`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ id: 1, method: "add", params: [1, 2] }),
      });
      assert.equal((await called.json() as { result: number }).result, 3);
      await python.end();
      await assert.rejects(fetch(`http://127.0.0.1:${port}/rpc`));
    }
  });

  test("hands the port from one server to the next without refusing a connection", async () => {
    await using folder = await tempFolder({ "main.py": HEAD });
    const python = start(folder.path);
    const port = await freePort();
    const order = { host: "127.0.0.1", port, framework: "asgi" };
    let run = await python.ask({ module: "main", keep: true });
    await run.serve(order);
    let isDone = false;
    const seen = new Set<string>();
    const polling = (async () => {
      while (!isDone) {
        try {
          const answer = await fetch(`http://127.0.0.1:${port}/rpc`, {
            headers: { connection: "close" },
          });
          seen.add(Object.keys(await answer.json() as object).join());
        } catch (error) {
          // A server that ends may drop what it has just accepted; none may find the port closed.
          assert.ok(!/refused/i.test(inspect(error)), inspect(error));
        }
      }
    })();
    for (const name of ["g", "h", "i"]) {
      await writeFile(folder.at("main.py"), HEAD.replace("def f", `def ${name}`));
      const next = await python.ask({ module: "main", keep: true });
      await run.stop();
      assert.deepEqual(await next.serve(order), { kind: "ready" });
      run = next;
      while (!seen.has(name)) await new Promise((done) => setTimeout(done, 5));
    }
    isDone = true;
    await polling;
    assert.deepEqual([...seen].slice(-3), ["g", "h", "i"]);
    await python.end();
  });

  test("reports that the port is taken", async () => {
    await using server = await startShop("asgi");
    const python = start(SHOP);
    const run = await python.ask({ module: "main_asgi", keep: true });
    const began = await run.serve({ host: "127.0.0.1", port: server.port, framework: "asgi" });
    assert.equal(began.kind === "unbound" && began.code, "EADDRINUSE");
    await python.end();
  });

  test("reports an interpreter that does not start", async () => {
    const broken = { ...interpreter, command: "/bin/false" };
    const python = new PythonBackend({
      interpreter: broken,
      root: SHOP,
      env: {},
      onOutput: () => {},
    });
    await assert.rejects(python.ask({ module: "main" }), {
      code: "PYTHON_DOES_NOT_START",
      exitCode: 4,
    });
    await python.end();
  });
});
