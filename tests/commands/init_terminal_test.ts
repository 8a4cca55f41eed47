import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { dirname } from "node:path";
import process from "node:process";
import { after, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { requireTool } from "../support/external.ts";
import { tempFolder } from "../support/temp_folder.ts";

const tmux = requireTool("tmux");
const run = promisify(execFile);
const MAIN = fileURLToPath(new URL("../../main.ts", import.meta.url));
// The engine that runs the tests runs the tool.
const TOOL = "Deno" in globalThis
  ? [process.execPath, "run", "-A", "--no-check", MAIN]
  : [process.execPath, MAIN];
// A server of its own, so that a person's tmux is not touched; another one for each session, because the server ends with
// its last session, and who asks it for a new one at that moment is told that it "exited unexpectedly".
let sessions = 0;
const socketName = () => `pyrpc-test-${process.pid}-${sessions}`;

async function inTmux(...args: string[]): Promise<string> {
  return (await run(tmux.path, ["-L", socketName(), "-f", "/dev/null", ...args])).stdout;
}

async function screenWith(text: string): Promise<string> {
  let screen = "";
  for (let tries = 0; tries < 600; tries++) {
    screen = await inTmux("capture-pane", "-p", "-t", "wizard").catch(() => "");
    if (screen.includes(text)) return screen;
    await delay(50);
  }
  assert.fail(`"${text}" did not appear:\n${screen}`);
}

async function start(cwd: string): Promise<void> {
  const words = [...TOOL, "init"].map((word) => `'${word}'`).join(" ");
  const command = `env -u CI TERM=tmux-256color PATH='${dirname(process.execPath)}:${
    process.env["PATH"]
  }' ${words}; echo "EXIT:$?"; exec cat`;
  sessions++;
  await inTmux("new-session", "-d", "-s", "wizard", "-x", "100", "-y", "40", "-c", cwd, command);
}

const FILES = {
  "api/app/main.py": "from fastapi import FastAPI\nimport pyrpc_core\n",
  "web/package.json": "{}",
  "web/next.config.ts": "",
};

after(async () => {
  if (tmux.skip === false) await inTmux("kill-server").catch(() => {});
});

test("the wizard answers real key strokes in a real terminal", { skip: tmux.skip }, async () => {
  await using folder = await tempFolder(FILES);
  await start(folder.at("api"));
  await screenWith("Which web framework are you using?");
  await inTmux("send-keys", "-t", "wizard", "Down", "Down", "Enter");
  await screenWith("Python module to scan for @rpc procedures");
  await inTmux("send-keys", "-t", "wizard", "app.mian", "Enter");
  await screenWith("No module app.mian here");
  await inTmux(
    "send-keys",
    "-t",
    "wizard",
    ...Array<string>(4).fill("BSpace"),
    "main:app",
    "Enter",
  );
  await screenWith("How are types distributed to the client?");
  await inTmux("send-keys", "-t", "wizard", "Enter");
  await screenWith("Where is your TypeScript client project?");
  await inTmux("send-keys", "-t", "wizard", "Enter");
  const screen = await screenWith("EXIT:");
  assert.match(screen, /EXIT:0/);
  assert.match(screen, /Next: pyrpc dev/);
  await inTmux("kill-session", "-t", "wizard");
  const written = JSON.parse(await readFile(folder.at("api", "pyrpc.json"), "utf8"));
  assert.equal(written.framework, "asgi");
  assert.equal(written.entrypoint, "app.main:app");
  assert.equal(written.client_root, "../web");
});

test(
  "Ctrl+C and Esc leave the wizard in a real terminal without a file",
  { skip: tmux.skip },
  async () => {
    await using folder = await tempFolder(FILES);
    for (const key of ["C-c", "Escape"]) {
      await start(folder.at("api"));
      await screenWith("Which web framework are you using?");
      await inTmux("send-keys", "-t", "wizard", "Enter");
      await screenWith("Python module to scan for @rpc procedures");
      await inTmux("send-keys", "-t", "wizard", key);
      assert.match(await screenWith("EXIT:"), /EXIT:130/);
      await inTmux("kill-session", "-t", "wizard");
      assert.deepEqual(await readdir(folder.at("api")), ["app"]);
    }
  },
);
