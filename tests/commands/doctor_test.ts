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

test(
  "doctor names the project's own environment if another one is active, and installs nothing into that",
  {
    skip: process.platform === "win32" && "programs are made as shell scripts",
  },
  async () => {
    const packages = { "pyrpc-core": null };
    const answer = JSON.stringify({ version: "3.12.1", packages });
    await using folder = await tempFolder({
      "app/pyrpc.json":
        '{"framework": "fastapi", "entrypoint": "main:app", "distribution": "server"}',
      "app/.venv/bin/python": "#!/bin/sh\n",
      "active/bin/python": `#!/bin/sh\necho '${answer}'\n`,
    });
    for (const name of ["app/.venv", "active"]) await chmod(folder.at(`${name}/bin/python`), 0o755);
    const { stdout } = await runCli(["doctor", "--json"], {
      cwd: folder.at("app"),
      env: { VIRTUAL_ENV: folder.at("active"), PATH: "" },
    });
    const { findings } = JSON.parse(stdout) as {
      findings: { check: string; status: string; fix?: string[]; details?: string[] }[];
    };
    const of = (check: string) => findings.find((finding) => finding.check === check);
    const own = folder.at("app/.venv");
    assert.deepEqual([of("interpreter")?.status, of("interpreter")?.details], [
      "warning",
      [`the environment of the project is not used: ${own}`],
    ]);
    assert.match(
      of("interpreter")?.fix?.join() ?? "",
      /deactivate the active one, or add --python /,
    );
    assert.deepEqual([of("packages")?.status, of("packages")?.fix], ["broken", undefined]);
  },
);
