import assert from "node:assert/strict";
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { fileURLToPath } from "node:url";
import { describe, test } from "node:test";
import type { ProjectConfig } from "../../lib/project/mod.ts";
import { loadProject } from "../../lib/project/mod.ts";
import { type DevEvent, DevSession } from "../../lib/dev/mod.ts";
import { systemClock } from "../../lib/runtime/mod.ts";
import { freePort } from "../support/free_port.ts";
import { pythonEnvironment, pythonSkip } from "../support/python.ts";
import { removeInUse } from "../support/remove_in_use.ts";
import { tempFolder } from "../support/temp_folder.ts";

const skip = pythonSkip();
const MAIN = fileURLToPath(new URL("../../main.ts", import.meta.url));

const procedure = (name: string) =>
  `from pyrpc_core import rpc
@rpc
def ${name}(a: int) -> int:
    return a
`;
const FASTAPI = `from fastapi import FastAPI
from pyrpc_fastapi import mount_fastapi
import procedures
app = FastAPI()
mount_fastapi(app)
`;
const config = (extra: object = {}) =>
  JSON.stringify({
    version: 1,
    framework: "fastapi",
    entrypoint: "main",
    client_root: "../frontend",
    distribution: "workspace",
    ...extra,
  });
const FILES = {
  "backend/main.py": FASTAPI,
  "backend/procedures.py": procedure("first"),
  "backend/pyrpc.json": config(),
  "frontend/package.json": '{"name": "frontend"}',
};
const TYPES = "frontend/node_modules/@pyrpc/types/src/index.ts";

async function until(what: string, holds: () => boolean | Promise<boolean>, limit = 15_000) {
  const end = Date.now() + limit;
  while (!await holds()) {
    if (Date.now() > end) throw new Error(`waited in vain for ${what}`);
    await new Promise((done) => setTimeout(done, 10));
  }
}

interface Started extends AsyncDisposable {
  readonly session: DevSession;
  readonly events: DevEvent[];
  readonly project: ProjectConfig;
  /** The events of one kind. */
  of<K extends DevEvent["kind"]>(kind: K): (DevEvent & { kind: K })[];
}

