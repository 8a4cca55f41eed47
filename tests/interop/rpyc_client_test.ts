import assert from "node:assert/strict";
import { test } from "node:test";
import { pythonSkip } from "../support/python.ts";
import { runPython, startRealRpyc, startRpyc } from "../support/rpyc.ts";

const skip = pythonSkip();

/** Where ours differs from the real server, and why. Only without `--allow-public-attrs`. */
const READING_IS_SAFE = "methods of data that only read may always be used";
const DIFFERENCES: Readonly<Record<string, { readonly ours: string; readonly why: string }>> = {
  "dict()": {
    ours:
      "dict {'id': 1, 'name': 'User 1', 'tags': ['a', 'b'], 'score': 1.5, 'none': None, 'ok': True}",
    why: READING_IS_SAFE,
  },
  "get": { ours: "int 1", why: READING_IS_SAFE },
};

async function outcomes(port: number): Promise<Map<string, string>> {
  const lines = (await runPython({ file: "scenario.py" }, [String(port)])).trim().split("\n");
  return new Map(lines.map((line) => JSON.parse(line) as [string, string]));
}

for (
  const [mode, settings] of [["async", []], ["threaded", []], ["forking", []], ["async", [
    "public",
    "pickle",
  ]]] as const
) {
  test(
    `serveRpyc() answers a real client as the real server does (${[mode, ...settings].join(", ")})`,
    { skip },
    async () => {
      const flags = settings.length === 0 ? [] : ["--allow-public-attrs", "--allow-pickle"];
      await using real = await startRealRpyc(settings);
      await using ours = await startRpyc(["--mode", mode, ...flags]);
      const expected = await outcomes(real.port);
      const found = await outcomes(ours.port);
      const wrong: string[] = [];
      for (const [name, outcome] of expected) {
        const want = settings.length === 0 ? DIFFERENCES[name]?.ours ?? outcome : outcome;
        if (found.get(name) !== want) {
          wrong.push(`${name}\n  real: ${want}\n  ours: ${found.get(name)}`);
        }
      }
      assert.deepEqual(wrong, [], wrong.join("\n"));
      assert.equal(found.size, expected.size);
    },
  );
}
