import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import process from "node:process";
import { describe, it } from "node:test";
import { programCommand, startChild, WORKER_ARGUMENT } from "../../../lib/process/workers/mod.ts";

const PROGRAM = new URL("../../../main.ts", import.meta.url).href;
const DATA = { service: { handlers: "none.mjs" } };

function spawnChild(): ChildProcess {
  const [command, ...args] = programCommand(PROGRAM);
  return spawn(command, [...args, WORKER_ARGUMENT], {
    env: process.env,
    stdio: ["pipe", "pipe", "inherit", "ipc"],
  });
}

// A parent that is killed closes the channel in the same way.
describe("a child process ends when the channel to its parent closes", () => {
  const cases: Readonly<Record<string, () => Promise<ChildProcess>>> = {
    "before the child has loaded": () => Promise.resolve(spawnChild()),
    "after the data was sent": async () => {
      const child = startChild(PROGRAM, DATA);
      await new Promise<void>((done) => child.send({ kind: "other" }, () => done()));
      return child;
    },
    "while the child is ready": async () => {
      const child = startChild(PROGRAM, DATA);
      await once(child, "message");
      return child;
    },
  };
  for (const [name, start] of Object.entries(cases)) {
    it(name, async () => {
      const child = await start();
      const ended = once(child, "exit");
      child.disconnect();
      assert.deepEqual(await ended, [0, null]);
    });
  }
});
