// Runs under Deno only: it runs the executable for Windows and the bundle for Node, which are the same for each engine

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createServer, type Socket } from "node:net";
import { win32 } from "node:path";
import { after, before, describe, test } from "node:test";
import { bundle } from "../../scripts/bundle.ts";
import { freePort } from "../support/free_port.ts";
import { type TempFolder, tempFolder } from "../support/temp_folder.ts";
import { RUNS_ALL_CASES } from "../support/verify.ts";
import { waitUntil } from "../support/wait_until.ts";
import { windowsExecutable } from "../support/windows/executable.ts";
import { windowsNode, windowsNodeSkip } from "../support/windows/node.ts";
import { windowsPython, windowsPythonSkip } from "../support/windows/python.ts";
import { taskkillForWine } from "../support/windows/taskkill.ts";
import { startWine, windowsPath, type Wine } from "../support/windows/wine.ts";

const LIMIT_MS = 90_000;

/** The processes of one test: each has a connection, which the system closes when it ends. */
class Processes implements AsyncDisposable {
  readonly #server = createServer((socket) => this.#accept(socket));
  readonly #running = new Map<Socket, string>();

  /** The number of processes that have run. */
  started = 0;

  async listen(): Promise<number> {
    await new Promise<void>((listening) => this.#server.listen(0, "127.0.0.1", listening));
    return (this.#server.address() as { readonly port: number }).port;
  }

  get names(): readonly string[] {
    return [...this.#running.values()].sort();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // A process that survived ends itself then.
    for (const socket of this.#running.keys()) socket.destroy();
    await new Promise((closed) => this.#server.close(closed));
  }

  #accept(socket: Socket): void {
    socket.setEncoding("utf8").once("data", (name: string) => {
      this.started++;
      this.#running.set(socket, name);
      socket.once("close", () => this.#running.delete(socket)).resume();
    });
    socket.on("error", () => {/* The process was ended. */});
  }
}

// Each connects, and runs until its connection is closed or the process is ended.
const leafJs = (port: number) =>
  `const socket = require("node:net").connect(${port}, "127.0.0.1");
socket.write(process.argv[2]);
socket.resume().on("error", () => {}).on("close", () => process.exit());
`;
const leafPy = (port: number) =>
  `import socket, sys
def connect(name):
    connection = socket.create_connection(("127.0.0.1", ${port}))
    connection.sendall(name.encode())
    return connection
if __name__ == "__main__":
    connect(sys.argv[1]).recv(1)
`;
// As \`npm run dev\` starts a program: a batch file, Node, a shell, Node.
const npmJs = `require("./leaf.js");
require("node:child_process").spawn(\`"\${process.execPath}" leaf.js program\`, {
  shell: true,
  stdio: "inherit",
});
`;
const MODULE = `import subprocess, sys
from pyrpc_core import rpc
from leaf import connect
@rpc
def one() -> int:
    return 1
kept = connect("module")
nothing = subprocess.DEVNULL
subprocess.Popen([sys.executable, "leaf.py", "child of module"], stdin=nothing, stdout=nothing, stderr=nothing)
`;
const CONTRACT = '{"one": {"name": "one", "parameters": [], "return_schema": {"type": "string"}}}';
const COMPILER = `const { spawnSync } = require("node:child_process");
spawnSync(process.execPath, [require("node:path").join(__dirname, "../../../leaf.js"), "compiler"]);
`;
const CONFIG = JSON.stringify({
  ...{ version: 1, framework: "fastapi", entrypoint: "main", distribution: "server" },
});

/** Every kind of child that a command starts: what is killed is the command itself. */
const CHILDREN: Readonly<
  Record<string, { readonly args: (port: number) => readonly string[]; readonly names: string[] }>
> = {
  "the command of dev --exec": {
    args: (port) => ["dev", "--no-console", "--port", `${port}`, "--exec", "npm.cmd npm"],
    names: ["npm", "program"],
  },
  "the command of mock --exec": {
    args: () => ["mock", "shop.json", "--port", "0", "--exec", "npm.cmd npm"],
    names: ["npm", "program"],
  },
  "the server of dev": {
    args: (port) => ["dev", "--no-console", "--port", `${port}`],
    names: ["module", "child of module"],
  },
  "Python while it imports": {
    args: () => ["inspect", "stuck"],
    names: ["module", "child of module"],
  },
  "the compiler of a client": {
    args: () => ["diff", "shop.json", "shop2.json", "--client-root", "web"],
    names: ["compiler"],
  },
};

const skip = !RUNS_ALL_CASES
  ? "deno task verify windows"
  : await windowsPythonSkip() || await windowsNodeSkip();

describe("on Windows a child ends with a command that is killed", { skip }, () => {
  let wine: Wine;
  let node: string;
  let python: string;
  let built: TempFolder;
  const engines: Record<string, readonly [string, ...string[]]> = {};
  before(async () => {
    built = await tempFolder();
    [wine, node, { path: python }] = await Promise.all([
      startWine(),
      windowsNode(),
      windowsPython(),
      taskkillForWine(built.path),
    ]);
    engines["the executable"] = [await windowsExecutable()];
    await bundle(built.at("pyrpc.js"));
    engines["Node"] = [node, windowsPath(built.at("pyrpc.js"))];
  });
  after(async () => {
    await wine?.[Symbol.asyncDispose]();
    await built?.[Symbol.asyncDispose]();
  });

  async function project(port: number): Promise<TempFolder> {
    return await tempFolder({
      "leaf.js": leafJs(port),
      "leaf.py": leafPy(port),
      "npm.js": npmJs,
      "npm.cmd": `@"${windowsPath(node)}" npm.js %*\r\n`,
      "main.py": MODULE,
      "stuck.py": `${MODULE}kept.recv(1)\n`,
      "pyrpc.json": CONFIG,
      "shop.json": CONTRACT,
      "shop2.json": CONTRACT.replace("string", "integer"),
      "web/package.json": '{"name": "web"}',
      "web/tsconfig.json": "{}",
      "web/node_modules/typescript/package.json": '{"version": "5.9.3", "main": "main.js"}',
      "web/node_modules/typescript/main.js": COMPILER,
    });
  }

  function start(engine: string, args: readonly string[], folder: TempFolder, env = {}) {
    const [program, ...first] = engines[engine]!;
    const path = [windowsPath(built.path), win32.dirname(windowsPath(node))];
    return wine.start(program, [...first, ...args], {
      cwd: folder.path,
      printsTo: folder.path,
      env: { PYRPC_PYTHON: python, NO_COLOR: "1", PATH: path.join(";"), ...env },
    });
  }

  for (const engine of ["the executable", "Node"]) {
    for (const [name, { args, names }] of Object.entries(CHILDREN)) {
      test(`${name}, under ${engine}`, async () => {
        await using processes = new Processes();
        await using folder = await project(await processes.listen());
        const command = start(engine, args(await freePort()), folder);
        const wanted = names.toSorted().join(", ");
        await waitUntil(() => processes.names.join(", ") === wanted, LIMIT_MS).catch(() => {
          assert.fail(`${processes.names} instead of ${wanted}:\n${command.output()}`);
        });
        command.child.kill("SIGKILL");
        await waitUntil(() => processes.names.length === 0, LIMIT_MS)
          .catch(() => assert.fail(`still running: ${processes.names}`));
      });
    }

    test(`dev --exec-restart ends the whole old command, under ${engine}`, async () => {
      await using processes = new Processes();
      await using folder = await project(await processes.listen());
      const files = { "main.py": MODULE.split("kept =")[0]! };
      await folder.write(files);
      const args = ["dev", "--no-console", "--port", `${await freePort()}`, "--exec-restart"];
      const command = start(engine, [...args, "--exec", "npm.cmd npm"], folder);
      const runs = (count: number) =>
        waitUntil(
          () => processes.started === count && processes.names.join() === "npm,program",
          LIMIT_MS,
        ).catch(() => assert.fail(`${processes.names}:\n${command.output()}`));
      await runs(2);
      await waitUntil(() => command.output().includes("Server mode"), LIMIT_MS);
      await folder.write({ "main.py": `${files["main.py"]}# changed\n`.replaceAll("one", "two") });
      await runs(4);
    });

    test(`a command runs as if ${engine} were not there`, async () => {
      await using folder = await tempFolder({
        "shop.json": CONTRACT,
        "show.js": `require("node:fs").writeFileSync("shown.json", JSON.stringify({
  args: process.argv.slice(2),
  own: Object.keys(process.env).filter((name) => name.startsWith("PYRPC_SUPERVIS")),
  options: process.env.NODE_OPTIONS,
}));`,
      });
      const line = `"${windowsPath(node)}" show.js "a b" "ü & 日本" c^&d && exit 7`;
      const command = start(engine, ["mock", "shop.json", "--port", "0", "--exec", line], folder, {
        NODE_OPTIONS: "--no-warnings",
      });
      assert.equal(await command.ended, 7, command.output());
      assert.deepEqual(JSON.parse(await readFile(folder.at("shown.json"), "utf8")), {
        args: ["a b", "ü & 日本", "c&d"],
        own: [],
        options: "--no-warnings",
      });
    });
  }
});
