// Runs under Deno only: the samples are tested, not an engine.
import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { deno, ROOT } from "../../scripts/project.ts";
import { readQuickStart, renamed } from "../../scripts/quick_start.ts";
import { pythonEnvironment, pythonSkip, startPython } from "../support/python.ts";
import { runCli } from "../support/run_cli.ts";
import { tempFolder } from "../support/temp_folder.ts";
import { runTsc, strictOptions, toJavaScript } from "../support/typescript.ts";
import { waitUntil } from "../support/wait_until.ts";

const CLIENT = join(ROOT, "lib/client/pyrpc_client.ts");

test(
  "the README's quick start: the samples compile and run, and the compiler finds the renamed field",
  {
    skip: pythonSkip(),
  },
  async () => {
    const sample = await readQuickStart();
    await using folder = await tempFolder({
      "main.py": sample.python,
      "web/package.json": `{ "type": "module" }`,
      "web/src/main.ts": sample.typescript,
    });
    const web = folder.at("web");
    const { isolatedDeclarations: _, ...options } = strictOptions("5.9");
    const compile = () =>
      runTsc(web, "5.9", {
        ...options,
        lib: ["ES2022", "DOM"],
        module: "esnext",
        moduleResolution: "bundler",
        paths: { "@pyrpc/client": [CLIENT] },
        files: ["src/main.ts"],
      });
    const command = /^npx pyrpc (.*--server-url) http:\/\/localhost:8000 (.*)$/m.exec(sample.shell);
    assert.ok(command, "the quick start syncs from http://localhost:8000");
    const sync = async (url: string) => {
      const args = [...command[1]!.split(" "), url, ...command[2]!.split(" ")];
      const { code, stderr } = await runCli(args, { cwd: web });
      assert.equal(code, 0, stderr);
    };

    {
      await using server = await startBackend(folder.path);
      await sync(server.url);
      assert.equal(await compile(), "");
      const script = toJavaScript(sample.typescript)
        .replace("@pyrpc/client", pathToFileURL(CLIENT).href)
        .replace("http://localhost:8000", server.url);
      await writeFile(folder.at("web/src/run.mjs"), script);
      const { stdout, stderr } = await deno(["run", "-A", "--no-config", "web/src/run.mjs"], {
        cwd: folder.path,
        env: { NO_COLOR: "1" },
      });
      assert.equal(stdout, "Desk lamp 4\n", stderr);
    }

    await writeFile(folder.at("main.py"), renamed(sample.python));
    await using server = await startBackend(folder.path);
    await sync(server.url);
    assert.equal(await compile(), sample.error);
  },
);

test(
  "docs/getting-started.md: init writes the configuration that is shown, and the client's sample compiles",
  {
    skip: pythonSkip(),
  },
  async () => {
    const page = await readFile(join(ROOT, "docs/getting-started.md"), "utf8");
    const block = (language: string) =>
      new RegExp(`^\`\`\`${language}\\n([^]*?)^\`\`\``, "m").exec(page)?.[1] ?? "";
    await using folder = await tempFolder({
      "backend/main.py": block("python"),
      "web/package.json": `{ "type": "module" }`,
      "web/src/main.ts": block("ts"),
    });
    const cwd = folder.at("backend");
    const args = /^pyrpc-toolkit (init .*)$/m.exec(block("sh"))?.[1]?.split(" ") ?? [];
    const { code, stderr } = await runCli(args, { cwd });
    assert.equal(code, 0, stderr);
    const { $schema: _, ...written } = JSON.parse(await readFile(join(cwd, "pyrpc.json"), "utf8"));
    assert.deepEqual(written, JSON.parse(block("json")));

    const { env } = await pythonEnvironment("shop-0.14");
    const dev = await runCli(["codegen", "main", "--out", "../web/types.ts"], { cwd, env });
    assert.equal(dev.code, 0, dev.stderr);
    const types = folder.at("web/types.ts");
    assert.equal(await compileIn(folder.at("web"), "src/main.ts", { "@pyrpc/types": [types] }), "");
  },
);

/** Compiles a file of a client; returns the errors. */
async function compileIn(
  folder: string,
  file: string,
  paths: Readonly<Record<string, readonly string[]>>,
): Promise<string> {
  const { isolatedDeclarations: _, ...options } = strictOptions("5.9");
  return await runTsc(folder, "5.9", {
    ...options,
    lib: ["ES2022", "DOM"],
    module: "esnext",
    moduleResolution: "bundler",
    paths: { "@pyrpc/client": [CLIENT], ...paths },
    files: [file],
  });
}

async function startBackend(cwd: string) {
  const environment = await pythonEnvironment("shop-0.14");
  const server = await startPython(
    environment,
    ["-m", "uvicorn", "main:app", "--host", "127.0.0.1", "--port", "0"],
    { cwd, ready: /http:\/\/127\.0\.0\.1:(\d+)/ },
  );
  await waitUntil(async () => (await fetch(`${server.url}/rpc`)).ok);
  return server;
}
