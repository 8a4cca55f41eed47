/**
 * Real Python for the interop tests: pinned environments, each made once under `.cache/python/`, and the example backend
 * served by them.
 *
 * @module
 */

import { type ChildProcess, execFile, spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { delimiter, dirname, join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { findOnPath } from "./external.ts";
import { waitUntil } from "./wait_until.ts";
import { withLock } from "./with_lock.ts";

/** The environments: one file each in `tests/support/requirements/`. */
export const PYTHON_ENVIRONMENTS = [
  "shop-0.14",
  "shop-0.12",
  "shop-0.9",
  "shop-0.7",
  "django-0.14",
  "rpyc",
  "tinyrpc",
  "msgpackrpc",
  "pydantic",
  "hypothesis",
  "powershell",
  "mcp",
  "pre-commit",
  "settings",
  "managers",
] as const;

/** A name of {@link PYTHON_ENVIRONMENTS}. */
export type PythonEnvironmentName = (typeof PYTHON_ENVIRONMENTS)[number];

/** A ready environment. */
export interface PythonEnvironment {
  /** The interpreter. */
  readonly python: string;
  /** The folder of its programs (`uvicorn`, `pyrpc`, …). */
  readonly bin: string;
  /** Variables for a child that is to find this environment first, on top of the current ones. */
  readonly env: Readonly<Record<string, string>>;
}

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const NO_PYTHON = "no Python 3.11 or newer found (python3, python3.1x, pyenv)";

let found: string | null | undefined;

/** The first Python ≥ 3.11 of this machine, or undefined. `PYRPC_TEST_PYTHON` names one outright. */
export function findPython(): string | undefined {
  if (found === undefined) found = candidates().find(isNewEnough) ?? null;
  return found ?? undefined;
}

function candidates(): string[] {
  const named = process.env["PYRPC_TEST_PYTHON"];
  if (named !== undefined) return [named];
  const names = ["python3", "python3.14", "python3.13", "python3.12", "python3.11", "python"];
  const pyenv = process.env["PYENV_ROOT"] ?? join(process.env["HOME"] ?? "", ".pyenv");
  return [
    ...names.map(findOnPath).filter((path) => path !== undefined),
    ...names.map((name) => join(pyenv, "shims", name)).filter(existsSync),
  ];
}

// A pyenv shim exists for versions that are not selected, and Debian ships Python without venv: only a run shows it.
function isNewEnough(python: string): boolean {
  const check = "import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))";
  return spawnSync(python, ["-c", check], { stdio: "ignore" }).status === 0;
}

/**
 * For `test(name, { skip: pythonSkip() }, …)`: the reason when there is no Python, else false. With `CI` set it is always
 * false, and the test fails where it asks for its environment.
 */
export function pythonSkip(): string | false {
  return findPython() === undefined && !process.env["CI"] ? NO_PYTHON : false;
}

/**
 * The environment of that name, made on first use. Safe to call from many test files at once.
 *
 * @throws Error when there is no Python ≥ 3.11 or the packages cannot be installed.
 */
export async function pythonEnvironment(name: PythonEnvironmentName): Promise<PythonEnvironment> {
  const python = findPython();
  if (python === undefined) throw new Error(NO_PYTHON);
  const requirements = join(ROOT, "tests/support/requirements", `${name}.txt`);
  const hash = createHash("sha256").update(python).update(await readFile(requirements));
  // `PYRPC_TEST_CACHE`: several checkouts of one machine may share what they made.
  const cache = process.env["PYRPC_TEST_CACHE"] ?? join(ROOT, ".cache");
  const folder = join(cache, "python", `${name}-${hash.digest("hex").slice(0, 12)}`);
  if (!existsSync(join(folder, ".complete"))) {
    await mkdir(dirname(folder), { recursive: true });
    await withLock(`${folder}.lock`, async () => {
      if (existsSync(join(folder, ".complete"))) return;
      await rm(folder, { recursive: true, force: true });
      await make(python, folder, requirements);
      await writeFile(join(folder, ".complete"), "");
    });
  }
  const bin = join(folder, process.platform === "win32" ? "Scripts" : "bin");
  return {
    python: join(bin, process.platform === "win32" ? "python.exe" : "python"),
    bin,
    env: { VIRTUAL_ENV: folder, PATH: `${bin}${delimiter}${process.env["PATH"] ?? ""}` },
  };
}

async function make(python: string, folder: string, requirements: string): Promise<void> {
  const run = promisify(execFile);
  const bin = join(folder, process.platform === "win32" ? "Scripts" : "bin");
  await run(python, ["-m", "venv", folder]);
  const arguments_ = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"];
  const files = process.platform === "win32"
    ? [requirements, join(dirname(requirements), "windows.txt")]
    : [requirements];
  const named = files.flatMap((file) => ["--requirement", file]);
  await run(join(bin, "python"), [...arguments_, "--no-deps", ...named], {
    maxBuffer: 1 << 26,
  });
}

/** How the example backend is served. */
export type ShopAdapter = "fastapi" | "flask" | "asgi";

/** A running example backend; `await using` stops it. */
export interface RunningServer extends AsyncDisposable {
  /** `http://127.0.0.1:PORT`. */
  readonly url: string;
  readonly port: number;
  /** Returns its output so far. */
  output(): string;
}

const ENTRIES: Readonly<Record<ShopAdapter, readonly string[]>> = {
  fastapi: ["-m", "uvicorn", "main:app", "--host", "127.0.0.1", "--port", "0"],
  asgi: ["-m", "uvicorn", "main_asgi:app", "--host", "127.0.0.1", "--port", "0"],
  flask: ["-m", "flask", "--app", "main_flask", "run", "--host", "127.0.0.1", "--port", "0"],
};

/** Starts `tests/fixtures/shop` under the real pyRPC on a free port, and waits until `GET /rpc` answers. */
export async function startShop(
  adapter: ShopAdapter,
  version: "0.14" | "0.12" | "0.9" | "0.7" = "0.14",
): Promise<RunningServer> {
  return await startFixture("shop", adapter, version);
}

/** Starts the backend of a folder of `tests/fixtures` like {@link startShop}. */
export async function startFixture(
  folder: "shop" | "results" | "notes" | "faults",
  adapter: ShopAdapter,
  version: "0.14" | "0.12" | "0.9" | "0.7" = "0.14",
  env: Readonly<Record<string, string>> = {},
): Promise<RunningServer> {
  const environment = await pythonEnvironment(`shop-${version}`);
  const server = await startPython(environment, ENTRIES[adapter], {
    cwd: join(ROOT, "tests/fixtures", folder),
    ready: /http:\/\/127\.0\.0\.1:(\d+)/,
    env,
  });
  try {
    await waitUntil(async () => (await fetch(`${server.url}/rpc`)).ok);
  } catch (error) {
    await server[Symbol.asyncDispose]();
    throw new Error(`${adapter} ${version} does not answer GET /rpc:\n${server.output()}`, {
      cause: error,
    });
  }
  return server;
}

/**
 * Runs Python until it prints a line that `ready` matches; its first group is the port.
 *
 * @param args Arguments of the interpreter: a script, or `-m module …`.
 */
export async function startPython(
  environment: PythonEnvironment,
  args: readonly string[],
  options: { cwd?: string; ready: RegExp; env?: Readonly<Record<string, string>> },
): Promise<RunningServer> {
  const child = spawn(environment.python, args, {
    cwd: options.cwd,
    env: {
      ...process.env,
      ...environment.env,
      PYTHONUNBUFFERED: "1",
      PYTHONDONTWRITEBYTECODE: "1",
      ...options.env,
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const killOnExit = () => void child.kill("SIGKILL");
  process.once("exit", killOnExit);
  let output = "";
  const stop = async () => {
    process.off("exit", killOnExit);
    await stopChild(child);
  };
  try {
    const port = await new Promise<number>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error("not ready after 30 s")), 30_000);
      const read = (chunk: Buffer) => {
        output += chunk.toString();
        const match = options.ready.exec(output);
        if (match === null) return;
        clearTimeout(timer);
        resolve(Number(match[1]));
      };
      child.stdout.on("data", read);
      child.stderr.on("data", read);
      child.on("error", reject);
      child.on("exit", (code) => {
        clearTimeout(timer);
        reject(new Error(`ended with ${code}`));
      });
    });
    return {
      url: `http://127.0.0.1:${port}`,
      port,
      output: () => output,
      [Symbol.asyncDispose]: stop,
    };
  } catch (error) {
    await stop();
    throw new Error(`"python ${args.join(" ")}" did not start:\n${output}`, { cause: error });
  }
}

async function stopChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const ended = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGKILL");
  await ended;
}
