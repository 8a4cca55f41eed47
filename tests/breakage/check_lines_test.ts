import assert from "node:assert/strict";
import { mkdir, symlink, writeFile } from "node:fs/promises";
import process from "node:process";
import { test } from "node:test";
import { plainClient, typesOf } from "../support/broken_client.ts";
import { baseContract, BREAKING_CASES } from "../support/broken_client_cases.ts";
import { requireTool } from "../support/external.ts";
import { runCli } from "../support/run_cli.ts";
import { tempFolder } from "../support/temp_folder.ts";
import { tscFolder } from "../support/typescript.ts";
import { RUNS_ALL_CASES } from "../support/verify.ts";
import { git } from "../support/workflow.ts";

const skip = RUNS_ALL_CASES
  ? requireTool("node").skip || requireTool("git").skip
  : "part of deno task verify breakage";

test("check --against --client-root lists the broken lines in every format", { skip }, async () => {
  const old = baseContract();
  const next = baseContract();
  BREAKING_CASES[0]!.edit(next);
  await using folder = await tempFolder({
    "schema.json": JSON.stringify(old),
    "pyrpc-client.json": `{ "distribution": "server", "server_url": "http://127.0.0.1:9" }`,
    ...plainClient(),
    "web/src/api.ts": typesOf(old),
    "web/src/use.ts": `import type { Product } from "./api";
export const stock = (product: Product) => product.in_stock;
`,
  });
  await git(folder.path, "init", "--quiet", "--initial-branch=main");
  await git(folder.path, "add", "-A");
  await git(folder.path, "commit", "--quiet", "-m", "base");
  await mkdir(folder.at("web/node_modules"));
  await symlink(tscFolder("5.9"), folder.at("web/node_modules/typescript"), "junction");
  const check = async (...flags: string[]) =>
    await runCli(
      ["check", "--offline", "schema.json", "--against", "main", "--client-root", "web", ...flags],
      { cwd: folder.path, env: { PATH: process.env["PATH"] } },
    );
  const same = await check();
  assert.match(same.stdout, /✓ changes/, same.block);

  await writeFile(folder.at("schema.json"), JSON.stringify(next));
  const text = await check();
  assert.equal(text.code, 1, text.block);
  assert.match(
    text.stdout,
    /error RESULT_WIDENED[^\n]*\n(?: {4}[^\n]*\n)* {4}web\/src\/use\.ts:2 uses Product\.in_stock\n/,
  );
  const { stdout: github } = await check("--format", "github");
  assert.match(
    github,
    /^::error file=web\/src\/use\.ts,line=2,col=52,title=pyrpc RESULT_WIDENED::Product\.in_stock: TS2339 /m,
  );
  const { stdout: markdown } = await check("--format", "markdown");
  assert.match(markdown, /web\/src\/use\.ts:2 uses Product\.in\\_stock/);
  const findings = JSON.parse((await check("--json")).stdout).findings;
  const lines = findings.filter(({ line }: { line?: number }) => line !== undefined);
  assert.deepEqual(
    lines.map((
      { file, line, column, rule, level }: Record<string, unknown>,
    ) => [file, line, column, rule, level]),
    [["web/src/use.ts", 2, 52, "RESULT_WIDENED", "error"]],
  );
  // An accepted change has accepted lines.
  const allowed = await check("--allow", "RESULT_WIDENED:Product");
  assert.doesNotMatch(allowed.stdout, /error RESULT_WIDENED/, allowed.block);
});
