#!/usr/bin/env -S deno run -A
import process from "node:process";
import { runCli } from "./commands/run.ts";
import { createProcessConsole } from "./lib/runtime/process_console.ts";

runCli(process.argv.slice(2), createProcessConsole()).then((code) => {
  process.exitCode = code;
});
