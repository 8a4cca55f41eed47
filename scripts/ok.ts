/**
 * `deno task ok [--without-tests]`: all checks of the repository, cheapest first. Each check prints one line; a failed one prints its output.
 * Counts go to `.cache/results/checks.json` (the tests' own to `tests.json`).
 *
 * @module
 */

import { copyFile, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { OLDEST_NODE } from "../lib/version.ts";
import { countRun } from "./junit.ts";
import { deno, filesBelow, type Finished, RESULTS, ROOT, run, seconds } from "./project.ts";

interface Check {
  readonly name: string;
  run(): Promise<Finished>;
}

const BINARY = join(ROOT, "dist", process.platform === "win32" ? "pyrpc.exe" : "pyrpc");
const SMOKE_REPORT = join(RESULTS, "smoke.xml");

const CHECKS: readonly Check[] = [
  { name: "format", run: () => deno(["fmt", "--check"]) },
  { name: "lint", run: () => deno(["lint"]) },
  { name: "layers", run: () => deno(["run", "-A", "scripts/check_layers.ts"]) },
  { name: "wording", run: () => deno(["run", "-A", "scripts/check_wording.ts"]) },
  { name: "code", run: () => deno(["run", "-A", "scripts/check_code.ts"]) },
  { name: "types", run: () => deno(["check", "main.ts", "commands", "lib", "tests", "scripts"]) },
  { name: "documentation examples", run: documentationExamples },
  {
    name: "explorer page",
    run: () => deno(["run", "-A", "scripts/explorer.ts", "--check"]),
  },
  {
    name: "client module",
    run: () => deno(["run", "-A", "scripts/client_module.ts", "--check"]),
  },
  { name: "README and docs", run: () => deno(["run", "-A", "scripts/check_readme.ts"]) },
  { name: "samples", run: () => deno(["run", "-A", "scripts/check_samples.ts"]) },
  { name: "bundle", run: () => deno(["run", "-A", "scripts/bundle.ts"]) },
  { name: "compile", run: () => deno(["run", "-A", "scripts/compile.ts", "--engine", "bun"]) },
];

/** Type-checks and runs the `@example` blocks in doc comments. */
async function documentationExamples(): Promise<Finished> {
  const folders = ["commands", "lib", "tests/support", "scripts"];
  const files = (await Promise.all(folders.map((folder) => filesBelow(folder, ".ts")))).flat();
  const withExamples: string[] = [];
  for (const file of files.filter((path) => !path.endsWith("_test.ts"))) {
    if (/^\s*\* ```/m.test(await readFile(join(ROOT, file), "utf8"))) withExamples.push(file);
  }
  if (withExamples.length === 0) return { code: 0, stdout: "", stderr: "" };
  // Deno adds an import of the whole file to each example, so that unused names are expected.
  const config = JSON.parse(await readFile(join(ROOT, "deno.json"), "utf8"));
  Object.assign(config.compilerOptions, { noUnusedLocals: false, noUnusedParameters: false });
  const file = join(ROOT, `deno.examples.${process.pid}.tmp`);
  await writeFile(file, JSON.stringify(config));
  try {
    return await deno(["test", "-A", "--doc", `--config=${file}`, ...withExamples]);
  } finally {
    await rm(file);
  }
}

interface Counted {
  readonly passed: number;
  readonly failed: number;
}

/** Runs the specs, and the modes that restart the program, with the compiled executable. */
function smokeExecutable(): Promise<Counted> {
  const files = [SPECS, "tests/commands/serve_rpyc_test.ts", "tests/interop/rpyc_server_test.ts"];
  return smoke(files, { PYRPC_BINARY: BINARY, PYRPC_TEST_BINARY: BINARY });
}

/** Runs the specs with the bundle under the oldest Node that the npm packages support. */
async function smokeOldestNode(): Promise<Counted> {
  const npx = process.platform === "win32" ? "npx.cmd" : "npx";
  const node = ["-y", "-p", `node@${OLDEST_NODE}`, "node"];
  const found = await run(npx, [...node, "-p", "process.version + ' ' + process.execPath"]);
  const [, path] = found.stdout.trim().split(`v${OLDEST_NODE} `);
  if (path === undefined) {
    print(indent(`Node ${OLDEST_NODE} cannot be installed: ${found.stderr || found.stdout}`));
    return { passed: 0, failed: 1 };
  }
  const file = join(RESULTS, "pyrpc.mjs");
  await copyFile(join(ROOT, "dist", "pyrpc.js"), file);
  return await smoke([SPECS], { PYRPC_NODE: path, PYRPC_BINARY: file });
}

const SPECS = "tests/specs_test.ts";

/** Runs tests of the whole tool and counts each one. */
async function smoke(
  files: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<Counted> {
  await rm(SMOKE_REPORT, { force: true });
  const finished = await deno(
    ["test", "-A", "--no-check", `--junit-path=${SMOKE_REPORT}`, ...files],
    { env: { ...env, NO_COLOR: "1" } },
  );
  const report = await readFile(SMOKE_REPORT, "utf8").catch(() => undefined);
  const { passed, failures } = countRun(report, files, finished.code);
  for (const { name, text } of failures) print(`✗ ${name}\n${indent(text)}`);
  return { passed, failed: failures.length };
}

async function main(args: readonly string[]): Promise<number> {
  await mkdir(RESULTS, { recursive: true });
  await rm(join(RESULTS, "checks.json"), { force: true });
  let [passed, failed] = [0, 0];
  for (const check of CHECKS) {
    const start = performance.now();
    const { code, stdout, stderr } = await check.run();
    print(`${code === 0 ? "✓" : "✗"} ${check.name} (${seconds(performance.now() - start)})`);
    if (code === 0) passed++;
    else {
      failed++;
      print(indent(`${stdout}\n${stderr}`.trim()));
    }
  }
  const smokes: readonly [name: string, run: () => Promise<Counted>][] = [
    ["compiled executable", smokeExecutable],
    [`bundle under Node ${OLDEST_NODE}`, smokeOldestNode],
  ];
  for (const [name, run] of smokes) {
    const start = performance.now();
    const specs = await run().catch((error) => {
      print(indent(String(error)));
      return { passed: 0, failed: 1 };
    });
    print(
      `${specs.failed === 0 ? "✓" : "✗"} ${name}: ${specs.passed} specs passed,` +
        ` ${specs.failed} failed (${seconds(performance.now() - start)})`,
    );
    passed += specs.passed;
    failed += specs.failed;
  }
  await writeFile(join(RESULTS, "checks.json"), JSON.stringify({ passed, failed }));
  let testCode = 0;
  if (!args.includes("--without-tests")) {
    testCode = (await deno(["run", "-A", "scripts/test.ts"], { show: true })).code;
  }
  const isOk = failed === 0 && testCode === 0;
  print(isOk ? "ok" : "not ok");
  return isOk ? 0 : 1;
}

function indent(text: string): string {
  return text.split("\n").slice(-120).map((line) => `    ${line}`).join("\n");
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

process.exitCode = await main(process.argv.slice(2));
