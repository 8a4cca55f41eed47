import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import process from "node:process";
import { test } from "node:test";
import { pythonEnvironment, pythonSkip } from "../support/python.ts";
import { waitUntil } from "../support/wait_until.ts";
import { serving } from "../support/serving.ts";
import { tempFolder } from "../support/temp_folder.ts";

const MAIN = `import os
with open("pids", "a") as pids:
    pids.write(f"{os.getpid()} {os.getppid()} ")
from app.inner import sums
`;
const sums = (name: string, end = "") =>
  `from pyrpc_core import rpc
@rpc
def ${name}(a: int) -> int:
    return a
${end}`;

test(
  "pyrpc mock MODULE --watch serves each saved version of any module, keeps the previous one while it is broken, leaves no process",
  { skip: pythonSkip() },
  async () => {
    const { python } = await pythonEnvironment("shop-0.14");
    await using folder = await tempFolder({
      "app/main.py": MAIN,
      "app/__init__.py": "",
      "app/inner/__init__.py": "",
      "app/inner/sums.py": sums("first"),
      "examples.json": `{ "first": { "result": 1 } }`,
    });
    const args = ["mock", "app.main", "--watch", "--python", python, "--examples", "examples.json"];
    let printed = "";
    const options = { cwd: folder.path, onStderr: (text: string) => void (printed += text) };
    const { code, stderr } = await serving(() => args, options, async (call) => {
      const answers = (name: string) =>
        waitUntil(async () => typeof (await call(name, [1])).result === "number");
      const isGone = (name: string) =>
        waitUntil(async () => (await call(name, [1])).error?.code === -32601);
      await answers("first");

      // Its examples no longer fit: the contract waits for others.
      await folder.write({ "app/inner/sums.py": sums("second") });
      await folder.write({ "examples.json": `{ "second": { "result": 2 } }` });
      await answers("second");
      await isGone("first");

      await folder.write({ "app/inner/sums.py": sums("third", "    return (\n") });
      await waitUntil(() => printed.includes("SyntaxError"));
      await answers("second");

      await folder.write({ "app/inner/sums.py": sums("second"), "examples.json": "{}" });
      await folder.write({ "app/inner/sums.py": sums("fourth") });
      await answers("fourth");
    });
    assert.equal(code, 130);
    assert.match(
      stderr,
      /SyntaxError[^]*at app\/inner\/sums\.py:5:\d+\n[^]*keeping the previous version/,
    );
    const pids = readFileSync(folder.at("pids"), "utf8").trim().split(/\s+/).map(Number);
    const others = new Set(pids.filter((pid) => pid !== process.pid && pid > 1));
    assert.ok(others.size >= 4);
    for (const pid of others) await waitUntil(() => Promise.resolve(!isAlive(pid)));
  },
);

test("pyrpc mock MODULE reports procedures without a schema", {
  skip: pythonSkip(),
}, async () => {
  const { python } = await pythonEnvironment("shop-0.14");
  await using folder = await tempFolder({
    "main.py": `${sums("fine")}
@rpc
def odd(run: type) -> int:
    return 1
`,
  });
  const { stderr } = await serving(
    () => ["mock", "main", "--python", python],
    { cwd: folder.path },
    async (call) => {
      assert.equal(typeof (await call("fine", [1])).result, "number");
    },
  );
  assert.match(stderr, /Procedure "odd" has no schema and is skipped: .*main\.py:\d+/);
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
