import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { probePrograms } from "../../lib/doctor/programs.ts";
import { ROOT, run } from "../../scripts/project.ts";
import { pythonEnvironment, pythonSkip } from "../support/python.ts";
import { tempFolder } from "../support/temp_folder.ts";

test("probePrograms() recognizes the launcher that pip installs on Windows", {
  skip: pythonSkip(),
}, async () => {
  const { python } = await pythonEnvironment("shop-0.14");
  await using folder = await tempFolder();
  const script = join(ROOT, "tests/support/windows/pip_launcher.py");
  const made = await run(python, [script, folder.path, "C:\\Py 312\\python.exe"]);
  assert.equal(made.code, 0, made.stderr);
  const { status, message, fix } = await probePrograms({ PATH: folder.path });
  assert.deepEqual([status, message], [
    "warning",
    '"pyrpc" on PATH is the Python package\'s, not this tool',
  ]);
  assert.match(fix?.join() ?? "", /pyrpc-toolkit/);
});

test("probePrograms() does not mistake another program for the Python package's", async () => {
  await using folder = await tempFolder({ "pyrpc.exe": "MZ".padEnd(100_000, "\0") });
  const { details } = await probePrograms({ PATH: folder.path });
  assert.match((details ?? []).join(), /another program/);
});
