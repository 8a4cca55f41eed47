import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdir, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { runProgram } from "../../lib/process/mod.ts";
import {
  BROKEN_PROJECTS,
  type BrokenProject,
  configText,
  MAIN,
} from "../support/broken_projects.ts";
import { pythonEnvironment, pythonSkip } from "../support/python.ts";
import { runCli } from "../support/run_cli.ts";
import { type TempFolder, tempFolder } from "../support/temp_folder.ts";
import { casesToRun, RUNS_ALL_CASES } from "../support/verify.ts";
import { waitUntil } from "../support/wait_until.ts";

const TOOL = fileURLToPath(new URL("../../main.ts", import.meta.url));
const IN_GATE = 1;

interface Finding {
  readonly check: string;
  readonly status: string;
  readonly message: string;
  readonly fix?: readonly string[];
}

type Environment = Readonly<Record<string, string>>;

async function doctor(cwd: string, env: Environment, ...args: string[]) {
  const { stdout, stderr } = await runCli(["doctor", "--json", ...args], { cwd, env });
  const { ok, findings } = JSON.parse(stdout) as { ok: boolean; findings: Finding[] };
  // A folder without any configuration has only a warning.
  const isFixed = ok &&
    findings.every(({ check, status }) =>
      status === "ok" || status === "skipped" || check === "path"
    );
  return { isFixed, findings, stderr };
}

// The programs on the path: the tool itself, Python, and the package managers.
async function programs(folder: TempFolder, { python, tools = [] }: BrokenProject) {
  const bin = folder.at(".bin");
  await mkdir(bin);
  const runtime = "Deno" in globalThis ? ["run", "-A", "--no-check"] : [];
  const words = [process.execPath, ...runtime, TOOL].map((word) => `'${word}'`).join(" ");
  await writeFile(join(bin, "pyrpc"), `#!/bin/sh\nexec ${words} "$@"\n`);
  await chmod(join(bin, "pyrpc"), 0o755);
  if (python !== "system") {
    const { python: own } = await pythonEnvironment("shop-0.14");
    // Not the environment of the tests, whose packages would be found.
    const { stdout } = await runProgram(own, ["-c", "import sys; print(sys._base_executable)"], {});
    await symlink(stdout.trim(), join(bin, "python3"));
  }
  if (tools.length > 0) {
    const managers = await pythonEnvironment("managers");
    for (const tool of tools) await symlink(join(managers.bin, tool), join(bin, tool));
  }
  return python === "system" ? `${bin}:/usr/bin:/bin` : `${bin}:/bin`;
}

async function environmentOf(folder: TempFolder, project: BrokenProject): Promise<Environment> {
  const { python = "whole" } = project;
  // Settings of pip and uv that select the registry of Python packages.
  const network = Object.entries(process.env).filter(([name, value]) =>
    value !== undefined && /^(PIP_|UV_|SSL_CERT|REQUESTS_CA|https?_proxy|no_proxy)/i.test(name)
  );
  return {
    ...Object.fromEntries(network) as Environment,
    PATH: await programs(folder, project),
    HOME: folder.path,
    ...(python === "whole" ? { PYRPC_PYTHON: (await pythonEnvironment("shop-0.14")).python } : {}),
    ...await project.env?.(folder),
  };
}

const table: string[] = [];
after(() => {
  if (!RUNS_ALL_CASES) return;
  const head = ["| project | cause | proposal | result |", "| --- | --- | --- | --- |"];
  process.stdout.write(`${[...head, ...table].join("\n")}\n`);
});

function row(
  folder: TempFolder,
  project: BrokenProject,
  before: readonly Finding[],
  result: string,
) {
  const first = before.find(({ status, fix = [] }) => status !== "ok" && fix.length > 0);
  const cell = (text: string) =>
    text.replaceAll(folder.path, "…").replaceAll("|", "\\|").replace(/\n/g, " ");
  table.push(
    `| ${project.name} | ${cell(first?.message ?? "–")} | ${
      cell(first?.fix?.join("; ") ?? "–")
    } | ${result} |`,
  );
}

