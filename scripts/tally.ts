/**
 * The last line of `.ci/run`: `N passed, N failed`, from what the runs before it wrote.
 *
 * `deno run -A scripts/tally.ts tests=EXIT_CODE checks=EXIT_CODE` — results that are missing, or without a failure
 * although the run ended badly, count as one failure.
 *
 * @module
 */

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { RESULTS } from "./project.ts";

/** The results of one run, and its exit code. */
export interface RunResult {
  /** The text of its results; undefined if it wrote none. */
  readonly results: string | undefined;
  readonly exitCode: number;
}

/** Adds up the results. */
export function tally(runs: readonly RunResult[]): { passed: number; failed: number } {
  let [passed, failed] = [0, 0];
  for (const { results, exitCode } of runs) {
    const counts = results === undefined
      ? { passed: 0, failed: 0 }
      : JSON.parse(results) as { passed: number; failed: number };
    passed += counts.passed;
    failed += counts.failed;
    if (counts.failed === 0 && (exitCode !== 0 || results === undefined)) failed++;
  }
  return { passed, failed };
}

if (import.meta.main) {
  const runs = await Promise.all(
    process.argv.slice(2).map(async (argument) => {
      const [name = "", code = ""] = argument.split("=");
      const results = await readFile(join(RESULTS, `${name}.json`), "utf8").catch(() => undefined);
      return { results, exitCode: Number(code) };
    }),
  );
  const { passed, failed } = tally(runs);
  process.stdout.write(`${passed} passed, ${failed} failed\n`);
  process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
}
