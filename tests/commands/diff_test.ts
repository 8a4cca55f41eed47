import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { rulesPage } from "../../lib/report/mod.ts";
import { requireTool } from "../support/external.ts";
import { runCli } from "../support/run_cli.ts";
import { tempFolder } from "../support/temp_folder.ts";

const git = requireTool("git");
const SHOP = await readFile(new URL("../fixtures/shop.schema.json", import.meta.url), "utf8");

/** As far as the edits below look into a contract. */
interface Editable {
  [name: string]: {
    parameters: { schema_: object; default: unknown }[];
  };
}

function changed(edit: (document: Editable) => void): string {
  const document: Editable = JSON.parse(SHOP);
  edit(document);
  return JSON.stringify(document);
}

const BROKEN = changed((document) => {
  delete document["fail"];
  document["add"]!.parameters[0]!.schema_ = { type: "integer", minimum: 0 };
  document["greet"]!.parameters[1]!.default = "Hi";
  document["ping|`x`\n::error::"] = { ...document["add"]!, parameters: [] };
});
const FILES = { "old.json": SHOP, "new.json": BROKEN };

test("diff prints nothing breaking for the same contract: exit 0", async () => {
  const { code, stdout } = await runCli(["diff", "old.json", "old.json"], { files: FILES });
  assert.equal(code, 0);
  assert.equal(stdout, "No changes\n");
});

test("diff prints changes by severity with the TypeScript before and after: exit 1", async () => {
  const { code, stdout } = await runCli(["diff", "old.json", "new.json"], { files: FILES });
  assert.equal(code, 1);
  assert.match(
    stdout,
    /^Breaking\n {2}INPUT_NARROWED {2}add\(a\): .*\n {6}\$: integer → integer \(>= 0\)/,
  );
  assert.match(stdout, /PROCEDURE_REMOVED {2}fail/);
  assert.match(stdout, /Possibly breaking\n {2}DEFAULT_CHANGED {2}greet\(greeting\)/);
  assert.match(stdout, / {2}- fail\(message: string\): Promise<null>/);
  assert.match(stdout, /the next version is a major one\n$/);
});

test("diff --json prints the whole value", async () => {
  const { code, stdout } = await runCli(["diff", "old.json", "new.json", "--json"], {
    files: FILES,
  });
  assert.equal(code, 1);
  const view = JSON.parse(stdout);
  assert.equal(view.severity, "breaking");
  assert.equal(view.bump, "major");
  const removed = view.changes.find((each: { rule: string }) => each.rule === "PROCEDURE_REMOVED");
  assert.equal(removed.procedure, "fail");
  assert.deepEqual([removed.byPosition, removed.byName, removed.readers], [
    "breaking",
    "breaking",
    "breaking",
  ]);
});

test("diff --allow accepts a rule, everywhere or for one procedure", async () => {
  const some = await runCli(
    ["diff", "old.json", "new.json", "--allow", "PROCEDURE_REMOVED:fail"],
    { files: FILES },
  );
  assert.equal(some.code, 1);
  const all = await runCli(
    [
      "diff",
      "old.json",
      "new.json",
      "--allow",
      "PROCEDURE_REMOVED:fail",
      "--allow",
      "INPUT_NARROWED",
    ],
    { files: FILES },
  );
  assert.equal(all.code, 0, all.stdout);
  assert.match(all.stdout, /Allowed\n/);
  const other = await runCli(
    [
      "diff",
      "old.json",
      "new.json",
      "--allow",
      "PROCEDURE_REMOVED:other",
      "--allow",
      "INPUT_NARROWED",
    ],
    { files: FILES },
  );
  assert.equal(other.code, 1);
  assert.match(other.stdout, /the allowance PROCEDURE_REMOVED:other matches nothing/);
  const wrong = await runCli(["diff", "old.json", "new.json", "--allow", "NO_RULE"], {
    files: FILES,
  });
  assert.equal(wrong.code, 2);
});

