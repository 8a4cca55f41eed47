import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import process from "node:process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { isRunning } from "../support/is_running.ts";
import { freePort } from "../support/free_port.ts";
import { pythonEnvironment, pythonSkip } from "../support/python.ts";
import { tempFolder } from "../support/temp_folder.ts";
import { startTerminal, tmuxSkip } from "../support/tmux.ts";
import { waitUntil } from "../support/wait_until.ts";

const MAIN = fileURLToPath(new URL("../../main.ts", import.meta.url));
// The engine that runs the tests runs the tool.
const TOOL = "Deno" in globalThis
  ? [process.execPath, "run", "-A", "--no-check", MAIN]
  : [process.execPath, MAIN];

test("the console of dev works after Ctrl+Z and fg, and suggests near matches", {
  skip: tmuxSkip || pythonSkip(),
}, async () => {
  const { python } = await pythonEnvironment("shop-0.14");
  await using folder = await tempFolder({
    "main.py": "from pyrpc_core import rpc\n@rpc\ndef greet(name: str) -> str:\n    return name\n",
  });
  const words = ["dev", "main", "--distribution", "server", "--types-only", "--python", python];
  const program = [...TOOL, ...words].map((word) => `'${word}'`).join(" ");
  // Job control is a matter of an interactive shell.
  await using terminal = await startTerminal(["bash", "--norc", "-i"], folder.path);
  // The exit code in the prompt: keys that arrive before the tool has ended are still its own.
  await terminal.press("PS1='ENDED:$? '", "Enter");
  await terminal.press(program, "Enter");
  await terminal.screenWith("pyrpc>");
  await terminal.press("C-z");
  await terminal.screenWith("Stopped");
  await terminal.press("fg", "Enter");
  await terminal.press("prcos", "Enter");
  await terminal.screenWith("Did you mean procs?");
  await terminal.press("inspect gret", "Enter");
  await terminal.screenWith("Did you mean greet?");
  await terminal.press("procs", "Enter");
  await terminal.screenWith("name: string");
  await terminal.press("C-c");
  await terminal.screenWith("ENDED:130");
});

// Writes the processes of the backend and of the tool to a file.
const MODULE = `import os
from pyrpc_core import rpc
with open("pids", "w") as file:
    file.write(f"{os.getpid()} {os.getppid()}")
@rpc
def greet(name: str) -> str:
    return name
`;

test("a line that is typed survives a terminal that becomes narrow and wide again", {
  skip: tmuxSkip || pythonSkip(),
}, async () => {
  const { python } = await pythonEnvironment("shop-0.14");
  await using folder = await tempFolder({ "main.py": MODULE });
  const words = ["dev", "main", "--distribution", "server", "--types-only", "--python", python];
  await using terminal = await startTerminal([...TOOL, ...words], folder.path);
  await terminal.screenWith("pyrpc>");
  const typed = `call greet --name ${"0123456789".repeat(5)}`;
  await terminal.press(typed);
  await terminal.screenWith(typed);
  await terminal.resize(40, 20);
  await terminal.press("ab");
  const narrow = await terminal.screenWith("ab");
  assert.ok(narrow.replaceAll("\n", "").includes(`pyrpc> ${typed}ab`), narrow);
  await terminal.resize(120, 30);
  await terminal.press("cd");
  const wide = await terminal.screenWith("abcd");
  assert.ok(wide.includes(`pyrpc> ${typed}abcd`), wide);
  await terminal.press("C-u");
  await terminal.press("procs", "Enter");
  await terminal.screenWith("name: string");
});

for (const command of ["dev", "init"]) {
  test(`${command} and what it started end with their terminal`, {
    skip: tmuxSkip || pythonSkip(),
  }, async () => {
    const { python } = await pythonEnvironment("shop-0.14");
    await using folder = await tempFolder({ "main.py": MODULE });
    const words = command === "dev"
      ? ["main", "--distribution", "server", "--port", "0", "--python", python]
      : [];
    // The shell writes the process of the tool: `init` starts none that could.
    const script = `echo $$ > shell; exec "$@"`;
    await using terminal = await startTerminal(
      ["sh", "-c", script, "sh", ...TOOL, command, ...words],
      folder.path,
    );
    await terminal.screenWith(command === "dev" ? "pyrpc>" : "framework");
    const read = (name: string) => readFile(folder.at(name), "utf8").catch(() => "");
    const pids = `${await read("shell")} ${await read("pids")}`.trim().split(/\s+/).map(Number);
    assert.equal(pids.length, command === "dev" ? 3 : 1);
    await terminal.close();
    await waitUntil(() => pids.every((pid) => !isRunning(pid)));
  });
}

const FLASK = `import sys
from flask import Flask
from pyrpc_core import rpc
from pyrpc_flask import mount_flask
@rpc
def greet(name: str) -> str:
    return name
app = Flask(__name__)
mount_flask(app)
for step in range(9):
    sys.stdout.write(f"\\rloading {step}")
print(flush=True)
`;

test(
  "the log keeps its colors on a terminal and loses them in a file; of a progress bar, the last state is shown",
  {
    skip: tmuxSkip || pythonSkip(),
  },
  async () => {
    const { python } = await pythonEnvironment("shop-0.14");
    for (const isFile of [false, true]) {
      const port = await freePort();
      await using folder = await tempFolder({ "main.py": FLASK });
      const words = [
        ...["dev", "main:app", "--framework", "flask", "--distribution", "server"],
        ...["--port", `${port}`, "--python", python],
      ];
      const script = isFile ? 'exec "$@" 2> log' : 'exec "$@"';
      await using terminal = await startTerminal(
        ["sh", "-c", script, "sh", ...TOOL, ...words],
        folder.path,
      );
      const log = () => readFile(folder.at("log"), "utf8").catch(() => "");
      const until = async (text: string) => {
        if (isFile) await waitUntil(async () => (await log()).includes(text));
        else await terminal.screenWith(text);
      };
      await until("/rpc");
      await waitUntil(
        () => fetch(`http://127.0.0.1:${port}/rpc`).then(({ ok }) => ok, () => false),
      );
      // Werkzeug colors this line, also in a pipe.
      await (await fetch(`http://127.0.0.1:${port}/nope`)).body?.cancel();
      await until("GET /nope");
      const shown = isFile ? await log() : await terminal.styledScreen();
      const line = shown.split("\n").find((each) => each.includes("GET /nope")) ?? "";
      // deno-lint-ignore no-control-regex
      assert.equal(/\x1b\[33m"?GET \/nope/.test(line), !isFile, JSON.stringify(line));
      assert.ok(!line.includes("\\u001b"), line);
      // deno-lint-ignore no-control-regex
      const plain = shown.replace(/\x1b\[[\d;]*m/g, "");
      assert.match(plain, /server │ loading 8\n/);
      assert.doesNotMatch(plain, /loading [0-7]/);
      if (isFile) assert.ok(!shown.includes("\x1b"), JSON.stringify(shown));
    }
  },
);
