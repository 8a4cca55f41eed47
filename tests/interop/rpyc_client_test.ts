import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import process from "node:process";
import { test } from "node:test";
import { pythonSkip } from "../support/python.ts";
import { waitUntil } from "../support/wait_until.ts";
import { runPython, startRealRpyc, startRpyc } from "../support/rpyc.ts";

const skip = pythonSkip();

/** Differences from rpyc's server, and their reason. Only without `--allow-public-attrs`. */
const READING_IS_SAFE = "methods of data that only read may always be used";
const DIFFERENCES: Readonly<Record<string, { readonly ours: string; readonly why: string }>> = {
  "dict()": {
    ours:
      "dict {'id': 1, 'name': 'User 1', 'tags': ['a', 'b'], 'score': 1.5, 'none': None, 'ok': True}",
    why: READING_IS_SAFE,
  },
  "get": { ours: "int 1", why: READING_IS_SAFE },
  "index from": { ours: "int 2", why: READING_IS_SAFE },
  "index of none": {
    ours: "raises builtins.ValueError args=('9 is not in list',) 9 is not in list",
    why: READING_IS_SAFE,
  },
  "count": { ours: "int 1", why: READING_IS_SAFE },
  "set union": { ours: "list [1, 2, 3, 7, 8]", why: READING_IS_SAFE },
};

async function outcomes(port: number, file = "scenario.py"): Promise<Map<string, string>> {
  const lines = (await runPython({ file }, [String(port)])).trim().split("\n");
  return new Map(lines.map((line) => JSON.parse(line) as [string, string]));
}

for (
  const [mode, settings] of [["async", []], ["threaded", []], ["forking", []], ["async", [
    "public",
    "pickle",
  ]]] as const
) {
  test(
    `serveRpyc() answers a real client as rpyc's server does (${[mode, ...settings].join(", ")})`,
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

test(
  "serveRpyc() keeps connections as rpyc's server does: threads, time limits, 50 MB, ends in the middle",
  {
    skip,
  },
  async () => {
    await using real = await startRealRpyc();
    const expected = await outcomes(real.port, "life.py");
    // rpyc's server names a class of the client's twice on its way back.
    expected.set("my error through the server", "raises __main__.Mine ('from here', 3)");
    for (const mode of ["threaded", "forking"]) {
      await using ours = await startRpyc(["--mode", mode]);
      assert.deepEqual(await outcomes(ours.port, "life.py"), expected, mode);
    }
  },
);

for (const [mode, count] of [["async", 1000], ["pool", 1000], ["threaded", 40]] as const) {
  const leaves = "leave nothing behind";
  test(`--mode ${mode}: ${count} connections opened and closed ${leaves}`, {
    skip: skip || (process.platform === "linux" ? false : "reads /proc"),
  }, async () => {
    // A second worker of the pool would keep descriptors of its own.
    const one = mode === "pool" ? ["--pool-size", "1", "--pool-policy", "queue"] : [];
    await using server = await startRpyc(["--mode", mode, ...one]);
    const code = `
import sys, rpyc
for n in range(int(sys.argv[2])):
    c = rpyc.connect("127.0.0.1", int(sys.argv[1]))
    u = c.root.get_user(n)
    if n % 3: c.close()
    else: c._channel.stream.sock.close()
`;
    const descriptors = async () => (await readdir(`/proc/${server.child.pid}/fd`)).length;
    await runPython({ code }, [String(server.port), "5"]);
    const before = await descriptors();
    await runPython({ code }, [String(server.port), String(count)]);
    // A worker takes a moment to end.
    await waitUntil(async () => await descriptors() <= before + 3);
  });
}
