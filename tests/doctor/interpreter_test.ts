import assert from "node:assert/strict";
import { chmod } from "node:fs/promises";
import process from "node:process";
import { test } from "node:test";
import { probeInterpreter } from "../../lib/doctor/interpreter.ts";
import { tempFolder } from "../support/temp_folder.ts";

const skip = process.platform === "win32" && "interpreters are made as shell scripts";

const answer = (version: string) =>
  JSON.stringify({ version, packages: { "pyrpc-core": "0.14.0", flask: null } });

async function probe(script: string) {
  await using folder = await tempFolder({ python: `#!/bin/sh\n${script}\n` });
  const python = folder.at("python");
  await chmod(python, 0o755);
  return await probeInterpreter(
    { folder: folder.path, python: undefined, values: [], framework: "fastapi" },
    python,
    { env: {} },
  );
}

test(
  "probeInterpreter() reads the last line, whatever the interpreter prints before",
  { skip },
  async () => {
    const { value, diagnoses } = await probe(`echo banner; echo '${answer("3.12.1")}'`);
    assert.deepEqual([value?.version, value?.packages], [
      "3.12.1",
      { "pyrpc-core": "0.14.0", flask: null },
    ]);
    assert.equal(diagnoses[0]?.status, "ok");
    assert.match(diagnoses[0]?.message ?? "", /^Python 3\.12\.1, /);
  },
);

test(
  "probeInterpreter() reports an old Python, and still returns its packages",
  { skip },
  async () => {
    const { value, diagnoses } = await probe(`echo '${answer("3.10.9")}'`);
    assert.equal(value?.version, "3.10.9");
    assert.deepEqual([diagnoses[0]?.status, diagnoses[0]?.details], [
      "broken",
      ["pyRPC needs Python 3.11 or newer"],
    ]);
  },
);

test(
  "probeInterpreter() reports an interpreter that does not run, with its last message",
  { skip },
  async () => {
    for (
      const script of [
        "echo first >&2; echo last >&2; exit 1",
        "echo last >&2",
        "echo '{'; echo last >&2",
      ]
    ) {
      const { value, diagnoses } = await probe(script);
      assert.equal(value, undefined);
      assert.equal(diagnoses[0]?.status, "broken");
      assert.match(diagnoses[0]?.message ?? "", /does not run: last$/);
    }
  },
);