async function start(
  folder: { at(...parts: string[]): string },
  options: { server?: "own" | "attached" | "none"; port?: number; debounce?: number } = {},
): Promise<Started> {
  const { python } = await pythonEnvironment("shop-0.14");
  const reload = () =>
    loadProject({
      cwd: folder.at("backend"),
      env: {},
      overrides: { python, port: options.port ?? 8000, debounce: options.debounce ?? 100 },
    });
  const state = await reload();
  assert.ok(state.kind === "ready");
  const events: DevEvent[] = [];
  const session = new DevSession({
    project: state.project,
    reload,
    env: process.env,
    cwd: folder.at("backend"),
    server: options.server ?? "none",
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
    project: state.project,
    of: (kind) => events.filter((event) => event.kind === kind) as never,
    [Symbol.asyncDispose]: () => session.end(),
  };
}

describe("DevSession", { skip }, () => {
  test("delivers the types after each save of an imported module, and names the changes", async () => {
    await using folder = await tempFolder(FILES);
    await using dev = await start(folder);
    assert.match(await readFile(folder.at(TYPES), "utf8"), /first/);
    const source = folder.at("backend/procedures.py");
    await writeFile(source, procedure("second"));
    await until("the second procedure", async () => /second/.test(await read(folder.at(TYPES))));
    const { changes } = dev.of("contract").at(-1)!;
    assert.deepEqual(changes.procedures, { added: ["second"], changed: [], removed: ["first"] });
    // A module that did not exist before.
    await folder.write({ "backend/more.py": procedure("third") });
    await writeFile(source, `${procedure("second")}import more\n`);
    await until("the third procedure", async () => /third/.test(await read(folder.at(TYPES))));
    await writeFile(folder.at("backend/more.py"), procedure("fourth"));
    await until("the fourth procedure", async () => /fourth/.test(await read(folder.at(TYPES))));
  });

  test("describes the fixed code while the old one still sleeps in its import", async () => {
    const sleeps = "import time; time.sleep(100)\n";
    await using folder = await tempFolder(FILES);
    const source = folder.at("backend/procedures.py");
    await writeFile(source, sleeps + procedure("first"));
    const [dev] = await Promise.all([
      // Asked without a save before, and given up after some patience.
      start(folder),
      new Promise((done) => setTimeout(done, 1000))
        .then(() => writeFile(source, procedure("second"))),
    ]);
    await using _ = dev;
    await until("the second procedure", async () => /second/.test(await read(folder.at(TYPES))));
    await writeFile(source, sleeps + procedure("third"));
    await new Promise((done) => setTimeout(done, 600));
    await writeFile(source, procedure("fourth"));
    await until("the fourth procedure", async () => /fourth/.test(await read(folder.at(TYPES))));
    assert.equal(dev.of("broken").length, 0);
  });

  test("keeps the old types while the code is broken or has no procedure", async () => {
    await using folder = await tempFolder(FILES);
    await using dev = await start(folder);
    const source = folder.at("backend/procedures.py");
    await writeFile(source, "def (\n");
    await until("an error", () => dev.of("broken").length === 1);
    await writeFile(source, "x = 1\n");
    await until("another one", () => dev.of("broken").length === 2);
    assert.deepEqual(dev.of("broken").map(({ error }) => error.code), [
      "BACKEND_SYNTAX",
      "BACKEND_NO_PROCEDURES",
    ]);
    assert.equal(
      dev.of("broken")[1]?.error.message,
      "No procedures found — did you remove all @rpc decorators?",
    );
    assert.match(await read(folder.at(TYPES)), /first/);
    await writeFile(source, procedure("repaired"));
    await until("the repaired code", async () => /repaired/.test(await read(folder.at(TYPES))));
  });

  test("watches a project that is broken from the start", async () => {
    await using folder = await tempFolder({ ...FILES, "backend/procedures.py": "x = (" });
    await using dev = await start(folder);
    assert.equal(dev.of("broken").length, 1);
    await writeFile(folder.at("backend/procedures.py"), procedure("repaired"));
    await until("types", () => existsSync(folder.at(TYPES)));
  });

  test("writes nothing where nothing has changed for the client", async () => {
    await using folder = await tempFolder(FILES);
    await using dev = await start(folder);
    await writeFile(folder.at("backend/procedures.py"), `${procedure("first")}# a remark\n`);
    await until("another look", () => dev.of("contract").length === 2);
    assert.equal(dev.of("contract")[1]?.deliveries[0]?.state, "same");
  });

  test("restores types that an installation has pruned", async () => {
    await using folder = await tempFolder(FILES);
    await using dev = await start(folder);
    await removeInUse(folder.at("frontend/node_modules"));
    await until("the types", () => existsSync(folder.at(TYPES)), 3000);
    await until("the event", () => dev.of("restored").length === 1);
  });

  test("reports a client that vanishes, makes no folder for it, and delivers when it is back", async () => {
    await using folder = await tempFolder(FILES);
    await using dev = await start(folder);
    await removeInUse(folder.at("frontend"));
    await until("the report", () => dev.of("restored").length === 1);
    assert.equal(dev.of("restored")[0]?.deliveries[0]?.error?.code, "CLIENT_GONE");
    await writeFile(folder.at("backend/procedures.py"), procedure("second"));
    await until("another look", () => dev.of("contract").length === 2);
    assert.ok(!existsSync(folder.at("frontend")));
    await folder.write({ "frontend/package.json": "{}" });
    await until("the types", async () => /second/.test(await read(folder.at(TYPES))));
  });

  test("goes on when the types cannot be written", async () => {
    await using folder = await tempFolder({ ...FILES, "frontend/node_modules": "a file" });
    await using dev = await start(folder);
    const [delivery] = dev.of("contract")[0]?.deliveries ?? [];
    assert.equal(delivery?.state, "failed");
    await rm(folder.at("frontend/node_modules"));
    await writeFile(folder.at("backend/procedures.py"), procedure("second"));
    await until("the types", async () => /second/.test(await read(folder.at(TYPES))));
  });

  test("does one after the other and ends with the last state, however fast the saves come", async () => {
    await using folder = await tempFolder(FILES);
    await using dev = await start(folder, { debounce: 20 });
    const source = folder.at("backend/procedures.py");
    let isDone = false;
    const partial: string[] = [];
    const reading = (async () => {
      while (!isDone) {
        const text = readFileSync(folder.at(TYPES), "utf8");
        if (!text.endsWith("\n") || !/ProcedureKinds/.test(text)) partial.push(text);
        await new Promise((done) => setTimeout(done, 1));
      }
    })();
    for (let count = 0; count < 60; count++) {
      await writeFile(source, procedure(`save_${count}`));
      await new Promise((done) => setTimeout(done, 15));
    }
    await until("the last save", async () => /save_59\b/.test(await read(folder.at(TYPES))));
    isDone = true;
    await reading;
    assert.deepEqual(partial, []);
    const written = dev.of("contract").length;
    assert.ok(written >= 2 && written < 60, `${written} regenerations`);
  });

  test("applies a changed pyrpc.json, and keeps the old one when it is broken", async () => {
    await using folder = await tempFolder({ ...FILES, "web/package.json": "{}" });
    await using dev = await start(folder);
    const file = folder.at("backend/pyrpc.json");
    await writeFile(file, "{ nonsense");
    await until("the error", () => dev.of("config_broken").length === 1);
    assert.equal(dev.session.project.clients[0]?.given, "../frontend");
    await folder.write({ "backend/other.py": procedure("other") });
    await writeFile(file, config({ entrypoint: "other", client_root: "../web" }));
    const types = folder.at("web/node_modules/@pyrpc/types/src/index.ts");
    await until("the types of the other entry", async () => /other/.test(await read(types)));
    await writeFile(file, config({ distribution: "server" }));
    await until("server mode", () => dev.session.project.distribution === "server");
  });

  test("sees sources outside the project that the entry imports", async () => {
    await using folder = await tempFolder({
      ...FILES,
      "shared/lib_outside/__init__.py": "",
      "shared/lib_outside/procedures.py": procedure("outside"),
      "backend/procedures.py":
        "import sys, os\nsys.path.insert(0, os.path.abspath('../shared'))\nimport lib_outside.procedures\n",
    });
    await using dev = await start(folder);
    assert.deepEqual([...dev.session.contract?.procedures.keys() ?? []], ["outside"]);
    await until("the outside to be watched", async () => {
      await writeFile(folder.at("shared/lib_outside/procedures.py"), procedure("changed"));
      await new Promise((done) => setTimeout(done, 200));
      return /changed/.test(await read(folder.at(TYPES)));
    });
  });

  for (
    const [framework, entry] of [["fastapi", FASTAPI], ["flask", FLASK()], ["asgi", ""]] as const
  ) {
    test(`serves ${framework}, restarts it after a good change and keeps it while the code is broken`, async () => {
      await using folder = await tempFolder({
        ...FILES,
        "backend/main.py": entry || "import procedures\n",
        "backend/pyrpc.json": config({ framework, distribution: "server" }),
      });
      const port = await freePort();
      await using dev = await start(folder, { server: "own", port });
      const names = async () =>
        Object.keys(
          await (await fetch(`http://127.0.0.1:${port}/rpc`, { headers: { connection: "close" } }))
            .json() as object,
        ).join();
      assert.equal(await names(), "first");
      const source = folder.at("backend/procedures.py");
      await writeFile(source, procedure("second"));
      await until("the second", async () => await names().catch(() => "") === "second");
      await writeFile(source, "x = (\n");
      await until("the error", () => dev.of("broken").length === 1);
      assert.equal(await names(), "second");
      assert.ok(!existsSync(folder.at("frontend/node_modules")), "the client was touched");
      assert.deepEqual(dev.of("server").map(({ state }) => state), ["started", "restarted"]);
      // Our own questions are not shown as the backend's log.
      assert.deepEqual(dev.of("schema_broken"), []);
    });
  }

  test("names the procedure that breaks GET /rpc, and reports when it is fixed", async () => {
    await using folder = await tempFolder({
      ...FILES,
      "backend/main.py": "import procedures\n",
      "backend/pyrpc.json": config({ framework: "asgi", distribution: "server" }),
    });
    await using dev = await start(folder, { server: "own", port: await freePort() });
    const source = folder.at("backend/procedures.py");
    await writeFile(
      source,
      `from typing import Callable\nfrom datetime import date\n${procedure("first")}
@rpc
def bad(a: Callable[[], int]) -> int:
    return 1
@rpc
def dated(a: date = date(2020, 1, 1)) -> int:
    return 1
`,
    );
    await until("the report", () => dev.of("schema_broken").length === 1);
    const [broken] = dev.of("schema_broken");
    assert.equal(broken?.reason, "answers 500");
    assert.deepEqual(broken?.suspects.map(({ name }) => name), ["bad", "dated"]);
    assert.deepEqual(dev.of("output"), []);
    await writeFile(source, procedure("first"));
    await until("the good news", () => dev.of("schema_recovered").length === 1);
  });

  test("distinguishes a guarded GET /rpc from a broken one", async () => {
    await using folder = await tempFolder({
      ...FILES,
      "backend/main.py": `${FASTAPI}
from fastapi.responses import JSONResponse
@app.middleware("http")
async def login(request, call_next):
    return JSONResponse({}, 401)
`,
      "backend/pyrpc.json": config({ distribution: "server" }),
    });
    await using dev = await start(folder, { server: "own", port: await freePort() });
    assert.deepEqual(dev.of("schema_broken").map(({ isGuarded, reason }) => [isGuarded, reason]), [
      [true, "answers 401"],
    ]);
  });

  test("stays attached while the server runs, and starts none for a save", async () => {
    await using folder = await tempFolder(FILES);
    const port = await freePort();
    const other = createServer((socket) => socket.destroy()).listen(port, "127.0.0.1");
    await once(other, "listening");
    let connections = 0;
    other.on("connection", () => connections++);
    await using dev = await start(folder, { server: "attached", port });
    await writeFile(folder.at("backend/procedures.py"), procedure("second"));
    await until("another look", () => dev.of("contract").length === 2);
    await until("several polls", () => connections > 3);
    assert.equal(dev.session.server, "attached");
    other.close();
    await until("a server", () => dev.session.isServing);
    assert.deepEqual([dev.of("attached_ended").length, dev.session.server], [1, "own"]);
  });

  test("reports the end of the server with its last lines, and starts it after the next change", async () => {
    await using folder = await tempFolder({
      ...FILES,
      "backend/procedures.py": `${procedure("first")}
import os
@rpc
def die() -> int:
    print("last words", flush=True)
    os._exit(7)
`,
    });
    const port = await freePort();
    await using dev = await start(folder, { server: "own", port });
    await fetch(`http://127.0.0.1:${port}/rpc`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ id: 1, method: "die", params: [] }),
    }).catch(() => {});
    await until("the report", () => dev.of("server_failed").length === 1);
    const [failed] = dev.of("server_failed");
    assert.equal(failed?.exit?.code, 7);
    assert.ok(failed?.lines.includes("last words"));
    await assert.rejects(fetch(`http://127.0.0.1:${port}/rpc`));
    await writeFile(folder.at("backend/procedures.py"), procedure("second"));
    await until("the server", () => dev.session.isServing);
  });
});

