// Runs in a Node of its own between this program and a command, and shares its console and standard streams. Ends everything
// that the command has started when the pipe to this program closes.
"use strict";

const { spawn } = require("node:child_process");
const { connect } = require("node:net");

const { PYRPC_SUPERVISED, PYRPC_SUPERVISOR: _, ...env } = process.env;
const { pipe, file, args, nodeOptions } = JSON.parse(PYRPC_SUPERVISED);
if (nodeOptions !== undefined) env.NODE_OPTIONS = nodeOptions;

// The command decides what Ctrl+C does, and its exit code is reported.
for (const signal of ["SIGINT", "SIGBREAK"]) process.on(signal, () => {});
const command = spawn(file, args, { env, stdio: "inherit", windowsVerbatimArguments: true });
command.on("error", (error) => {
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
});
command.on("exit", (code) => process.exit(code ?? 1));

const parent = connect(pipe).on("error", () => {}).resume();
parent.on("close", () => {
  // This process has to run until "taskkill" is done: Windows ends it with this process.
  command.removeAllListeners("exit");
  // No other process can have this id: the system keeps it while a handle of the command is open here.
  spawn("taskkill", ["/t", "/f", "/pid", String(command.pid)], {
    stdio: "ignore",
    windowsHide: true,
  }).on("error", () => {}).on("close", () => process.exit(1));
});
