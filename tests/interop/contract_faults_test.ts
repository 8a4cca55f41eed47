/** `pyrpc test` against real adapters: a backend with planted faults, the same without them, and the shop. */

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import {
  pythonEnvironment,
  pythonSkip,
  type ShopAdapter,
  startFixture,
  startShop,
} from "../support/python.ts";
import { runCli } from "../support/run_cli.ts";
import { casesToRun, RUNS_ALL_CASES } from "../support/verify.ts";

const FIXTURES = fileURLToPath(new URL("../fixtures/", import.meta.url));
const skip = pythonSkip();
const ADAPTERS: readonly ShopAdapter[] = casesToRun(
  ["fastapi", "flask", "asgi"],
  (adapter) => adapter === "fastapi",
);

/** The planted fault of each procedure. */
const PLANTED: Readonly<Record<string, string>> = {
  wrong_type: "result-type",
  missing_member: "result-type",
  null_member: "result-type",
  outside_enum: "result-type",
  server_error: "http-status",
  resets: "connection-closed",
  // Each simplified call takes the whole timeout.
  ...(RUNS_ALL_CASES ? { hangs: "no-answer" } : {}),
  accepts_invalid: "accepts-invalid",
  bad_return: "return-validation",
  wrong_code: "error-code",
  refuses_valid: "refuses-valid",
  foreign_answer: "not-an-answer",
  wrong_id: "wrong-id",
};

interface Finding {
  readonly rule: string;
  readonly procedure: string;
  readonly level: string;
  readonly message: string;
  readonly command: string;
  readonly params: unknown;
}

/** Runs `pyrpc test --json` and returns the findings. */
async function findingsOf(args: readonly string[], code: number): Promise<Finding[]> {
  const result = await runCli(["test", ...args, "--json"]);
  assert.equal(result.code, code, result.stdout + result.stderr);
  return JSON.parse(result.stdout).findings;
}

// A hanging call takes the whole timeout; other calls have to finish within it on a busy machine.
const SHORT = RUNS_ALL_CASES ? ["--timeout", "3s"] : [];
const QUERIES = [...Object.keys(PLANTED), "raises"];

for (const adapter of ADAPTERS) {
  test(`test finds every planted fault and no other (${adapter})`, { skip }, async () => {
    {
      await using clean = await startFixture("faults", adapter);
      assert.deepEqual(await findingsOf([clean.url, ...QUERIES], 0), []);
      // A timedelta is a number from FastAPI; the others cannot send it.
      const [timedelta, ...others] = await findingsOf([clean.url, "duration"], 1);
      assert.deepEqual(others, []);
      assert.equal(timedelta?.rule, adapter === "fastapi" ? "result-type" : "http-status");
    }
    await using faulty = await startFixture("faults", adapter, "0.14", { PYRPC_FAULTS: "1" });
    const findings = await findingsOf([faulty.url, ...QUERIES, ...SHORT], 1);
    const found = findings.map(({ procedure, rule }) => [procedure, rule]);
    assert.deepEqual(Object.fromEntries(found), PLANTED);
    assert.equal(found.length, Object.keys(PLANTED).length, JSON.stringify(found));
    const paramsOf = (name: string) => findings.find(({ procedure }) => procedure === name)?.params;
    // Minimal: nothing can be left out, and nothing is simpler.
    assert.deepEqual(paramsOf("server_error"), { count: 1000 });
    assert.deepEqual(paramsOf("missing_member"), { item: { name: "" } });
    assert.deepEqual(paramsOf("accepts_invalid"), { size: 0 });
    if (RUNS_ALL_CASES) assert.deepEqual(paramsOf("hangs"), { seconds: 0, note: "" });

    for (const { rule, command } of findings) {
      const words = [...command.matchAll(/'([^']*)'|(\S+)/g)]
        .map(([, quoted, plain]) => quoted ?? plain ?? "").slice(1);
      const { code } = await runCli(words);
      // `call` prints a wrong result; other faults are failures of `call` as well.
      const isResult = ["result-type", "accepts-invalid", "wrong-id"].includes(rule);
      assert.equal(code === 0, isResult, `${rule}: ${command} ended with ${code}`);
    }
  });
}

test(
  "test serves a module, calls the declared queries only, and ends the server",
  { skip },
  async () => {
    const { env } = await pythonEnvironment("shop-0.14");
    const options = { cwd: join(FIXTURES, "faults"), env: { ...env, PYRPC_FAULTS: "1" } };
    // `changes`, a mutation that ends the server, and `duration`, whose kind is not declared, are not called.
    const names = ["server_error", "refuses_valid", "missing_member"];
    const { code, stdout } = await runCli(["test", "main_asgi", ...names, "--json"], options);
    assert.equal(code, 1, stdout);
    const { findings, server } = JSON.parse(stdout);
    assert.deepEqual(
      findings.map(({ procedure }: Finding) => procedure).sort(),
      [...names].sort(),
    );
    assert.match(
      findings.find(({ procedure }: Finding) => procedure === "server_error").details.join(),
      /RuntimeError: planted/,
    );
    const source = (await readFile(join(FIXTURES, "faults/faults.py"), "utf8")).split("\n");
    for (const { file, line, procedure } of findings) {
      assert.equal(file, "faults.py");
      assert.ok(source[line - 1]?.startsWith(`def ${procedure}(`), `line ${line}`);
    }
    const annotated = await runCli(["test", "main_asgi", "missing_member", "--format", "github"], {
      ...options,
      env: { ...options.env, GITHUB_WORKSPACE: dirname(FIXTURES) },
    });
    const { line } = findings.find(({ procedure }: Finding) => procedure === "missing_member");
    assert.match(
      annotated.stdout,
      new RegExp(`^::error file=fixtures/faults/faults\\.py,line=${line},col=1,title=`),
    );
    assert.equal(server, "http://127.0.0.1:8000");
    const clean = await runCli(["test", "main_asgi", "--max-calls", "60"], {
      ...options,
      env: { ...env },
    });
    assert.equal(clean.code, 0, clean.stdout + clean.stderr);
    assert.match(clean.stdout, /^2 procedures were not called: changes, duration$/m);
    assert.match(clean.stdout, /14 procedures, 60 calls: no problems found\n$/);

    const shop = await runCli(["test", "main"], { cwd: join(FIXTURES, "shop"), env });
    assert.equal(shop.code, 2);
    assert.match(
      shop.stderr,
      /^error: The module declares no procedure as a query: nothing would be called/,
    );
  },
);

for (const adapter of ADAPTERS) {
  test(`test finds how the shop's Decimal is sent (${adapter})`, { skip }, async () => {
    await using server = await startShop(adapter);
    const findings = await findingsOf([server.url, "--all"], adapter === "fastapi" ? 0 : 1);
    const about = findings.filter(({ procedure }) => procedure === "save_product");
    switch (adapter) {
      case "fastapi":
        assert.deepEqual(about.map(({ rule }) => rule), ["value-form"]);
        assert.match(about[0]!.message, /^price\.amount is sent as a number;/);
        break;
      case "flask":
        // Flask also sends dates in the form of HTTP headers.
        assert.deepEqual(about.map(({ rule }) => rule).sort(), ["result-type", "value-form"]);
        assert.match(
          about.find(({ rule }) => rule === "value-form")!.message,
          /^price\.amount is sent as a text;/,
        );
        break;
      case "asgi":
        assert.deepEqual(about.map(({ rule }) => rule), ["http-status"]);
    }
  });
}
