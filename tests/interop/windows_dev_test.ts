// Runs under Deno only: it runs the executable for Windows, which is the same for each engine

import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { freePort } from "../support/free_port.ts";
import { type TempFolder, tempFolder } from "../support/temp_folder.ts";
import { RUNS_ALL_CASES } from "../support/verify.ts";
import { waitUntil } from "../support/wait_until.ts";
import { windowsExecutable } from "../support/windows/executable.ts";
import { type WindowsPython, windowsPython, windowsPythonSkip } from "../support/windows/python.ts";
import { startWine, windowsPath, type Wine, type WineChild } from "../support/windows/wine.ts";

// Python needs several seconds to import FastAPI under Wine.
const LIMIT_MS = 90_000;
const DEBOUNCE_MS = 300;

const procedure = (name: string) =>
  `from pyrpc_core import rpc
print("Grüße 日本")
@rpc
def ${name}(a: int) -> int:
    """Größe"""
    return a
`;

const APPLICATIONS = {
  fastapi: `from fastapi import FastAPI
from pyrpc_fastapi import mount_fastapi
import procedures
app = FastAPI()
mount_fastapi(app)
`,
  flask: `from flask import Flask
from pyrpc_flask import mount_flask
import procedures
app = Flask(__name__)
mount_flask(app)
`,
};

const config = (framework: string, client: string) =>
  JSON.stringify({
    ...{ version: 1, framework, entrypoint: "main", distribution: "workspace" },
    client_root: client,
  });

const TYPES = "node_modules/@pyrpc/types/src/index.ts";

/** Polls until it is true; a failure has the output of the process. */
async function until(
  what: string,
  { output, child }: WineChild,
  condition: () => Promise<boolean> | boolean,
): Promise<void> {
  await waitUntil(async () => {
    if (child.exitCode !== null) return true;
    return await condition();
  }, LIMIT_MS).catch(() => assert.fail(`waited in vain for ${what}:\n${output()}`));
  assert.equal(child.exitCode, null, `ended before ${what}:\n${output()}`);
}

async function answers(port: number, method: string): Promise<boolean> {
  const response = await fetch(`http://127.0.0.1:${port}/rpc`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ id: 1, method, params: { a: 7 } }),
    signal: AbortSignal.timeout(5000),
  });
  return (await response.json() as { result?: unknown }).result === 7;
}

const skip = !RUNS_ALL_CASES ? "deno task verify windows" : await windowsPythonSkip();

