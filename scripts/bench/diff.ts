import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { tempFolder } from "../../tests/support/temp_folder.ts";
import { compile } from "../compile.ts";
import { ROOT } from "../project.ts";
import { benchContract } from "./contract.ts";
import { medians } from "./measure.ts";
import type { BenchOptions, BenchResult, BenchRow } from "./mod.ts";

const PROCEDURES = 5000;
const BOUND_MS = 500;

/** Measures `diff` of the compiled executable between two large contracts, whole processes. */
export async function benchDiff({ runs }: BenchOptions): Promise<BenchResult> {
  const binary = join(ROOT, "dist", "pyrpc");
  const compiled = await compile("bun", binary);
  if (compiled.code !== 0) throw new Error(compiled.stderr);
  await using folder = await tempFolder();
  const before = JSON.stringify(benchContract(PROCEDURES));
  await writeFile(folder.at("before.json"), before);
  await writeFile(folder.at("after.json"), changed(before));
  const diff = (after: string) => ({
    command: binary,
    args: ["diff", "before.json", after, "--fail-on", "never"],
    options: { cwd: folder.path },
  });
  const results = await medians({
    same: diff("before.json"),
    changed: diff("after.json"),
  }, runs);
  const row = (what: string, name: string): BenchRow => {
    const milliseconds = results[name]?.milliseconds ?? Infinity;
    return {
      what,
      ours: `${Math.round(milliseconds)} ms`,
      peer: "",
      ratio: "",
      wanted: `≤ ${BOUND_MS} ms`,
      holds: milliseconds <= BOUND_MS,
    };
  };
  return {
    title: "Comparing contracts",
    note:
      `Whole processes, median of rounds in which both take turns, ${PROCEDURES} procedures with a model of eight required fields each. No other tool compares such contracts. Not shown: models with defaults, models that procedures share, recursive ones, and patterns.`,
    rows: [
      row("`diff` of a contract with itself", "same"),
      row("`diff` where every tenth procedure accepts less", "changed"),
    ],
  };
}

// A price becomes a whole number: narrower for arguments and for results.
function changed(contract: string): string {
  let count = 0;
  return contract.replace(
    /"price":\{"type":"number"/g,
    (text) => count++ % 10 === 0 ? '"price":{"type":"integer"' : text,
  );
}
