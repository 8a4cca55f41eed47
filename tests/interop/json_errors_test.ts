import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { test } from "node:test";
import { promisify } from "node:util";
import fc from "fast-check";
import { pythonJsonError } from "../../lib/server/transports/python_json_error.ts";
import { compileSchema } from "../../lib/validate/mod.ts";
import { nearlyJson } from "../support/json_texts.ts";
import { pythonEnvironment, pythonSkip } from "../support/python.ts";
import { tempFolder } from "../support/temp_folder.ts";

const SCRIPT = `
import json, sys
from pydantic import Json, TypeAdapter

adapter = TypeAdapter(Json)
answers = []
for text in json.load(open(sys.argv[1])):
    pydantic = python = None
    try:
        adapter.validate_python(text)
    except ValueError as error:
        pydantic = error.errors()[0]["msg"]
    try:
        json.loads(text)
    except json.JSONDecodeError as error:
        python = [error.pos, error.msg]
    answers.append([pydantic, python])
json.dump(answers, sys.stdout)
`;

test("faults in JSON text have the messages of Pydantic and of Python's json", {
  skip: pythonSkip(),
}, async () => {
  const texts = fc.sample(nearlyJson, { numRuns: 8_000, seed: 11 })
    // The crate reads four bytes behind \\u, and we four characters.
    .filter((text) => !/\\u.{0,3}é/s.test(text));
  await using folder = await tempFolder({ "texts.json": JSON.stringify(texts) });
  const { python } = await pythonEnvironment("pydantic");
  const { stdout } = await promisify(execFile)(python, ["-c", SCRIPT, folder.at("texts.json")], {
    maxBuffer: 1 << 26,
  });
  const answers = JSON.parse(stdout) as [string | null, [number, string] | null][];
  const validator = compileSchema({
    type: "string",
    contentMediaType: "application/json",
    contentSchema: {},
  }, { pythonType: "Json" });
  const differences: string[] = [];
  answers.forEach(([pydantic, json], index) => {
    const text = texts[index]!;
    const violation = validator.check(text);
    const message = violation?.message ?? null;
    if (message !== pydantic) {
      differences.push(`${JSON.stringify(text)}: ${pydantic}, not ${message}`);
    }
    const found = pythonJsonError(text);
    const ours = found === undefined ? null : [found.position, found.message];
    if (JSON.stringify(ours) !== JSON.stringify(json)) {
      differences.push(`${JSON.stringify(text)}: ${json}, not ${ours}`);
    }
  });
  assert.ok(answers.filter(([pydantic]) => pydantic !== null).length > 4_000);
  assert.deepEqual(differences.slice(0, 20), []);
});
