import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { readdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { pythonEnvironment, pythonSkip } from "../support/python.ts";
import { type TempFolder, tempFolder } from "../support/temp_folder.ts";
import { waitUntil } from "../support/wait_until.ts";

const MAIN = fileURLToPath(new URL("../../main.ts", import.meta.url));
const PROCEDURE = "from pyrpc_core import rpc\n@rpc\ndef first() -> int:\n    return 1\n";
const MODULES = {
  fastapi: `${PROCEDURE}from fastapi import FastAPI
from pyrpc_fastapi import mount_fastapi
app = FastAPI()
mount_fastapi(app)
`,
  asgi: `${PROCEDURE}from pyrpc_core.transport.asgi import PyRPCAsgiApp
from pyrpc_core import default_router
app = PyRPCAsgiApp(default_router)
`,
};
const skip = process.platform === "win32" ? "links of files need rights there" : pythonSkip();

/** An environment with the packages of another one, except for some. @returns its interpreter, and what adds them */
async function environmentWithout(folder: TempFolder, name: string) {
  const { python } = await pythonEnvironment("shop-0.14");
  await promisify(execFile)(python, ["-m", "venv", "--without-pip", folder.at("venv")]);
  const packagesOf = async (path: string) =>
    (await promisify(execFile)(path, [
      "-c",
      "import sysconfig; print(sysconfig.get_path('purelib'))",
    ])).stdout.trim();
  const own = folder.at("venv/bin/python");
  const [from, to] = await Promise.all([packagesOf(python), packagesOf(own)]);
  const [missing, others] = [[] as string[], [] as string[]];
  for (const entry of await readdir(from)) (entry.startsWith(name) ? missing : others).push(entry);
  const link = (entries: readonly string[]) =>
    Promise.all(entries.map((entry) => symlink(join(from, entry), join(to, entry))));
  await link(others);
  return { python: own, install: () => link(missing) };
}

for (const [framework, module] of Object.entries(MODULES)) {
  test(`dev without uvicorn names the command that installs it, and serves then (${framework})`, {
    skip,
  }, async () => {
    await using folder = await tempFolder({ "main.py": module, "web/package.json": "{}" });
    const { python, install } = await environmentWithout(folder, "uvicorn");
    await writeFile(
      folder.at("pyrpc.json"),
      JSON.stringify({
        version: 1,
        framework,
        entrypoint: "main",
        distribution: "workspace",
        client_root: "web",
      }),
    );
    const runtime = "Deno" in globalThis ? ["run", "-A", "--no-check"] : [];
    const words = [...runtime, MAIN, "dev", "--port", "0", "--python", python];
    const child = spawn(process.execPath, words, {
      cwd: folder.path,
      env: { ...process.env, PYTHONDONTWRITEBYTECODE: "1" },
    });
    let output = "";
    child.stdout.on("data", (data) => output += data);
    child.stderr.on("data", (data) => output += data);
    try {
      const isSeen = (text: string) => waitUntil(() => output.includes(text));
      await isSeen(`uvicorn: ${python} -m pip install uvicorn`);
      assert.doesNotMatch(output, /Traceback|<pyrpc>/);
      // The types do not need the server.
      assert.match(
        await readFile(folder.at("web/node_modules/@pyrpc/types/src/index.ts"), "utf8"),
        /first/,
      );
      await install();
      await writeFile(folder.at("main.py"), `${module}# saved\n`);
      await isSeen("Server started");
      assert.doesNotMatch(output, /GET \/rpc answers/);
    } catch (error) {
      assert.fail(`${error}\n${output}`);
    } finally {
      const ended = once(child, "exit");
      child.kill();
      await ended;
    }
  });
}
