import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import process from "node:process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { tempFolder } from "../support/temp_folder.ts";
import { startTerminal, tmuxSkip } from "../support/tmux.ts";

const MAIN = fileURLToPath(new URL("../../main.ts", import.meta.url));
// The engine that runs the tests runs the tool.
const TOOL = "Deno" in globalThis
  ? [process.execPath, "run", "-A", "--no-check", MAIN]
  : [process.execPath, MAIN];

const FILES = {
  "api/app/main.py": "from fastapi import FastAPI\nimport pyrpc_core\n",
  "web/package.json": "{}",
  "web/next.config.ts": "",
};

test("the wizard answers real key strokes in a real terminal", { skip: tmuxSkip }, async () => {
  await using folder = await tempFolder(FILES);
  await using terminal = await startTerminal([...TOOL, "init"], folder.at("api"));
  await terminal.screenWith("Which web framework are you using?");
  await terminal.press("Down", "Down", "Enter");
  await terminal.screenWith("Python module to scan for @rpc procedures");
  await terminal.press("app.mian", "Enter");
  await terminal.screenWith("No module app.mian here");
  await terminal.press(...Array<string>(4).fill("BSpace"), "main:app", "Enter");
  await terminal.screenWith("How are types distributed to the client?");
  await terminal.press("Enter");
  await terminal.screenWith("Where is your TypeScript client project?");
  await terminal.press("Enter");
  const screen = await terminal.screenWith("EXIT:");
  assert.match(screen, /EXIT:0/);
  assert.match(screen, /Next: pyrpc dev/);
  const written = JSON.parse(await readFile(folder.at("api", "pyrpc.json"), "utf8"));
  assert.equal(written.framework, "asgi");
  assert.equal(written.entrypoint, "app.main:app");
  assert.equal(written.client_root, "../web");
});

test("Ctrl+C, Ctrl+D and Esc leave the wizard in a real terminal without a file", {
  skip: tmuxSkip,
}, async () => {
  await using folder = await tempFolder(FILES);
  for (const key of ["C-c", "C-d", "Escape"]) {
    await using terminal = await startTerminal([...TOOL, "init"], folder.at("api"));
    await terminal.screenWith("Which web framework are you using?");
    await terminal.press("Enter");
    await terminal.screenWith("Python module to scan for @rpc procedures");
    await terminal.press(key);
    assert.match(await terminal.screenWith("EXIT:"), /EXIT:130/);
    assert.deepEqual(await readdir(folder.at("api")), ["app"]);
  }
});

test("Ctrl+D leaves a menu of the wizard, too", { skip: tmuxSkip }, async () => {
  await using folder = await tempFolder(FILES);
  await using terminal = await startTerminal([...TOOL, "init"], folder.at("api"));
  await terminal.screenWith("Which web framework are you using?");
  await terminal.press("C-d");
  const screen = await terminal.screenWith("EXIT:");
  assert.match(screen, /Nothing was written/);
  assert.match(screen, /EXIT:130/);
});
