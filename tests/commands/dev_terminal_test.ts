import assert from "node:assert/strict";
import process from "node:process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { pythonEnvironment, pythonSkip } from "../support/python.ts";
import { tempFolder } from "../support/temp_folder.ts";
import { startTerminal, tmuxSkip } from "../support/tmux.ts";

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
  await terminal.press("echo ENDED:$?", "Enter");
  assert.match(await terminal.screenWith("ENDED:130"), /ENDED:130/);
});