test("diff reads allowances with their reasons from pyrpc.json", async () => {
  const allow = [
    { rule: "PROCEDURE_REMOVED", procedure: "fail", reason: "no client called it" },
    { rule: "INPUT_NARROWED", reason: "it never worked" },
  ];
  const files = { ...FILES, "pyrpc.json": JSON.stringify({ version: 1, allow }) };
  const { code, stdout } = await runCli(["diff", "old.json", "new.json"], { files });
  assert.equal(code, 0, stdout);
  assert.match(stdout, /because: no client called it/);
  const misspelt = JSON.stringify({ version: 1, allow: [{ rule: "PROCEDURE_GONE", reason: "x" }] });
  const wrong = await runCli(["diff", "old.json", "new.json"], {
    files: { ...FILES, "pyrpc.json": misspelt },
  });
  assert.equal(wrong.code, 2);
});

test("diff --fail-on decides the exit code", async () => {
  const files = {
    "old.json": SHOP,
    "new.json": changed((document) => (document["greet"]!.parameters[1]!.default = "Hi")),
  };
  for (const [failOn, want] of [["breaking", 0], ["possibly-breaking", 1], ["never", 0]] as const) {
    const { code } = await runCli(["diff", "old.json", "new.json", "--fail-on", failOn], { files });
    assert.equal(code, want, failOn);
  }
});

test("diff --format github prints one escaped command a finding", async () => {
  const { stdout } = await runCli(["diff", "old.json", "new.json", "--format", "github"], {
    files: FILES,
  });
  const lines = stdout.trimEnd().split("\n");
  assert.ok(lines.every((line) => /^::(error|warning|notice) /.test(line)), stdout);
  assert.equal(lines.filter((line) => line.startsWith("::error ")).length, 2);
  assert.match(
    lines[0] ?? "",
    /^::error file=new\.json,title=pyrpc INPUT_NARROWED::add\(a\): .*%0A\$: integer/,
  );
});

test("diff --format junit is well-formed and fails breaking changes", async () => {
  const { stdout } = await runCli(["diff", "old.json", "new.json", "--format", "junit"], {
    files: FILES,
  });
  assert.match(stdout, /<testsuite name="pyrpc diff" tests="4" failures="2" skipped="0"/);
  assert.ok(stdout.includes("ping|`x`&#10;::error::"));
  const open = stdout.match(/<testcase\b/g)?.length;
  assert.equal(open, stdout.match(/<\/testcase>/g)?.length);
  const same = await runCli(["diff", "old.json", "old.json", "--format", "junit"], {
    files: FILES,
  });
  assert.match(same.stdout, /tests="1" failures="0"/);
});

