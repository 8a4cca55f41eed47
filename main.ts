#!/usr/bin/env -S deno run -A
import process from "node:process";
import { runCli } from "./commands/run.ts";
import { scheduleForcedExit } from "./lib/runtime/mod.ts";
import { createProcessConsole } from "./lib/runtime/mod.ts";

const args = process.argv.slice(2);
// A worker or child of ours, which serves connections: see lib/process/workers/mod.ts.
const isOurs = args[0] === "__worker";
const run = isOurs
  ? import("./commands/_worker_entry.ts").then(({ runWorkerEntry }) => runWorkerEntry())
  : runCli(args, createProcessConsole(import.meta.url));
run.then((code) => {
  process.exitCode = code;
  if (!isOurs) scheduleForcedExit();
});
