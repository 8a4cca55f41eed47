import assert from "node:assert/strict";
import { symlink } from "node:fs/promises";
import process from "node:process";
import { test } from "node:test";
import { runProgram } from "../../lib/process/mod.ts";
import { pythonEnvironment, pythonSkip } from "../support/python.ts";
import { runCli } from "../support/run_cli.ts";
import { type TempFolder, tempFolder } from "../support/temp_folder.ts";
import { casesToRun, RUNS_ALL_CASES } from "../support/verify.ts";

const MAIN = `from fastapi import FastAPI
from pyrpc_core import rpc
from pyrpc_fastapi import mount_fastapi
@rpc
def greet(name: str) -> str:
    return name
app = FastAPI()
mount_fastapi(app)
`;
const PACKAGE = { "pyproject.toml": '[project]\nname = "shop"\nversion = "0.1"\n' };

interface Broken {
  readonly name: string;
  readonly files: Readonly<Record<string, string>>;
  readonly entrypoint?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** The environment: that of the tests, an empty one in the project, or what `prepare` makes. */
  readonly python: "whole" | "empty" | "own";
  readonly prepare?: (folder: TempFolder) => Promise<void>;
  /** The proposal. */
  readonly proposal: RegExp;
  /** True if the proposal is a command, which `doctor --fix` runs. */
  readonly isCommand?: boolean;
}

const PROJECTS: readonly Broken[] = [
  {
    name: "an empty environment",
    files: { "main.py": MAIN },
    python: "empty",
    proposal: /\.venv\/bin\/python -m pip install pyrpc-core pyrpc-fastapi uvicorn$/,
    isCommand: true,
  },
  {
    name: "a package in src that is not installed",
    files: { ...PACKAGE, "src/shop/__init__.py": "", "src/shop/api.py": MAIN },
    entrypoint: "shop.api:app",
    python: "empty",
    proposal: /pip install/,
    isCommand: true,
  },
  {
    name: "a missing package that requirements.txt lists",
    files: { "main.py": `import tomli_w\n${MAIN}`, "requirements.txt": "tomli-w\n" },
    python: "empty",
    proposal: /pip install/,
    isCommand: true,
  },
  {
    name: "an environment whose Python is gone",
    files: { "main.py": MAIN, ".venv/pyvenv.cfg": "", ".venv/bin/x": "" },
    python: "own",
    prepare: (folder) => symlink("/nowhere/python3", folder.at(".venv/bin/python")),
    proposal: /-m venv --clear/,
  },
  {
    name: "a misspelled module",
    files: { "main.py": `import modles\n${MAIN}`, "models.py": "" },
    python: "whole",
    proposal: /Did you mean models\?/,
  },
  {
    name: "a module of an older pyRPC",
    files: { "main.py": "from pyrpc_core.transport.fastapi import mount_fastapi\n" },
    python: "whole",
    proposal: /from pyrpc_fastapi import mount_fastapi/,
  },
  {
    name: "the wrong working folder",
    files: {
      "backend/app/main.py": `from app.models import X\n${MAIN}`,
      "backend/app/models.py": "X = 1",
    },
    entrypoint: "backend.app.main:app",
    python: "whole",
    proposal: /cd backend/,
  },
  {
    name: "annotations that are text",
    files: {
      "main.py": `from __future__ import annotations\nfrom pydantic import BaseModel\n${
        MAIN.replace("name: str", "name: Item").replace(
          "@rpc",
          "class Item(BaseModel):\n    id: int\n@rpc",
        )
      }`,
    },
    python: "whole",
    proposal: /Remove "from __future__ import annotations"/,
  },
  {
    name: "a missing environment variable",
    files: { "main.py": `import os\nos.environ["SHOP_DATABASE"]\n${MAIN}` },
    python: "whole",
    proposal: /Set it in the environment/,
  },
  {
    name: "a server that starts during the import",
    files: { "main.py": `${MAIN}import uvicorn\nuvicorn.run(app)\n` },
    python: "whole",
    proposal: /__main__/,
  },
  {
    name: "a misspelled setting",
    files: { "main.py": MAIN, "pyrpc.json": '{ "version": 1, "prot": 1 }' },
    python: "whole",
    proposal: /Did you mean "port"\?/,
  },
];

async function doctor(cwd: string, env: Readonly<Record<string, string>>, ...args: string[]) {
  const { stdout, stderr } = await runCli(["doctor", "--json", ...args], { cwd, env });
  return { report: JSON.parse(stdout), stderr };
}

// Only the types are still missing, which pyrpc dev writes.
const isFixed = ({ findings }: { findings: { check: string; status: string }[] }) =>
  findings.every(({ check, status }) => status !== "broken" || check === "types");

for (const project of casesToRun(PROJECTS, ({ isCommand }) => isCommand !== true)) {
  test(`doctor proposes a fix for ${project.name}${project.isCommand ? ", which works" : ""}`, {
    skip: pythonSkip(),
    timeout: 600_000,
  }, async () => {
    const { python, bin } = await pythonEnvironment("shop-0.14");
    await using folder = await tempFolder({
      "web/package.json": "{}",
      "pyrpc.json": JSON.stringify({
        version: 1,
        framework: "fastapi",
        entrypoint: project.entrypoint ?? "main:app",
        distribution: "workspace",
        client_root: "web",
        port: 1,
      }),
      ...project.files,
    });
    await project.prepare?.(folder);
    if (project.python === "empty") {
      await runProgram(python, ["-m", "venv", folder.at(".venv")], { limitMs: 120_000 });
    }
    const env = {
      PATH: project.python === "whole" ? bin : `/usr/bin:/bin`,
      HOME: folder.path,
      ...(project.python === "whole" ? { PYRPC_PYTHON: python } : {}),
      ...project.env,
    };
    const before = (await doctor(folder.path, env)).report;
    assert.equal(isFixed(before), false);
    const proposals = before.findings.flatMap(({ fix = [] }: { fix?: string[] }) => fix);
    assert.match(proposals.join("\n"), new RegExp(project.proposal, "m"));
    if (!project.isCommand || !RUNS_ALL_CASES) return;
    const pip = Object.fromEntries(
      Object.entries(process.env).filter(([name]) => /^(PIP_|https?_proxy|no_proxy)/i.test(name)),
    );
    const { report, stderr } = await doctor(folder.path, { ...pip, ...env }, "--fix", "--yes");
    assert.ok(isFixed(report), `${stderr}${JSON.stringify(report.findings, null, 1)}`);
  });
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
