import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { benchContract, benchOpenApi } from "../../scripts/bench/contract.ts";
import { replaceBetweenMarkers } from "../../scripts/markers.ts";
import { runCli } from "../support/run_cli.ts";

test("replaceBetweenMarkers() adds a table once and replaces it afterwards", () => {
  const once = replaceBetweenMarkers("# Title\n", "bench:a", "one");
  const both = replaceBetweenMarkers(once, "bench:b", "two");
  assert.equal(
    replaceBetweenMarkers(both, "bench:a", "three"),
    "# Title\n\n<!-- bench:a -->\n\nthree\n\n<!-- /bench:a -->\n\n" +
      "<!-- bench:b -->\n\ntwo\n\n<!-- /bench:b -->\n",
  );
});

test("benchContract() is a contract of that many procedures and models", async () => {
  const files = { "rpc.json": JSON.stringify(benchContract(20)) };
  const { code, stdout } = await runCli(["codegen", "rpc.json", "--out", "-", "--strict"], {
    files,
  });
  assert.equal(code, 0);
  assert.equal(stdout.match(/^export type Item\d+ = /gm)?.length ?? 0, 20);
  assert.equal(Object.keys(benchOpenApi(20)["paths"] as object).length, 20);
});

test("every line of BENCHMARKS.md has a measured value, a target and a verdict", async () => {
  const text = await readFile(new URL("../../BENCHMARKS.md", import.meta.url), "utf8");
  const rows = text.split("\n").filter((line) =>
    line.startsWith("| ") && !/^\| (measured|-+) /.test(line)
  );
  assert.ok(rows.length > 30);
  const incomplete = rows.filter((row) => {
    const [what, ours, , , target, met] = row.split("|").slice(1, -1).map((cell) => cell.trim());
    return [what, ours, target, met].includes("");
  });
  assert.deepEqual(incomplete, []);
});
