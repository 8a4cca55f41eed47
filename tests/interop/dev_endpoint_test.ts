import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { DevReporter } from "../../commands/dev/reporter.ts";
import { DevSession } from "../../lib/dev/mod.ts";
import { loadProject } from "../../lib/project/mod.ts";
import { systemClock } from "../../lib/runtime/mod.ts";
import { capturedConsole } from "../support/captured_console.ts";
import { freePort } from "../support/free_port.ts";
import { pythonEnvironment, pythonSkip } from "../support/python.ts";
import { tempFolder } from "../support/temp_folder.ts";
import { casesToRun } from "../support/verify.ts";

const PROCEDURE = "from pyrpc_core import rpc\n@rpc\ndef add() -> int:\n    return 1\n";
const FASTAPI =
  `${PROCEDURE}from fastapi import FastAPI\nfrom pyrpc_fastapi import mount_fastapi\n`;

// The application, what is reported, and the application after the proposed change.
const CASES: [name: string, broken: string, report: RegExp, fixed: string][] = [
  [
    "no mount",
    `${FASTAPI}app = FastAPI()\n`,
    /GET \/rpc answers 404.*\n +main:app has no \/rpc\n +fix: Add mount_fastapi\(app\), with: from pyrpc_fastapi import mount_fastapi/,
    `${FASTAPI}app = FastAPI()\nmount_fastapi(app)\n`,
  ],
  [
    "a mount in a sub-application",
    `${FASTAPI}app = FastAPI()\napi = FastAPI()\nmount_fastapi(api)\napp.mount("/api", api)\n`,
    /GET \/rpc answers 404.*\n +main:app answers at \/api\/rpc, not at \/rpc\n +fix: Clients .* http:\/\/HOST:PORT\/api\/rpc\n +fix: or mount it at \/rpc: mount_fastapi\(app\)/,
    `${FASTAPI}app = FastAPI()\napi = FastAPI()\nmount_fastapi(app)\napp.mount("/api", api)\n`,
  ],
  [
    "a bare application without a router",
    `${PROCEDURE}from pyrpc_core import PyRPCAsgiApp\napp = PyRPCAsgiApp()\n`,
    /GET \/rpc answers 500.*\n +main:app has no router.*\n +fix: Pass one: PyRPCAsgiApp\(default_router\)/,
    `${PROCEDURE}from pyrpc_core import PyRPCAsgiApp, default_router\napp = PyRPCAsgiApp(default_router)\n`,
  ],
];

describe("an application without GET /rpc", { skip: pythonSkip(), timeout: 300_000 }, () => {
  for (const distribution of ["workspace", "server"] as const) {
    const cases = casesToRun(CASES, ([name]) => name === "no mount");
    for (const [name, broken, report, fixed] of cases) {
      test(`is reported with the line that fixes it: ${name}, ${distribution}`, async () => {
        await using folder = await tempFolder({
          "api/main.py": broken,
          "api/pyrpc.json": JSON.stringify({
            version: 1,
            framework: "fastapi",
            entrypoint: "main",
            client_root: "../web",
            distribution,
          }),
          "web/package.json": "{}",
        });
        const { python } = await pythonEnvironment("shop-0.14");
        const load = async () =>
          await loadProject({
            cwd: folder.at("api"),
            env: {},
            overrides: { python, port: await freePort(), debounce: 50 },
          });
        const state = await load();
        assert.ok(state.kind === "ready");
        const printed = capturedConsole();
        const reporter = new DevReporter(printed.console, () => state.project);
        const session = new DevSession({
          project: state.project,
          reload: load,
          env: process.env,
          cwd: folder.at("api"),
          server: "own",
          clock: systemClock,
          onEvent: (event) => reporter.event(event),
          onFailure: (error) => {
            throw error;
          },
        });
        try {
          await session.start();
          const before = printed.stderr();
          assert.match(before, report);
          assert.equal(/npx pyrpc sync is broken/.test(before), distribution === "server");
          await folder.write({ "api/main.py": fixed });
          await session.regenerate();
          const after = printed.stderr().slice(before.length);
          assert.doesNotMatch(after, /GET \/rpc answers \d/);
        } finally {
          await session.end();
        }
      });
    }
  }
});
