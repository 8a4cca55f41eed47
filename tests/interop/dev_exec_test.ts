import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { platform } from "node:os";
import process from "node:process";
import { describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { type ChildProcess, spawn } from "node:child_process";
import { djangoShop } from "../support/django.ts";
import { freePort } from "../support/free_port.ts";
import { pythonEnvironment, type PythonEnvironmentName, pythonSkip } from "../support/python.ts";
import { runCli } from "../support/run_cli.ts";
import { type TempFolder, tempFolder } from "../support/temp_folder.ts";
import { RUNS_ALL_CASES } from "../support/verify.ts";
import { waitUntil } from "../support/wait_until.ts";
import { JOINED_ROUTES } from "../../lib/django_urls.ts";

// A process group, and a shell of POSIX.
const skip = platform() === "win32" ? "a POSIX shell" : pythonSkip();
const MAIN = fileURLToPath(new URL("../../main.ts", import.meta.url));
const MODULE = `from pyrpc_core import rpc
from fastapi import FastAPI
from pyrpc_fastapi import mount_fastapi
@rpc
def first() -> int:
    return 1
app = FastAPI()
mount_fastapi(app)
`;
const config = (framework: string, entrypoint: string) =>
  JSON.stringify({ version: 1, framework, entrypoint, distribution: "server" });

async function dev(
  folder: TempFolder,
  cwd: string,
  args: readonly string[],
  environment: PythonEnvironmentName = "shop-0.14",
) {
  const { python, env } = await pythonEnvironment(environment);
  const port = await freePort();
  const runtime = process.versions["deno"] === undefined ? [] : ["run", "-A", "--no-check"];
  const child: ChildProcess = spawn(process.execPath, [
    ...runtime,
    MAIN,
    "dev",
    "--port",
    String(port),
    ...args,
  ], {
    cwd: folder.at(cwd),
    env: {
      ...process.env,
      ...env,
      PYRPC_PYTHON: python,
      PYTHONUNBUFFERED: "1",
      PYTHONDONTWRITEBYTECODE: "1",
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  child.stdout?.on("data", (data) => output += data);
  child.stderr?.on("data", (data) => output += data);
  const ended = new Promise<number | null>((resolve) =>
    child.once("exit", (code) => resolve(code))
  );
  return {
    child,
    port,
    ended,
    output: () => output,
    async shows(pattern: RegExp) {
      await waitUntil(() => pattern.test(output)).catch((error: unknown) => {
        throw new Error(`${pattern} is not in:\n${output}`, { cause: error });
      });
    },
    async [Symbol.asyncDispose]() {
      child.kill("SIGTERM");
      await ended;
    },
  };
}

const isRunning = (pid: number) => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};
const UVICORN = "python -m uvicorn main:app --host $PYRPC_HOST --port $PYRPC_PORT";

// ExecServer's own test has these cases with a fake command.
const isLong = RUNS_ALL_CASES ? false : "runs under deno task verify";

describe("dev --exec", { skip, timeout: 300_000 }, () => {
  test("runs the user's command, shows its output, and leaves it alone at a change", async () => {
    await using folder = await tempFolder({
      "main.py": MODULE,
      "pyrpc.json": config("fastapi", "main"),
    });
    let pid = 0;
    {
      await using session = await dev(folder, ".", [
        "--exec",
        `echo from the command; ${UVICORN} & echo $! > pid; wait`,
      ]);
      await session.shows(/server │ from the command/);
      await session.shows(/server │ .*Uvicorn running/);
      await session.shows(/GET \/rpc answers with this contract/);
      pid = Number(await readFile(folder.at("pid"), "utf8"));
      assert.ok(isRunning(pid));
      await writeFile(folder.at("main.py"), MODULE.replace("def first", "def second"));
      await session.shows(/schema updated[^]*schema updated/);
      assert.ok(isRunning(pid));
      const served = await (await fetch(`http://127.0.0.1:${session.port}/rpc`)).json();
      assert.deepEqual(Object.keys(served), ["first"]);
      assert.doesNotMatch(
        session.output(),
        /"GET \/rpc HTTP\/1\.1" 200.*\n.*answers with this contract/,
      );
    }
    await waitUntil(() => !isRunning(pid));
  });

  test(
    "restarts the command after each good change with --exec-restart",
    { skip: isLong },
    async () => {
      await using folder = await tempFolder({
        "main.py": MODULE,
        "pyrpc.json": config("fastapi", "main"),
      });
      await using session = await dev(folder, ".", ["--exec-restart", "--exec", UVICORN]);
      await session.shows(/answers with this contract/);
      await writeFile(folder.at("main.py"), MODULE.replace("def first", "def second"));
      await session.shows(/answers with this contract[^]*answers with this contract/);
      const served = await (await fetch(`http://127.0.0.1:${session.port}/rpc`)).json();
      assert.deepEqual(Object.keys(served), ["second"]);
    },
  );

  test("exits with the code of a command that ends by itself", async () => {
    await using folder = await tempFolder({
      "main.py": MODULE,
      "pyrpc.json": config("fastapi", "main"),
    });
    const session = await dev(folder, ".", ["--exec", "exit 7"]);
    assert.equal(await session.ended, 7, session.output());
  });

  test(
    "kills a command that ignores SIGTERM, with everything that it started",
    { skip: isLong },
    async () => {
      await using folder = await tempFolder({
        "main.py": MODULE,
        "pyrpc.json": config("fastapi", "main"),
      });
      const ignoring =
        "import os, signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); open('pid', 'w').write(str(os.getpid())); time.sleep(600)";
      const session = await dev(folder, ".", ["--exec", `python -c "${ignoring}" & wait`]);
      await session.shows(/pyRPC dev server/);
      await waitUntil(
        async () => (await readFile(folder.at("pid"), "utf8").catch(() => "")) !== "",
      );
      const pid = Number(await readFile(folder.at("pid"), "utf8"));
      session.child.kill("SIGTERM");
      await session.ended;
      // Deno reports the signal, Bun the code of a shell.
      assert.ok(
        ["SIGTERM", 143].includes(session.child.exitCode ?? session.child.signalCode ?? ""),
      );
      await waitUntil(() => !isRunning(pid));
    },
  );

  test("runs runserver of Django with joined routes", { skip: isLong }, async () => {
    await using folder = await djangoShop({ "api/pyrpc.json": config("django", "mysite.urls") });
    const urls = await readFile(folder.at("api/mysite/urls.py"), "utf8");
    await writeFile(folder.at("api/mysite/urls.py"), `${urls}${JOINED_ROUTES.join("\n")}\n`);
    const command = "python manage.py runserver $PYRPC_HOST:$PYRPC_PORT";
    await using session = await dev(folder, "api", ["--exec", command], "django-0.14");
    await session.shows(/server │ Starting development server/);
    await session.shows(/answers with this contract/);
  });

  test("refuses flags without a meaning", async () => {
    await using folder = await tempFolder({
      "main.py": MODULE,
      "pyrpc.json": config("fastapi", "main"),
    });
    for (const args of [["--exec-restart"], ["--exec", "true", "--types-only"]]) {
      assert.equal((await runCli(["dev", ...args], { cwd: folder.path })).code, 2);
    }
  });
});