for (
  const project of casesToRun(BROKEN_PROJECTS, (each) => BROKEN_PROJECTS.indexOf(each) < IN_GATE)
) {
  const { name, proposal, repair, python = "whole" } = project;
  test(`doctor: ${name}`, { skip: pythonSkip(), timeout: 600_000 }, async () => {
    await using folder = await tempFolder({
      ...(project.config === null
        ? {}
        : { "main.py": MAIN, "pyrpc.json": configText(project.config ?? {}) }),
      ...project.files,
    });
    await project.prepare?.(folder);
    if (python === "empty") {
      const made = await runProgram(
        (await pythonEnvironment("shop-0.14")).python,
        ["-m", "venv", folder.at(".venv")],
        { limitMs: 120_000 },
      );
      assert.equal(made.code, 0, made.stderr);
    }
    const env = await environmentOf(folder, project);
    const cwd = folder.at(project.cwd ?? ".");
    const before = await doctor(cwd, env);
    if (proposal === undefined) {
      assert.ok(before.isFixed, JSON.stringify(before.findings, null, 1));
      return row(folder, project, before.findings, "found at once, nothing to repair");
    }
    assert.ok(!before.isFixed, JSON.stringify(before.findings, null, 1));
    const proposals = before.findings.flatMap(({ fix = [] }) => fix);
    const found = proposals.map((line) => proposal.exec(line)).find((match) => match !== null);
    assert.ok(found, JSON.stringify(before.findings, null, 1));
    const repaired = await applyRepair(repair, {
      folder,
      cwd,
      backend: project.backend ?? ".",
      env,
      command: found[1],
    });
    assert.ok(
      repaired.isFixed,
      `${repaired.stderr}${JSON.stringify(repaired.findings, null, 1)}`,
    );
    row(folder, project, before.findings, `${repaired.how}: the next doctor passes`);
  });
}

async function applyRepair(
  repair: BrokenProject["repair"],
  { folder, cwd, backend, env, command = "" }: {
    readonly folder: TempFolder;
    readonly cwd: string;
    readonly backend: string;
    readonly env: Environment;
    readonly command: string | undefined;
  },
) {
  if (repair === "fix") {
    return { how: "doctor --fix --yes", ...await doctor(cwd, env, "--fix", "--yes") };
  }
  if (repair === "paste") {
    const { code, stdout, stderr } = await runProgram("/bin/sh", ["-c", command], {
      cwd,
      env,
      limitMs: 600_000,
    });
    assert.equal(code, 0, `${command}\n${stdout}${stderr}`);
    return { how: "pasted", ...await doctor(cwd, env) };
  }
  if (repair === "dev") {
    await writeTypes(folder.at(backend), env);
    return { how: "pyrpc dev", ...await doctor(cwd, env) };
  }
  assert.ok(repair);
  const edit = typeof repair === "function" ? await repair(folder) : repair;
  await folder.write(edit.files ?? {});
  await rm(folder.at("__pycache__"), { recursive: true, force: true });
  if (edit.writesTypes === true) await writeTypes(folder.at(backend), env);
  const after = edit.cwd === undefined ? cwd : folder.at(edit.cwd);
  return { how: "edited as proposed", ...await doctor(after, { ...env, ...edit.env }) };
}

// In a child: it runs until a signal ends it.
async function writeTypes(cwd: string, env: Environment): Promise<void> {
  const child = spawn("pyrpc", ["dev", "--types-only"], { cwd, env, stdio: "pipe" });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (data) => output += data);
  const ended = once(child, "exit");
  try {
    await waitUntil(() => output.includes("Types:"));
  } catch (error) {
    assert.fail(`${error}\n${output}`);
  } finally {
    child.kill("SIGINT");
    await ended;
  }
}

test("doctor --fix needs --yes without a terminal, and --verbose shows the traceback", {
  skip: pythonSkip(),
}, async () => {
  const { python } = await pythonEnvironment("shop-0.14");
  const files = {
    "main.py": "def go():\n    return 1 / 0\ngo()\n",
    "pyrpc.json": '{"version":1,"framework":"asgi","entrypoint":"main","distribution":"server"}',
  };
  const env = { PYRPC_PYTHON: python };
  const refused = await runCli(["doctor", "--fix"], { files, env });
  assert.equal(refused.code, 2);
  assert.match(refused.stderr, /--fix --yes/);
  const plain = await runCli(["doctor"], { files, env });
  assert.doesNotMatch(plain.stdout, /Traceback/);
  assert.match(plain.stdout, /\(PYRPC_PYTHON\)/);
  const verbose = await runCli(["doctor", "--verbose"], { files, env });
  assert.match(verbose.stdout, /Traceback[^]*line 2, in go/);
});
