/**
 * `deno task test [PART …]`: every test under Deno and under Bun, with all set-up of its own: npm packages, Bun, Python
 * environments. With `PART`s only the files whose path has one of them.
 *
 * Counts go to `.cache/results/tests.json`; the last line says them. A test file that says nothing about the engine runs
 * under Deno only, and says so in a line `// Runs under Deno only: REASON`.
 *
 * @module
 */

import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
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

// A test that never ends must not keep CI: the log then says which one was running.
const LIMIT_MS = 20 * 60_000;

async function main(parts: readonly string[]): Promise<number> {
  await rm(join(RESULTS, "tests.json"), { force: true });
  await mkdir(RESULTS, { recursive: true });
  const files = (await filesBelow("tests", "_test.ts"))
    .filter((file) => !/^tests\/(fixtures|golden|specs)\//.test(file))
    // Tests of a whole release want one in `dist/`: `deno task test:release`.
    .filter((file) => !file.startsWith("tests/release/"))
    // And those of OpenRPC's tools some hundred megabytes from npm: `deno task test:openrpc`.
    .filter((file) => !file.startsWith("tests/openrpc/"))
    .filter((file) => parts.length === 0 || parts.some((part) => file.includes(part)));
  const bun = await setUp(parts.length === 0);
  const reasons = await denoOnlyReasons(files);
  const forBun = files.filter((file) => !reasons.has(file));
  const denoReport = join(RESULTS, "deno.xml");
  const bunReport = join(RESULTS, "bun.xml");
  const runs = [
    await testRun(
      "Deno",
      denoReport,
      files,
      () =>
        deno(["test", "-A", "--no-check", "--parallel", `--junit-path=${denoReport}`, ...files], {
          env: { NO_COLOR: "1" },
          limitMs: LIMIT_MS,
        }),
    ),
    await testRun("Bun", bunReport, forBun, () =>
      run(bun, [
        "test",
        "--parallel",
        "--timeout=120000",
        "--reporter=junit",
        `--reporter-outfile=${bunReport}`,
        ...forBun.map((file) => `./${file}`),
      ], { env: { NO_COLOR: "1", PYRPC_DENO: process.execPath }, limitMs: LIMIT_MS })),
  ];
  for (const [file, reason] of reasons) say(`  not under Bun: ${file} (${reason})`);
  const sum = (of: (counts: Counts) => number) => runs.reduce((all, each) => all + of(each), 0);
  const total = {
    passed: sum((counts) => counts.passed),
    failed: sum((counts) => counts.failures.length),
    skipped: sum((counts) => counts.skipped),
  };
  await writeFile(join(RESULTS, "tests.json"), JSON.stringify(total));
  say(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
  return total.failed === 0 && total.passed > 0 ? 0 : 1;
}

/** Gets what the tests need, all at once; returns the path of Bun. */
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
  say(
    `Set up in ${seconds(performance.now() - start)}: npm packages, Bun, ${
      python === undefined ? "no Python" : `Python environments (${python})`
    }`,
  );
  const skip = pythonSkip();
  if (skip !== false) say(`  interop tests are skipped: ${skip}`);
  return bun;
}

// Two at a time: each is one core's work. The tests that need one that failed will say why.
async function makeEnvironments(): Promise<void> {
  const names = [...PYTHON_ENVIRONMENTS];
  const worker = async () => {
    for (let name = names.shift(); name !== undefined; name = names.shift()) {
      await pythonEnvironment(name).catch((error: Error) =>
        say(`  Python "${name}": ${error.message}`)
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

async function testRun(
  engine: string,
  report: string,
  files: readonly string[],
  start: () => Promise<Finished>,
): Promise<Counts> {
  if (files.length === 0) return { passed: 0, skipped: 0, failures: [] };
  await rm(report, { force: true });
  say(`${engine}: ${files.length} files …`);
  const begin = performance.now();
  const finished = await start();
  const counts = countRun(
    await readFile(report, "utf8").catch(() => undefined),
    files,
    finished.code,
  );
  const log = join(RESULTS, `${engine.toLowerCase()}.log`);
  await writeFile(log, `${finished.stdout}\n${finished.stderr}`);
  for (const { file, name, text } of counts.failures) {
    say(`\n✗ ${engine}: ${file}: ${name}`);
    say(text.split("\n").slice(0, 60).map((line) => `    ${line}`).join("\n"));
  }
  if (counts.failures.length > 0) {
    const isUnexplained = counts.failures.some(({ name }) => name.startsWith("("));
    if (isUnexplained) say(`\n${tail(`${finished.stdout}\n${finished.stderr}`, 80)}`);
    say(`\n  whole output: ${log}`);
  }
  say(
    `${engine}: ${counts.passed} passed, ${counts.failures.length} failed, ${counts.skipped} skipped` +
      ` in ${seconds(performance.now() - begin)}`,
  );
  return counts;
}

function tail(text: string, lines: number): string {
  return text.trimEnd().split("\n").slice(-lines).map((line) => `    ${line}`).join("\n");
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

if (import.meta.main) process.exitCode = await main(process.argv.slice(2));