function FLASK(): string {
  return `from flask import Flask
from pyrpc_flask import mount_flask
import procedures
app = Flask(__name__)
mount_flask(app)
`;
}

describe("pyrpc dev", { skip: skip || (process.platform === "win32" && "POSIX signals") }, () => {
  interface Running extends AsyncDisposable {
    readonly child: ChildProcess;
    output(): string;
  }
  const run = async (folder: { at(...parts: string[]): string }, ...args: string[]) => {
    const { python } = await pythonEnvironment("shop-0.14");
    const isDeno = "Deno" in globalThis;
    const child = spawn(process.execPath, [
      ...(isDeno ? ["run", "-A", "--no-check"] : []),
      MAIN,
      "dev",
      "--python",
      python,
      ...args,
    ], { cwd: folder.at("backend"), stdio: ["ignore", "pipe", "pipe"] });
    let text = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding("utf8").on("data", (piece: string) => {
        text += piece;
      });
    }
    const running: Running = {
      child,
      output: () => text,
      async [Symbol.asyncDispose]() {
        if (child.exitCode === null && child.signalCode === null) {
          child.kill("SIGKILL");
          await once(child, "exit");
        }
      },
    };
    return running;
  };
  const survivors = (folder: { path: string }) =>
    spawnSync("ps", ["-eo", "pid,args"], { encoding: "utf8" }).stdout.split("\n")
      .filter((line) => line.includes(folder.path));

  test("prints every location, and leaves nothing behind after a signal", async () => {
    for (const [signal, code] of [["SIGTERM", 143], ["SIGINT", 130], ["SIGHUP", 143]] as const) {
      await using folder = await tempFolder(FILES);
      const port = await freePort();
      await using dev = await run(folder, "--port", String(port));
      await until("the banner", () => dev.output().includes("Types:"));
      assert.match(
        dev.output(),
        new RegExp(
          `✓ Types regenerated \\(1 procs\\).*\\n.*KIND_UNDECLARED.*\\n\\n {2}pyRPC dev server {2}http://127\\.0\\.0\\.1:${port}/rpc\\n {2}Types: ${
            folder.at(TYPES)
          }\\n`,
        ),
      );
      // Not by the child: Deno then reports the signal, whatever it ended with.
      process.kill(dev.child.pid!, signal);
      const [exit] = await once(dev.child, "exit");
      assert.equal(exit, code);
      assert.deepEqual(survivors(folder), []);
      await assert.rejects(fetch(`http://127.0.0.1:${port}/rpc`));
    }
  });

  test("leaves no process when it is killed, also not one that is stuck importing", async () => {
    await using folder = await tempFolder({
      ...FILES,
      "backend/procedures.py": `${procedure("first")}
import subprocess
subprocess.Popen(["sleep", "98.7654"])
`,
    });
    await using dev = await run(folder, "--port", String(await freePort()));
    await until("the banner", () => dev.output().includes("Types:"));
    await writeFile(folder.at("backend/procedures.py"), "import time\ntime.sleep(98.7654)\n");
    await new Promise((done) => setTimeout(done, 800));
    dev.child.kill("SIGKILL");
    await until("everything to end", () => survivors(folder).length === 0, 3000);
    const sleeps = spawnSync("ps", ["-eo", "args"], { encoding: "utf8" }).stdout;
    assert.ok(!sleeps.includes("sleep 98.7654"));
  });

  test("reports which program uses the port, and attaches to a running pyRPC server", async () => {
    await using folder = await tempFolder(FILES);
    const taken = createServer((socket) => socket.destroy());
    taken.listen(0, "127.0.0.1");
    await once(taken, "listening");
    const { port } = taken.address() as { port: number };
    await using refused = await run(folder, "--port", String(port));
    const [code] = await once(refused.child, "exit");
    taken.close();
    assert.equal(code, 5, refused.output());
    assert.match(refused.output(), new RegExp(`Port ${port} is taken`));
    assert.match(refused.output(), /--port \d+; or pass --types-only/);

    const own = await freePort();
    await using first = await run(folder, "--port", String(own));
    await until("the first", () => first.output().includes("Types:"));
    await using second = await run(folder, "--port", String(own));
    await until("the second", () => second.output().includes("already running"));
    assert.match(
      second.output(),
      /already running as \S.* \(process \d+\); this one only writes types\)/,
    );
  });

  test("attaches to no server of another contract, and names it", async () => {
    await using folder = await tempFolder(FILES);
    const port = await freePort();
    await using first = await run(folder, "--port", String(port));
    await until("the first", () => first.output().includes("Types:"));
    for (
      const [source, message] of [
        [procedure("other"), /is taken by another pyRPC server \(first\): \S.* \(process \d+\)/],
        [
          procedure("first").replace("int:", "str:") + procedure("more"),
          /is taken by a pyRPC server with another contract \(differs in more, first\)/,
        ],
        ["x = (", /is taken by a pyRPC server \(first\)/],
      ] as const
    ) {
      await using another = await tempFolder({ ...FILES, "backend/procedures.py": source });
      await using second = await run(another, "--port", String(port));
      const [code] = await once(second.child, "exit");
      assert.equal(code, 5, second.output());
      if (process.platform === "linux") assert.match(second.output(), message);
      assert.ok(!existsSync(another.at(TYPES)));
    }
  });

  test("reports within moments that an attached server has ended, and starts its own", async () => {
    for (const distribution of ["workspace", "server"]) {
      await using folder = await tempFolder({
        ...FILES,
        "backend/pyrpc.json": config({ distribution }),
      });
      const port = await freePort();
      await using first = await run(folder, "--port", String(port));
      await until("the first", () => first.output().includes("pyRPC dev server"));
      await using second = await run(folder, "--port", String(port));
      await until("the second", () => second.output().includes("already running"));
      process.kill(first.child.pid!, "SIGINT");
      await until("the report", () => second.output().includes("stopped: starting one here"));
      await until("the server", () => second.output().includes("Server started"));
      const answer = await fetch(`http://127.0.0.1:${port}/rpc`);
      assert.deepEqual(Object.keys(await answer.json() as object), ["first"]);
      // From now on it is restarted like any other.
      await writeFile(folder.at("backend/procedures.py"), procedure("second"));
      await until("the restart", () => second.output().includes("Server restarted"));
    }
  });

  test("reports the chosen application, and a bare one if the project has none", async () => {
    for (
      const [source, message] of [
        [FASTAPI.replaceAll("app", "api"), /Application: main:api\n/],
        ["import procedures\n", /⚠ main has no application: serving a bare pyRPC application/],
        [
          `${FASTAPI.replaceAll("app", "api")}admin = FastAPI()\n`,
          /has several applications: api, admin/,
        ],
      ] as const
    ) {
      await using folder = await tempFolder({ ...FILES, "backend/main.py": source });
      await using dev = await run(folder, "--port", String(await freePort()));
      await until("the banner", () => dev.output().includes("pyRPC dev server"));
      assert.match(dev.output(), message);
    }
  });

  test("serves no schema with --types-only in server distribution, and reports it", async () => {
    await using folder = await tempFolder({
      ...FILES,
      "backend/pyrpc.json": config({ distribution: "server" }),
    });
    await using dev = await run(folder, "--types-only");
    await until("the banner", () => dev.output().includes("Distribution:"));
    assert.match(dev.output(), /✓ Server mode — schema updated \(1 procs\)/);
    assert.match(dev.output(), /No server provides the schema \(--types-only\)/);
    assert.match(dev.output(), /Distribution: server \(clients fetch via npx pyrpc sync\)/);
    assert.ok(!existsSync(folder.at("frontend/node_modules")));
  });
});

function read(path: string): Promise<string> {
  return readFile(path, "utf8").catch(() => "");
}
