import assert from "node:assert/strict";
import { chmod } from "node:fs/promises";
import { delimiter } from "node:path";
import { test } from "node:test";
import { runCli } from "../support/run_cli.ts";
import { tempFolder } from "../support/temp_folder.ts";

test("doctor names every pyrpc on PATH, also one that cannot be started", {
  skip: process.platform === "win32" && "programs are made as shell scripts",
}, async () => {
  const programs = {
    "format/pyrpc": "\0\0\0\0 of another format",
    "text/pyrpc": "may not be executed",
    "folder/pyrpc/x": "",
    "python/pyrpc": "#!/usr/bin/python3\n",
    "shell/pyrpc.cmd": '@node "%~dp0\\..\\@pyrpc\\client\\bin\\pyrpc.js" %*\r\n',
    "shell/pyrpc": "#!/bin/sh\necho pyrpc-toolkit 9.8.7\n",
  };
  await using folder = await tempFolder(programs);
  for (const name of ["format/pyrpc", "shell/pyrpc"]) await chmod(folder.at(name), 0o755);
  const names = ["missing", "format", "text", "folder", "python", "shell"];
  const PATH = names.map((name) => folder.at(name)).join(delimiter);
  const { code, stdout } = await runCli(["doctor", "--json"], { env: { PATH } });
  assert.equal(code, 0);
  const { findings } = JSON.parse(stdout) as {
    findings: { check: string; details?: string[] }[];
  };
  const details = findings.find(({ check }) => check === "path")?.details ?? [];
  assert.deepEqual(details.map((line) => line.replace(folder.path, "")).sort(), [
    "/folder/pyrpc: cannot be read",
    "/format/pyrpc: another program",
    "/python/pyrpc: the Python package pyrpc-core",
    "/shell/pyrpc.cmd: starts pyrpc-toolkit from another shell",
    "/shell/pyrpc: pyrpc-toolkit 9.8.7",
    "/text/pyrpc: another program",
  ]);
});
