/**
 * `deno task bench [NAME …] [--runs N] [--print]`: measures, prints the tables and writes them into BENCHMARKS.md between
 * their markers (`--print`: only prints). Exits with 1 if a bound is exceeded.
 *
 * @module
 */

import { readFile, writeFile } from "node:fs/promises";
import { cpus } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { parseArgs } from "node:util";
import { benchCodegen } from "./bench/codegen.ts";
import { benchDiff } from "./bench/diff.ts";
import { benchDev } from "./bench/dev.ts";
import { benchRelease } from "./bench/release.ts";
import { benchMcp } from "./bench/mcp.ts";
import { benchProxy } from "./bench/proxy.ts";
import { benchRpyc } from "./bench/rpyc.ts";
import { benchServe } from "./bench/serve.ts";
import { benchSync } from "./bench/sync.ts";
import { benchTinyrpc } from "./bench/tinyrpc.ts";
import { benchVite } from "./bench/vite.ts";
import { type BenchOptions, type BenchResult, formatTable } from "./bench/mod.ts";
import { replaceBetweenMarkers } from "./markers.ts";
import { ROOT } from "./project.ts";

/** Every benchmark by its name. */
const BENCHMARKS: Readonly<Record<string, (options: BenchOptions) => Promise<BenchResult>>> = {
  codegen: benchCodegen,
  sync: benchSync,
  dev: benchDev,
  diff: benchDiff,
  serve: benchServe,
  proxy: benchProxy,
  rpyc: benchRpyc,
  tinyrpc: benchTinyrpc,
  mcp: benchMcp,
  vite: benchVite,
  release: benchRelease,
};

/** Benchmarks that run only if they are named, because a release must exist before it is measured. */
const DEFAULT_NAMES = Object.keys(BENCHMARKS).filter((name) => name !== "release");

const FILE = join(ROOT, "BENCHMARKS.md");
const INTRODUCTION = `# Benchmarks

What the project promises about speed, measured against the tool that people would use instead, with the same input in the
same run. Compare the ratios, not the times, which are those of one machine. Each table is written by the command above it.
`;

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    options: { runs: { type: "string", default: "7" }, print: { type: "boolean", default: false } },
    allowPositionals: true,
  });
  // Processes in sessions of their own end only with an "exit" event of this process.
  process.once("SIGINT", () => process.exit(130));
  process.once("SIGTERM", () => process.exit(143));
  const names = positionals.length === 0 ? DEFAULT_NAMES : positionals;
  let isWithinBounds = true;
  for (const name of names) {
    const bench = Object.hasOwn(BENCHMARKS, name) ? BENCHMARKS[name] : undefined;
    if (bench === undefined) {
      const known = Object.keys(BENCHMARKS).join(", ");
      process.stderr.write(`error: Unknown benchmark "${name}", there are: ${known}\n`);
      return 2;
    }
    const result = await bench({ runs: Number(values.runs) });
    const machine = `${cpus().length} × ${cpus()[0]?.model ?? "unknown processor"}`;
    const table = formatTable(
      result,
      `\`deno task bench ${name}\`, ${values.runs} runs on ${machine}.`,
    );
    process.stdout.write(`${table}\n\n`);
    isWithinBounds &&= result.rows.every((row) => row.holds);
    if (values.print) continue;
    const text = await readFile(FILE, "utf8").catch(() => INTRODUCTION);
    await writeFile(FILE, replaceBetweenMarkers(text, `bench:${name}`, table));
  }
  return isWithinBounds ? 0 : 1;
}

process.exitCode = await main();