test("diff --format markdown is a comment whose table no name breaks", async () => {
  const { stdout } = await runCli(["diff", "old.json", "new.json", "--format", "markdown"], {
    files: FILES,
  });
  assert.match(stdout, /^### ❌ Breaking changes of the API\n/);
  const rows = stdout.split("\n").filter((line) => line.startsWith("| "));
  for (const row of rows) {
    assert.equal(row.replace(/\\\|/g, "").match(/\|/g)?.length, 5, row);
  }
  assert.match(stdout, /```+diff\n/);
});

test("diff explains its usage when a side is missing", async () => {
  for (const args of [["diff"], ["diff", "old.json"], ["diff", "-", "-"]]) {
    const { code, stderr } = await runCli(args, { files: FILES });
    assert.equal(code, 2, args.join(" "));
    assert.match(stderr, /error:/);
  }
});

test("diff --explain prints the section that the page of rules has", async () => {
  const { code, stdout } = await runCli(["diff", "--explain", "INPUT_NARROWED"]);
  assert.equal(code, 0);
  assert.match(stdout, /## INPUT_NARROWED/);
  assert.ok(rulesPage().includes(stdout.trim()));
});

/** A repository with the snapshot on main and another one on the branch. */
async function withRepository(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "pyrpc-git-"));
  const run = (...args: string[]) =>
    execFileSync(git.path, ["-C", folder, ...args], { stdio: "pipe" });
  try {
    run("init", "-q", "-b", "main");
    run("config", "user.email", "a@b.c");
    run("config", "user.name", "a");
    execFileSync("mkdir", ["-p", join(folder, "api dir")]);
    const { writeFile } = await import("node:fs/promises");
    await writeFile(join(folder, "api dir", "schema.json"), SHOP);
    run("add", "-A");
    run("commit", "-q", "-m", "one");
    run("checkout", "-q", "-b", "work");
    await writeFile(join(folder, "api dir", "schema.json"), BROKEN);
    await work(join(folder, "api dir"));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

test(
  "diff --against compares with the snapshot of a git revision",
  { skip: git.skip },
  async () => {
    await withRepository(async (cwd) => {
      for (
        const args of [["diff", "schema.json", "--against", "main"], ["diff", "--against", "main"]]
      ) {
        const { code, stdout, stderr } = await runCli(args, { cwd });
        assert.equal(code, 1, stderr);
        assert.match(stdout, /PROCEDURE_REMOVED {2}fail/);
      }
      const unknown = await runCli(["diff", "--against", "nowhere"], { cwd });
      assert.equal(unknown.code, 3);
      assert.match(unknown.stderr, /No git revision "nowhere"/);
      const option = await runCli(["diff", "--against=--output=x"], { cwd });
      assert.equal(option.code, 2);
      const missing = await runCli(["diff", "other.json", "--against", "main"], { cwd });
      assert.equal(missing.code, 3);
    });
    await using plain = await tempFolder({ "schema.json": SHOP });
    const outside = await runCli(["diff", "--against", "main"], {
      cwd: plain.path,
      env: { GIT_CEILING_DIRECTORIES: "/" },
    });
    assert.equal(outside.code, 3);
    assert.match(outside.stderr, /Not inside a git repository/);
  },
);

test("check finds a break against the base of a pull request", { skip: git.skip }, async () => {
  await withRepository(async (cwd) => {
    const clean = await runCli(["check", "schema.json"], { cwd });
    assert.equal(clean.code, 0, clean.stdout);
    const { code, stdout } = await runCli(["check", "schema.json", "--against", "main"], { cwd });
    assert.equal(code, 1);
    assert.match(stdout, /✗ changes +against main:schema\.json/);
    assert.match(stdout, /error PROCEDURE_REMOVED {2}fail/);
    const allowed = await runCli(
      [
        "check",
        "schema.json",
        "--against",
        "main",
        "--allow",
        "PROCEDURE_REMOVED",
        "--allow",
        "INPUT_NARROWED",
      ],
      { cwd },
    );
    assert.equal(allowed.code, 0, allowed.stdout);
    const base = await runCli(["check", "schema.json"], { cwd, env: { GITHUB_BASE_REF: "main" } });
    assert.equal(base.code, 3);
    assert.match(base.stderr, /fetch-depth: 0/);
  });
});

test("check finds a stale snapshot, stale types and a contract that cannot be used", async () => {
  await using folder = await tempFolder({
    "web/package.json": "{}",
    "web/pyrpc-client.json":
      `{"distribution": "server", "server_url": "http://127.0.0.1:1", "target": "src/api.ts"}`,
    "web/schema.json": BROKEN,
    "shop.json": SHOP,
  });
  const cwd = folder.at("web");
  const made = await runCli(["sync", "--offline", "schema.json"], { cwd });
  assert.equal(made.code, 0, made.stderr);
  const current = await runCli(["check", "schema.json"], { cwd });
  assert.equal(current.code, 0, current.stdout);
  const { code, stdout } = await runCli(["check", "../shop.json", "--json"], { cwd });
  assert.equal(code, 1);
  const view = JSON.parse(stdout);
  assert.equal(view.ok, false);
  const rules = view.findings.map(({ rule }: { rule: string }) => rule);
  assert.ok(rules.includes("TYPES_STALE") && rules.includes("SNAPSHOT_STALE"), stdout);
  await folder.write({
    "web/bad.json": changed((document) => {
      document["add"]!.parameters[0]!.schema_ = { type: "integer", minimum: 2, maximum: 1 };
    }),
  });
  const bad = await runCli(["check", "bad.json", "--format", "github"], { cwd });
  assert.equal(bad.code, 1);
  assert.match(
    bad.stdout,
    /::error title=pyrpc PROCEDURE_CANNOT_SUCCEED::add: no value is accepted/,
  );
  const nothing = await runCli(["check"]);
  assert.equal(nothing.code, 2);
});