describe("pyrpc.exe dev with a Windows Python under Wine", { skip }, () => {
  let wine: Wine;
  let pyrpc: string;
  let python: WindowsPython;
  before(async () => {
    [wine, pyrpc, python] = await Promise.all([
      startWine(),
      windowsExecutable(),
      windowsPython(),
    ]);
  });
  after(() => wine?.[Symbol.asyncDispose]());

  async function project(framework: keyof typeof APPLICATIONS): Promise<TempFolder> {
    return await tempFolder({
      "Ada Lövlace/backend/main.py": APPLICATIONS[framework],
      "Ada Lövlace/backend/procedures.py": procedure("first"),
      "Ada Lövlace/backend/pyrpc.json": config(framework, "../frontend"),
      "Ada Lövlace/frontend/package.json": '{"name": "frontend"}',
      "Ada Lövlace/other/package.json": '{"name": "other"}',
    });
  }

  for (const framework of ["fastapi", "flask"] as const) {
    test(`dev delivers and serves after each save (${framework})`, async () => {
      await using folder = await project(framework);
      const at = (...parts: string[]) => folder.at("Ada Lövlace", ...parts);
      const port = await freePort();
      const dev = wine.start(pyrpc, ["dev", "--no-console", "--port", String(port)], {
        cwd: at("backend"),
        env: { PYRPC_PYTHON: python.path, NO_COLOR: "1" },
      });
      const types = async (text: string, client = "frontend") =>
        (await readFile(at(client, TYPES), "utf8")).includes(text);
      const save = (text: string) => writeFile(at("backend/procedures.py"), text);

      await until("the first types", dev, () => types("first"));
      assert.ok(await types("Größe"), "documentation is UTF-8");
      await until("the server", dev, () => answers(port, "first"));
      assert.match(dev.output(), /Grüße 日本/);

      await save(procedure("second"));
      await until("the second types", dev, () => types("second"));
      await until("the second server", dev, () => answers(port, "second"));

      await save("def (\n");
      await until("the syntax error", dev, () => /procedures\.py:1/.test(dev.output()));
      assert.ok(await answers(port, "second"), "the previous server still answers");
      await save(procedure("third"));
      await until("the third types", dev, () => types("third"));
      await until("the third server", dev, () => answers(port, "third"));

      // The configuration is followed by its name.
      await writeFile(at("backend/pyrpc.json"), config(framework, "..\\other"));
      await until("the types of the other client", dev, () => types("third", "other"));

      dev.child.kill("SIGKILL");
      await waitUntil(async () => !await answers(port, "third").catch(() => false), LIMIT_MS);
    });
  }

  test("the output of --exec is UTF-8, and its server ends with a killed dev", async () => {
    await using folder = await project("fastapi");
    await folder.write({
      "Ada Lövlace/backend/serve.py": `import sys, uvicorn
print("Größe 日本", sys.stdout.encoding, flush=True)
uvicorn.run("main:app", port=int(sys.argv[1]))
`,
    });
    const port = await freePort();
    const command = `"${python.path}" serve.py ${port}`;
    const dev = wine.start(
      pyrpc,
      ["dev", "--no-console", "--port", String(port), "--exec", command],
      {
        cwd: folder.at("Ada Lövlace/backend"),
        env: { PYRPC_PYTHON: python.path, NO_COLOR: "1" },
      },
    );
    await until("the server", dev, () => answers(port, "first"));
    assert.match(dev.output(), /Größe 日本 utf-8/);
    dev.child.kill("SIGKILL");
    await waitUntil(async () => !await answers(port, "first").catch(() => false), LIMIT_MS);
  });

  test("inspect finds the Python behind a batch file", async () => {
    await using folder = await project("fastapi");
    await folder.write({ "shims/python3.bat": `@"${python.path}" %*\r\n` });
    const { code, stdout, stderr } = await wine.run(pyrpc, ["inspect", "main", "--json"], {
      cwd: folder.at("Ada Lövlace/backend"),
      env: { PATH: windowsPath(folder.at("shims")), NO_COLOR: "1" },
    });
    assert.equal(code, 0, stderr);
    assert.match(stdout, /first/);
    assert.match(stdout, /Größe/);
  });

  test("types follow a save within 1.5 times an import of the module", async (context) => {
    await using folder = await project("fastapi");
    const backend = folder.at("Ada Lövlace/backend");
    const source = (version: string) =>
      "from pyrpc_core import rpc\n" +
      Array.from({ length: 10 }, (_, index) =>
        `@rpc\ndef ${version}_${index}(a: int) -> int:\n    return a\n`).join("");
    const save = (version: string) => writeFile(join(backend, "procedures.py"), source(version));
    await save("v0");
    const port = await freePort();
    const dev = wine.start(pyrpc, ["dev", "--no-console", "--port", String(port)], {
      cwd: backend,
      env: { PYRPC_PYTHON: python.path, NO_COLOR: "1" },
    });
    const delivered = async (version: string) => {
      await until(
        `the types of ${version}`,
        dev,
        async () =>
          (await readFile(folder.at("Ada Lövlace/frontend", TYPES), "utf8")).includes(
            `${version}_9`,
          ),
      );
      await until(`the server of ${version}`, dev, () => answers(port, `${version}_9`));
    };
    await delivered("v0");
    const saves: number[] = [];
    const imports: number[] = [];
    // In turns, so that the load of the machine is the same.
    for (const version of ["v1", "v2", "v3", "v4", "v5"]) {
      const start = performance.now();
      const imported = await wine.run(python.path, ["-c", "import main"], { cwd: backend });
      assert.equal(imported.code, 0, imported.stderr);
      const saved = performance.now();
      imports.push(saved - start);
      await save(version);
      await until(
        "types",
        dev,
        async () =>
          (await readFile(folder.at("Ada Lövlace/frontend", TYPES), "utf8")).includes(
            `${version}_9`,
          ),
      );
      saves.push(performance.now() - saved);
      await delivered(version);
    }
    const [saving, importing] = [median(saves), median(imports)];
    context.diagnostic(`save to types ${saving.toFixed()} ms, import ${importing.toFixed()} ms`);
    assert.ok(saving - DEBOUNCE_MS <= 1.5 * importing, `saves ${saves}, imports ${imports}`);
  });
});

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
}
