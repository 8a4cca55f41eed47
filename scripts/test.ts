/**
 * `deno task test [PART …]`: every test under Deno and under Bun, with all set-up of its own: npm packages, Bun, Python
 * environments. With `PART`s only the files whose path has one of them.
 *
 * Counts go to `.cache/results/tests.json`; the last line prints them. A test file without a note about the engine runs
 * under Deno only, if it has a line `// Runs under Deno only: REASON`.
 *
 * @module
 */

import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import process from "node:process";
import {
  findPython,
  PYTHON_ENVIRONMENTS,
  pythonEnvironment,
  pythonSkip,
} from "../tests/support/python.ts";
import { bunPath } from "./bun.ts";
import { countRun, type Counts } from "./junit.ts";
import { deno, filesBelow, type Finished, RESULTS, ROOT, run, seconds } from "./project.ts";

const DENO_ONLY = /^\/\/ Runs under Deno only: (.+)$/m;

// A hanging test must not block CI; under Deno it only loses its own file.
const FILE_LIMIT_MS = 5 * 60_000;
const BUN_LIMIT_MS = 20 * 60_000;

async function main(parts: readonly string[]): Promise<number> {
  await rm(join(RESULTS, "tests.json"), { force: true });
  await mkdir(RESULTS, { recursive: true });
  const files = (await filesBelow("tests", "_test.ts"))
    .filter((file) => !/^tests\/(fixtures|golden|specs)\//.test(file))
    // Tests of a whole release need one in `dist/`: `deno task test:release`.
    .filter((file) => !file.startsWith("tests/release/"))
    // Tests with OpenRPC's tools download some hundred megabytes from npm: `deno task test:openrpc`.
    .filter((file) => !file.startsWith("tests/openrpc/"))
    .filter((file) => parts.length === 0 || parts.some((part) => file.includes(part)));
  const bun = await setUp(parts.length === 0);
  const reasons = await denoOnlyReasons(files);
  const forBun = files.filter((file) => !reasons.has(file));
  const runs = [await underDeno(files), await underBun(bun, forBun)];
  for (const [file, reason] of reasons) print(`  not under Bun: ${file} (${reason})`);
  const sum = (of: (counts: Counts) => number) => runs.reduce((all, each) => all + of(each), 0);
  const total = {
    passed: sum((counts) => counts.passed),
    failed: sum((counts) => counts.failures.length),
    skipped: sum((counts) => counts.skipped),
  };
  await writeFile(join(RESULTS, "tests.json"), JSON.stringify(total));
  print(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
  return total.failed === 0 && total.passed > 0 ? 0 : 1;
}

/** Installs the requirements of the tests concurrently; returns the path of Bun. */
async function setUp(everything: boolean): Promise<string> {
  const start = performance.now();
  const python = findPython();
  const environments = python === undefined || !everything ? [] : makeEnvironments();
  const [bun] = await Promise.all([
    bunPath(),
    deno(["install", "--quiet"]).then(({ code, stderr }) => {
      if (code !== 0) throw new Error(`"deno install" failed:\n${stderr}`);
    }),
    environments,
  ]);
  print(
    `Set up in ${seconds(performance.now() - start)}: npm packages, Bun, ${
      python === undefined ? "no Python" : `Python environments (${python})`
    }`,
  );
  const skip = pythonSkip();
  if (skip !== false) print(`  interop tests are skipped: ${skip}`);
  return bun;
}

// Two at a time, because each uses one core. Tests that need a failed one report the reason.
async function makeEnvironments(): Promise<void> {
  const names = [...PYTHON_ENVIRONMENTS];
  const worker = async () => {
    for (let name = names.shift(); name !== undefined; name = names.shift()) {
      await pythonEnvironment(name).catch((error: Error) =>
        print(`  Python "${name}": ${error.message}`)
      );
    }
  };
  await Promise.all([worker(), worker()]);
}

async function denoOnlyReasons(files: readonly string[]): Promise<Map<string, string>> {
  const reasons = new Map<string, string>();
  for (const file of files) {
    const reason = DENO_ONLY.exec(await readFile(join(ROOT, file), "utf8"))?.[1];
    if (reason !== undefined) reasons.set(file, reason);
  }
  return reasons;
}

// One process per file, as many at once as there are cores: `deno test --parallel` runs all files as threads of one
// process, in which a hanging file loses all results.
async function underDeno(files: readonly string[]): Promise<Counts> {
  const reports = join(RESULTS, "deno");
  await rm(reports, { recursive: true, force: true });
  await mkdir(reports, { recursive: true });
  return await testRun("Deno", files, async () => {
    const left = [...files.entries()];
    const results: Result[] = [];
    const worker = async () => {
      for (let next = left.shift(); next !== undefined; next = left.shift()) {
        const [index, file] = next;
        results[index] = await testFile(file, join(reports, `${index}.xml`));
      }
    };
    await Promise.all(Array.from({ length: availableParallelism() }, worker));
    return results;
  });
}

async function testFile(file: string, report: string): Promise<Result> {
  const test = () =>
    deno(
      ["test", "-A", "--no-check", `--junit-path=${report}`, file],
      { env: { NO_COLOR: "1" }, limitMs: FILE_LIMIT_MS },
    );
  const finished = await test();
  if (finished.isOverLimit !== true) return await readResult(finished, [file], report);
  // Reported, but a file that hangs once in many runs must not fail all others.
  print(`Deno: ${file} did not end within ${seconds(FILE_LIMIT_MS)}, and is run once more:`);
  print(tail(`${finished.stdout}\n${finished.stderr}`, 20));
  return await readResult(await test(), [file], report);
}

async function underBun(bun: string, files: readonly string[]): Promise<Counts> {
  const report = join(RESULTS, "bun.xml");
  await rm(report, { force: true });
  return await testRun("Bun", files, async () => {
    const finished = await run(bun, [
      "test",
      "--parallel",
      "--timeout=120000",
      "--reporter=junit",
      `--reporter-outfile=${report}`,
      ...files.map((file) => `./${file}`),
    ], { env: { NO_COLOR: "1", PYRPC_DENO: process.execPath }, limitMs: BUN_LIMIT_MS });
    return [await readResult(finished, files, report)];
  });
}

/** The result of one process of a test runner. */
interface Result {
  readonly counts: Counts;
  readonly output: string;
}

async function readResult(
  { code, stdout, stderr, isOverLimit }: Finished,
  files: readonly string[],
  report: string,
): Promise<Result> {
  const output = `${stdout}\n${stderr}`;
  const counts = countRun(await readFile(report, "utf8").catch(() => undefined), files, code);
  if (isOverLimit !== true) return { counts, output };
  const text = `Did not end in time; its last words:\n${tail(output, 20)}`;
  const failure = { file: files.length === 1 ? files[0] ?? "" : "", name: "(the runner)", text };
  return { counts: { ...counts, failures: [failure, ...counts.failures] }, output };
}

async function testRun(
  engine: string,
  files: readonly string[],
  start: () => Promise<readonly Result[]>,
): Promise<Counts> {
  if (files.length === 0) return { passed: 0, skipped: 0, failures: [] };
  print(`${engine}: ${files.length} files …`);
  const begin = performance.now();
  const results = await start();
  const log = join(RESULTS, `${engine.toLowerCase()}.log`);
  await writeFile(log, results.map(({ output }) => output).join("\n"));
  for (const { counts, output } of results) {
    for (const { file, name, text } of counts.failures) {
      print(`\n✗ ${engine}: ${file}: ${name}`);
      print(text.split("\n").slice(0, 60).map((line) => `    ${line}`).join("\n"));
    }
    const isUnexplained = counts.failures.some(({ name }) => name.startsWith("("));
    if (isUnexplained) print(`\n${tail(output, 80)}`);
  }
  const counts = {
    passed: results.reduce((all, { counts }) => all + counts.passed, 0),
    skipped: results.reduce((all, { counts }) => all + counts.skipped, 0),
    failures: results.flatMap(({ counts }) => counts.failures),
  };
  if (counts.failures.length > 0) print(`\n  whole output: ${log}`);
  print(
    `${engine}: ${counts.passed} passed, ${counts.failures.length} failed, ${counts.skipped} skipped` +
      ` in ${seconds(performance.now() - begin)}`,
  );
  return counts;
}

function tail(text: string, lines: number): string {
  return text.trimEnd().split("\n").slice(-lines).map((line) => `    ${line}`).join("\n");
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

if (import.meta.main) process.exitCode = await main(process.argv.slice(2));
