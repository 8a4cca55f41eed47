import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { cp, readFile, writeFile } from "node:fs/promises";
import process from "node:process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { freePort } from "../support/free_port.ts";
import { pythonEnvironment, pythonSkip } from "../support/python.ts";
import { tempFolder } from "../support/temp_folder.ts";
import { casesToRun } from "../support/verify.ts";
import { waitUntil } from "../support/wait_until.ts";

const MAIN = fileURLToPath(new URL("../../main.ts", import.meta.url));
const SHOP = fileURLToPath(new URL("../fixtures/shop", import.meta.url));
const TYPES = "web/node_modules/@pyrpc/types/src/index.ts";
const ENTRIES = { fastapi: "main:app", flask: "main_flask:app", asgi: "main_asgi:app" } as const;
const CASES = (["0.7", "0.9", "0.12", "0.14"] as const).flatMap((version) =>
  (["fastapi", "flask", "asgi"] as const).map((framework) => ({ version, framework }))
);
const isInGate = ({ version, framework }: (typeof CASES)[number]) =>
  version === "0.7" && framework === "flask";

for (const { version, framework } of casesToRun(CASES, isInGate)) {
  test(`dev serves a project of pyRPC ${version} and follows its saves (${framework})`, {
    skip: pythonSkip() || (process.platform === "win32" && "POSIX signals"),
    timeout: 300_000,
  }, async () => {
    const { python } = await pythonEnvironment(`shop-${version}`);
    const port = await freePort();
    await using folder = await tempFolder({
      "web/package.json": "{}",
      "api/pyrpc.json": JSON.stringify({
        version: 1,
        framework,
        entrypoint: ENTRIES[framework],
        distribution: "workspace",
        client_root: "../web",
        port,
      }),
    });
    await cp(SHOP, folder.at("api"), { recursive: true });
    const runtime = "Deno" in globalThis ? ["run", "-A", "--no-check"] : [];
    const child = spawn(process.execPath, [...runtime, MAIN, "dev", "--python", python], {
      cwd: folder.at("api"),
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    child.stdout.on("data", (data) => output += data);
    child.stderr.on("data", (data) => output += data);
    const url = `http://127.0.0.1:${port}/rpc`;
    const call = async (method: string, params: readonly unknown[]) => {
      const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method, params });
      const headers = { "content-type": "application/json", connection: "close" };
      const answer = await fetch(url, { method: "POST", headers, body }).catch(() => undefined);
      return (await answer?.json() as { result?: unknown } | undefined)?.result;
    };
    const types = () => readFile(folder.at(TYPES), "utf8").catch(() => "");
    const save = async (text: string) => {
      const file = folder.at("api/procedures.py");
      await writeFile(file, `${await readFile(file, "utf8")}${text}`);
    };
    try {
      await waitUntil(() => output.includes("Types:"));
      assert.match(await types(), /\badd\b/);
      await waitUntil(async () => await call("add", [1, 2]) === 3);
      await save("\n@rpc\ndef added(count: int) -> int:\n    return count + 1\n");
      await waitUntil(async () => /\badded\b.*count: number/s.test(await types()));
      await waitUntil(async () => await call("added", [6]) === 7);
      const contract = await (await fetch(url)).json() as Record<string, unknown>;
      assert.ok("added" in contract);
      // A broken save keeps the server and the types.
      await save("\ndef (\n");
      await waitUntil(() => output.includes("SyntaxError"));
      assert.equal(await call("added", [6]), 7);
      assert.match(await types(), /\badded\b/);
      assert.doesNotMatch(output, /GET \/rpc answers|Traceback/);
    } catch (error) {
      assert.fail(`${error}\n${output}`);
    } finally {
      const ended = once(child, "exit");
      child.kill("SIGTERM");
      await ended;
    }
  });
}
