#!/usr/bin/env -S deno run -A
import process from "node:process";
import { PYRPC } from "./commands/mod.ts";
import { runCli } from "./lib/cli/mod.ts";
import { createProcessConsole, scheduleForcedExit } from "./lib/runtime/mod.ts";

const args = process.argv.slice(2);
// A worker thread or child process of a server, which startWorker or startChild started.
const isWorker = args[0] === "__worker";
const run = isWorker
  ? import("./lib/serve/worker_entry.ts").then(({ runWorkerEntry }) => runWorkerEntry())
  : runCli(PYRPC, args, createProcessConsole(import.meta.url));
run.then((code) => {
  process.exitCode = code;
  if (!isWorker) scheduleForcedExit();
});
