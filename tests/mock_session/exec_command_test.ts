import assert from "node:assert/strict";
import { platform } from "node:os";
import process from "node:process";
import { describe, it } from "node:test";
import { execCommand, serverUrl } from "../../lib/mock_session/exec_command.ts";
import { type EndSignal, systemClock } from "../../lib/runtime/mod.ts";
import { tempFolder } from "../support/temp_folder.ts";
import { waitUntil } from "../support/wait_until.ts";
import { existsSync } from "node:fs";

const skip = platform() === "win32" ? "a POSIX shell" : false;
const URL = "http://127.0.0.1:1";

/** A console that signals can be sent to. */
function consoleAt(cwd: string) {
  const listeners = new Set<(signal: EndSignal) => void>();
  return {
    cwd,
    env: process.env,
    after: systemClock.after,
    onSignal(handler: (signal: EndSignal) => void) {
      listeners.add(handler);
      return () => void listeners.delete(handler);
    },
    send: (signal: EndSignal) => listeners.forEach((listener) => listener(signal)),
    listeners,
  };
}

const forever = new Promise<never>(() => undefined);

describe("execCommand()", () => {
  it("passes a signal on; the command decides the exit code", { skip }, async () => {
    await using folder = await tempFolder();
    const console = consoleAt(folder.path);
    const line = "trap 'exit 5' TERM; touch started; while :; do sleep 0.05; done";
    const running = execCommand(line, URL, console, forever);
    await waitUntil(() => existsSync(folder.at("started")));
    console.send("SIGTERM");
    assert.equal(await running, 5);
    assert.equal(console.listeners.size, 0);
  });

  it("kills a command that ignores signals at the second one", { skip }, async () => {
    await using folder = await tempFolder();
    const console = consoleAt(folder.path);
    const line = "trap '' TERM; touch started; while :; do sleep 0.05; done";
    const running = execCommand(line, URL, console, forever);
    await waitUntil(() => existsSync(folder.at("started")));
    console.send("SIGTERM");
    console.send("SIGTERM");
    assert.equal(await running, 137);
  });

  it("ends the command if the server fails, and fails with the same error", { skip }, async () => {
    const failure = Promise.reject(new Error("address lost"));
    await assert.rejects(execCommand("sleep 60", URL, consoleAt("."), failure), /address lost/);
  });
});

describe("serverUrl()", () => {
  const cases = [
    ["http://127.0.0.1:81/rpc", "http://127.0.0.1:81"],
    ["https://localhost:81/rpc", "https://localhost:81"],
    ["http://127.0.0.1:81/api/rpc", "http://127.0.0.1:81/api/rpc"],
    ["http://0.0.0.0:81/rpc", "http://127.0.0.1:81"],
    ["http://[::]:81/rpc", "http://[::1]:81"],
  ] as const;
  for (const [listener, url] of cases) {
    it(`${listener} is called at ${url}`, () => assert.equal(serverUrl(listener), url));
  }
});
