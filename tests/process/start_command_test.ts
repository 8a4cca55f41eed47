import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { platform } from "node:os";
import process from "node:process";
import { describe, it } from "node:test";
import { startCommand } from "../../lib/process/mod.ts";
import { programCommand } from "../../lib/process/workers/mod.ts";
import { tempFolder } from "../support/temp_folder.ts";
import { waitUntil } from "../support/wait_until.ts";

const skip = platform() === "win32" ? "a POSIX shell" : false;

/** Returns true if the process whose number is in a file still runs. */
function isRunning(pidFile: string): boolean {
  try {
    const pid = Number(readFileSync(pidFile, "utf8"));
    // Zero, for an empty file, is this process itself.
    return pid > 0 && process.kill(pid, 0);
  } catch {
    return false;
  }
}

describe("startCommand()", () => {
  it("runs a command line of the shell in a folder with an environment, and returns its code", async () => {
    await using folder = await tempFolder();
    const env = { ...process.env, GREETING: "hello" };
    const shown = platform() === "win32" ? "%GREETING%" : "$GREETING";
    const line = `echo ${shown}> "a b.txt" && exit 7`;
    assert.equal(await startCommand(line, { cwd: folder.path, env }).ended, 7);
    assert.equal(readFileSync(folder.at("a b.txt"), "utf8").trim(), "hello");
  });

  it("returns 128 and the signal's number where a signal ends it", { skip }, async () => {
    const options = { cwd: ".", env: process.env };
    assert.equal(await startCommand("kill -TERM $$", options).ended, 143);
    assert.equal(await startCommand("kill -KILL $$", options).ended, 137);
  });

  it("sends a signal to everything that the shell started", { skip }, async () => {
    await using folder = await tempFolder();
    const command = startCommand("sleep 600 & echo $! > pid; wait", {
      cwd: folder.path,
      env: process.env,
    });
    await waitUntil(() => isRunning(folder.at("pid")));
    command.signal("SIGTERM");
    assert.equal(await command.ended, 143);
    await waitUntil(() => !isRunning(folder.at("pid")));
  });

  it("ends background processes", { skip }, async () => {
    await using folder = await tempFolder();
    const line = "sleep 600 & echo $! > pid; exit 3";
    assert.equal(await startCommand(line, { cwd: folder.path, env: process.env }).ended, 3);
    assert.ok(existsSync(folder.at("pid")));
    await waitUntil(() => !isRunning(folder.at("pid")));
  });

  // On Windows: tests/interop/windows_children_test.ts.
  it("makes a command that ends with this process, also if it is killed", { skip }, async () => {
    await using folder = await tempFolder({
      "shop.json": '{"one": {"name": "one", "parameters": [], "return_schema": {}}}',
    });
    const main = new URL("../../main.ts", import.meta.url).href;
    const [program, ...args] = programCommand(main);
    const line = "sleep 600 & echo $! > background; sleep 600 & echo $! > pid; wait";
    const mock = spawn(
      program,
      [...args, "mock", "shop.json", "--port", "0", "--exec", line],
      { cwd: folder.path, env: process.env, stdio: "ignore" },
    );
    const files = [folder.at("background"), folder.at("pid")];
    await waitUntil(() => files.every(isRunning));
    mock.kill("SIGKILL");
    await waitUntil(() => !files.some(isRunning));
  });
});
