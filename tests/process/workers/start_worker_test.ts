import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import process from "node:process";
import { describe, it } from "node:test";
import { programCommand, startChild, WORKER_ARGUMENT } from "../../../lib/process/workers/mod.ts";
import { isRunning } from "../../support/is_running.ts";
import { tempFolder } from "../../support/temp_folder.ts";
import { waitUntil } from "../../support/wait_until.ts";

const SKIP = process.platform === "win32" && "child processes serve on POSIX only";

const PROGRAM = new URL("../../../main.ts", import.meta.url).href;
const DATA = { service: { handlers: "none.mjs" } };

function spawnChild(): ChildProcess {
  const [command, ...args] = programCommand(PROGRAM);
  return spawn(command, [...args, WORKER_ARGUMENT], {
    env: process.env,
    stdio: ["pipe", "pipe", "inherit", "ipc"],
  });
}

it("a child process ends with a killed parent that had not read its messages", {
  skip: SKIP,
}, async () => {
  await using folder = await tempFolder();
  const file = folder.at("pid");
  const parentProgram = new URL("../../support/workers/stopped_parent.ts", import.meta.url).href;
  const [command, ...args] = programCommand(parentProgram);
  const parent = spawn(command, [...args, file], { stdio: "ignore" });
  const textOf = () => readFile(file, "utf8").catch(() => "");
  await waitUntil(async () => await textOf() !== "");
  const child = Number(await textOf());
  parent.kill("SIGKILL");
  await waitUntil(() => !isRunning(child));
});

// A killed parent that had read all messages closes the channel in the same way.
describe("a child process ends when the channel to its parent closes", { skip: SKIP }, () => {
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
