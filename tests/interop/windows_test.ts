// Runs under Deno only: it runs the executable for Windows, which is the same for each engine

import assert from "node:assert/strict";
import type { Buffer } from "node:buffer";
import { once } from "node:events";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { connect } from "node:net";
import { basename, dirname, join, win32 } from "node:path";
import process from "node:process";
import { after, before, describe, test } from "node:test";
import { VERSION } from "../../lib/version.ts";
import { bundle } from "../../scripts/bundle.ts";
import { ROOT, run } from "../../scripts/project.ts";
import {
  aliasPackage,
  clientPackage,
  cliPackage,
  npmPack,
  platformPackage,
  typesPackage,
} from "../../scripts/release/npm_packages.ts";
import { TARGETS } from "../../scripts/release/targets.ts";
import { wheel, wheelName } from "../../scripts/release/wheel.ts";
import { npmPackages } from "../support/npm_packages.ts";
import { pythonEnvironment } from "../support/python.ts";
import { tempFolder } from "../support/temp_folder.ts";
import { RUNS_ALL_CASES } from "../support/verify.ts";
import { waitUntil } from "../support/wait_until.ts";
import { windowsExecutable } from "../support/windows/executable.ts";
import { windowsNode, windowsNodeSkip } from "../support/windows/node.ts";
import { windowsPython, windowsPythonSkip } from "../support/windows/python.ts";
import {
  startWine,
  windowsPath,
  type Wine,
  type WineChild,
  wineSkip,
} from "../support/windows/wine.ts";

const CONTRACT = JSON.stringify({
  one: { name: "one", parameters: [], return_schema: { type: "string" } },
});
const HANDLERS = `import data from "./lib/data.json" with { type: "json" };
import outside from "../outside.json" with { type: "json" };
export default { one: () => data.text + outside.text };
`;

const limitMs = 60_000;
const onlyInVerify = { skip: !RUNS_ALL_CASES && "deno task verify windows" };

/** The URL that a server prints when it listens. */
async function urlOf(server: WineChild): Promise<string> {
  let url: string | undefined;
  await waitUntil(() => {
    url = /http:\/\/127\.0\.0\.1:\d+\/rpc/.exec(server.output())?.[0];
    return url !== undefined || server.child.exitCode !== null;
  }, limitMs);
  assert.ok(url, server.output());
  return url;
}

async function call(url: string, method: string): Promise<unknown> {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ id: 1, method, params: {} }),
    signal: AbortSignal.timeout(5000),
  });
  return (await response.json() as { result?: unknown }).result;
}

/** Writes the batch files that npm and pnpm make of a program, and returns their paths. */
async function commandShims(program: string): Promise<readonly string[]> {
  const packages = { npm: "cmd-shim", pnpm: "@zkochan/cmd-shim" };
  const folder = join(
    await npmPackages("cmd-shim@7.0.0", "@zkochan/cmd-shim@6.0.0"),
    "node_modules",
  );
  const shims = [];
  for (const [manager, name] of Object.entries(packages)) {
    const write = createRequire(join(folder, "x.js"))(name);
    const shim = join(dirname(program), manager);
    await write(program, shim, { createCmdFile: true });
    const text = await readFile(`${shim}.cmd`, "utf8");
    // A line of npm's avoids the question "Terminate batch job (Y/N)?". Wine 8 ends the file there.
    const avoids = "goto #_undefined_# 2>NUL || title %COMSPEC% & ";
    if (process.platform !== "win32") await writeFile(`${shim}.cmd`, text.replace(avoids, ""));
    assert.equal(text.includes(avoids), manager === "npm");
    shims.push(`${shim}.cmd`);
  }
  return shims;
}

const withPython = { skip: onlyInVerify.skip || await windowsPythonSkip() };
const withNode = { skip: onlyInVerify.skip || await windowsNodeSkip() };

describe("pyrpc.exe under Wine", { skip: wineSkip() }, () => {
  let wine: Wine;
  let pyrpc: string;
  before(async () => {
    [wine, pyrpc] = await Promise.all([startWine(), windowsExecutable()]);
  });
  after(() => wine?.[Symbol.asyncDispose]());

  const cmd = (line: string, cwd: string) => wine.run("cmd", ["/d", "/c", line], { cwd });

  test("mock --watch follows files that the handlers import", async () => {
    await using folder = await tempFolder({
      "shop.json": CONTRACT,
      "app/handlers.ts": HANDLERS,
      "app/lib/data.json": '{"text": "one"}',
      "outside.json": '{"text": "O1"}',
    });
    const server = wine.start(pyrpc, [
      ...["mock", "shop.json", "--handlers", "app/handlers.ts", "--watch", "--port", "0"],
    ], { cwd: folder.path });
    const url = await urlOf(server);
    const answers = (text: string) =>
      waitUntil(async () => await call(url, "one") === text, limitMs);
    await answers("oneO1");
    await folder.write({ "app/lib/data.json": '{"text": "two"}' });
    await answers("twoO1");
    await folder.write({ "outside.json": '{"text": "O2"}' });
    await answers("twoO2");
  });

  test("types are written into a folder with the read-only attribute", onlyInVerify, async () => {
    await using folder = await tempFolder({ "shop.json": CONTRACT, "types/.keep": "" });
    assert.equal((await cmd("attrib +r types", folder.path)).code, 0);
    const { code, stderr } = await wine.run(
      pyrpc,
      ["codegen", "shop.json", "--out", "types/api.ts"],
      { cwd: folder.path },
    );
    assert.deepEqual([code, stderr.includes("error")], [0, false], stderr);
    assert.match(await readFile(folder.at("types/api.ts"), "utf8"), /one/);
    await cmd("attrib -r types", folder.path);
  });

  test(
    "a file that another program has open is written when it is closed",
    withPython,
    async () => {
      await using folder = await tempFolder({ "shop.json": CONTRACT });
      const codegen = () =>
        wine.run(pyrpc, ["codegen", "shop.json", "--out", "api.ts"], { cwd: folder.path });
      assert.equal((await codegen()).code, 0);
      const old = `${await readFile(folder.at("api.ts"), "utf8")}\n// outdated\n`;
      await writeFile(folder.at("api.ts"), old);
      // Python opens a file without permission to delete it.
      const script =
        "import time; file = open('api.ts'); print('held', flush=True); time.sleep(600)";
      const { path } = await windowsPython();
      const holder = wine.start(path, ["-c", script], { cwd: folder.path });
      await waitUntil(() => holder.output().includes("held"), limitMs);
      const refused = await codegen();
      assert.equal(refused.code, 3);
      assert.match(refused.stderr, /another program has it open/);
      assert.equal(await readFile(folder.at("api.ts"), "utf8"), old);
      assert.deepEqual((await readdir(folder.path)).sort(), ["api.ts", "shop.json"]);
      holder.child.kill("SIGKILL");
      await holder.ended;
      assert.equal((await codegen()).code, 0);
      assert.notEqual(await readFile(folder.at("api.ts"), "utf8"), old);
    },
  );

  test("names that Windows cannot have are refused", onlyInVerify, async () => {
    await using folder = await tempFolder({ "shop.json": CONTRACT });
    for (const name of ["NUL", "aux.ts", "x.ts.", "what?.ts", "com1/api.ts"]) {
      const { code, stderr } = await wine.run(pyrpc, ["codegen", "shop.json", "--out", name], {
        cwd: folder.path,
      });
      assert.equal(code, 3, `${name}: ${stderr}`);
      assert.match(stderr, /Windows/, name);
    }
    assert.deepEqual(await readdir(folder.path), ["shop.json"]);
  });

  test(
    "a program of the current folder does not run instead of a missing one",
    onlyInVerify,
    async () => {
      await using folder = await tempFolder({ "shop.json": CONTRACT });
      const copied = await cmd("copy %SystemRoot%\\System32\\hostname.exe git.exe", folder.path);
      assert.equal(copied.code, 0, copied.stdout);
      const { code, stderr } = await wine.run(pyrpc, ["diff", "--against", "HEAD", "shop.json"], {
        cwd: folder.path,
        env: { PATH: "C:\\nowhere", NO_COLOR: "1" },
      });
      assert.equal(code, 3, stderr);
      assert.match(stderr, /git is not installed/);
    },
  );

  test("serve listens on a named pipe", onlyInVerify, async () => {
    await using folder = await tempFolder({
      "handlers.ts": 'export default { one: () => "1" };\n',
    });
    const pipe = `unix:\\\\.\\pipe\\pyrpc-${crypto.randomUUID()}`;
    const server = wine.start(pyrpc, [
      ...["serve", "--handlers", "handlers.ts", "--listen", pipe],
    ], { cwd: folder.path });
    await waitUntil(() => server.output() !== "", limitMs);
    assert.match(server.output(), /pipe/);
  });

  test("paths with spaces, umlauts and more than 260 characters work", onlyInVerify, async () => {
    const long = Array.from({ length: 12 }, (_, index) => `folder ${index} ${"x".repeat(20)}`);
    const project = ["Ada Lövlace", "schéma 日本 😀", ...long].join("/");
    await using folder = await tempFolder({ [`${project}/shop.json`]: CONTRACT });
    const codegen = async (cwd: string, path: string) => {
      const args = ["codegen", `${path}shop.json`, "--out", `${path}types/api.ts`];
      const { code, stderr } = await wine.run(pyrpc, args, { cwd: folder.at(cwd) });
      assert.equal(code, 0, stderr);
    };
    await codegen(".", `${project}/`);
    assert.match(await readFile(folder.at(project, "types/api.ts"), "utf8"), /one/);
    // A working folder may have 260 characters on Windows.
    await folder.write({ "Ada Lövlace/schéma 日本 😀/shop.json": CONTRACT });
    await codegen("Ada Lövlace/schéma 日本 😀", "");
    assert.match(
      await readFile(folder.at("Ada Lövlace/schéma 日本 😀/types/api.ts"), "utf8"),
      /one/,
    );
  });

  test("doctor names the launchers of pip and npm on PATH", withPython, async () => {
    const { path } = await windowsPython();
    const { python } = await pythonEnvironment("shop-0.14");
    await using folder = await tempFolder({
      "npm/pyrpc.cmd":
        '@"%~dp0node.exe" "%~dp0\\node_modules\\@pyrpc\\client\\bin\\pyrpc.js" %*\r\n',
      "npm/pyrpc.ps1": '& "$PSScriptRoot/node_modules/@pyrpc/client/bin/pyrpc.js" $args\n',
      "npm/pyrpc": '#!/bin/sh\nexec node "$basedir/node_modules/@pyrpc/client/bin/pyrpc.js"\n',
      "Scripts/.keep": "",
    });
    const launcher = join(ROOT, "tests/support/windows/pip_launcher.py");
    const made = await run(python, [launcher, folder.at("Scripts"), path]);
    assert.equal(made.code, 0, made.stderr);
    const PATH = ["Scripts", "npm"].map((name) => windowsPath(folder.at(name))).join(";");
    const { code, stdout, stderr } = await wine.run(pyrpc, ["doctor"], {
      cwd: folder.path,
      env: { PATH, NO_COLOR: "1" },
    });
    assert.ok(code === 0 || code === 1, stderr);
    const output = stdout + stderr;
    assert.match(output, /Scripts\\pyrpc\.exe: the Python package pyrpc-core/);
    assert.match(output, /npm\\pyrpc\.ps1: starts pyrpc-toolkit from another shell/);
    assert.match(output, /"pyrpc" on PATH is the Python package's/);
  });

  test("the bundle of the npm packages runs on a Windows Node", withNode, async () => {
    await using folder = await tempFolder({ "shop.json": CONTRACT });
    const node = await windowsNode();
    await bundle(folder.at("pyrpc.js"));
    const pyrpcJs = (...args: string[]) =>
      wine.run(node, [windowsPath(folder.at("pyrpc.js")), ...args], {
        cwd: folder.path,
        printsToFiles: true,
        env: { NO_COLOR: "1" },
      });
    assert.equal((await pyrpcJs("--version")).stdout.trim(), `pyrpc-toolkit ${VERSION}`);
    const generated = await pyrpcJs("codegen", "shop.json", "--out", "ü types/api.ts");
    assert.equal(generated.code, 0, generated.stderr);
    assert.match(await readFile(folder.at("ü types/api.ts"), "utf8"), /one/);
    assert.equal((await pyrpcJs("codegen", "missing.json", "--out", "a.ts")).code, 3);
    assert.equal((await pyrpcJs("codegen", "shop.json", "--out", "aux.ts")).code, 3);
  });

  test("init, sync, call, inspect and proxy use a running mock", onlyInVerify, async () => {
    await using folder = await tempFolder({
      "shop.json": CONTRACT,
      "web/package.json": '{"name": "web"}\n',
      "backend/main.py": "",
    });
    const mock = wine.start(pyrpc, ["mock", "shop.json", "--port", "0"], { cwd: folder.path });
    const url = await urlOf(mock);
    const succeed = async (cwd: string, ...args: string[]) => {
      const options = { cwd: folder.at(cwd), env: { NO_COLOR: "1" } };
      const { code, stdout, stderr } = await wine.run(pyrpc, args, options);
      assert.equal(code, 0, `${args.join(" ")}: ${stdout}${stderr}`);
      return stdout + stderr;
    };
    // Written with forward slashes, so that it is right on every system.
    const answers = ["--framework", "fastapi", "--entry", "main", "--distribution", "workspace"];
    const absolute = windowsPath(folder.at("web"));
    for (
      const [root, written] of [["..\\web", "../web"], [absolute, absolute.replaceAll("\\", "/")]]
    ) {
      await rm(folder.at("backend/pyrpc.json"), { force: true });
      await succeed("backend", "init", "--yes", ...answers, "--client-root", root!);
      const config = JSON.parse(await readFile(folder.at("backend/pyrpc.json"), "utf8"));
      assert.equal(config.client_root, written);
    }
    await succeed("web", "init", "--client", "--yes", "--server-url", url.replace("/rpc", ""));
    await succeed("web", "sync");
    const types = folder.at("web/node_modules/@pyrpc/types/src/index.ts");
    assert.match(await readFile(types, "utf8"), /one/);
    assert.match(await succeed(".", "inspect", url), /one/);
    await succeed(".", "pull", url, "--out", "pulled.json");
    assert.match(await readFile(folder.at("pulled.json"), "utf8"), /"one"/);
    await succeed(".", "call", url, "one");
    const proxy = wine.start(pyrpc, ["proxy", url, "--port", "0"], { cwd: folder.path });
    assert.equal(typeof await call(await urlOf(proxy), "one"), "string");
  });

  test("serve answers over HTTP and TCP", onlyInVerify, async () => {
    await using folder = await tempFolder({
      "handlers.ts": 'export default { one: () => "ünö" };\n',
    });
    const serve = (...flags: string[]) =>
      wine.start(pyrpc, ["serve", "--handlers", "handlers.ts", ...flags], { cwd: folder.path });
    assert.equal(await call(await urlOf(serve("--port", "0")), "one"), "ünö");
    const server = serve("--listen", "tcp://127.0.0.1:0");
    let port: string | undefined;
    await waitUntil(() => {
      port = /tcp:\/\/127\.0\.0\.1:(\d+)/.exec(server.output())?.[1];
      return port !== undefined;
    }, limitMs);
    const socket = connect(Number(port), "127.0.0.1");
    socket.write('{"id":1,"method":"one","params":[]}\n');
    const [answer] = await once(socket, "data") as [Buffer];
    socket.destroy();
    assert.equal(JSON.parse(String(answer)).result, "ünö");
  });

  test("the wheel is installed by a Windows pip", withPython, async () => {
    await using folder = await tempFolder({ "shop.json": CONTRACT });
    const target = TARGETS.find(({ triple }) => triple === "x86_64-pc-windows-msvc")!;
    const name = wheelName(target, VERSION);
    const text = { license: "", notices: "", readme: "" };
    const executable = await readFile(pyrpc);
    await writeFile(folder.at(name), wheel(target, { version: VERSION, executable, ...text }));
    const succeed = async (program: string, ...args: string[]) => {
      const { code, stdout, stderr } = await wine.run(program, args, { cwd: folder.path });
      assert.equal(code, 0, `${args.join(" ")}:\n${stdout}${stderr}`);
      return stdout;
    };
    const { path } = await windowsPython();
    // The interpreter under Wine has pip only as the wheel that makes environments, and Wine 8 ends a program that uses WMI.
    const pip = "import ensurepip, pathlib, runpy, sys\n" +
      "bundled = pathlib.Path(ensurepip.__file__).parent / '_bundled'\n" +
      "sys.modules['_wmi'] = None\n" +
      "sys.path.insert(0, str(next(bundled.glob('pip-*.whl'))))\n" +
      "runpy.run_module('pip', run_name='__main__')\n";
    await folder.write({ "pip_of_python.py": pip });
    const flags = [
      "--no-index",
      "--no-deps",
      "--disable-pip-version-check",
      "--ignore-installed",
      "--prefix",
      "environment",
    ];
    await succeed(path, "pip_of_python.py", "install", ...flags, name);
    assert.deepEqual(await readdir(folder.at("environment/Scripts")), ["pyrpc-toolkit.exe"]);
    const toolkit = windowsPath(folder.at("environment/Scripts/pyrpc-toolkit.exe"));
    assert.equal((await succeed(toolkit, "--version")).trim(), `pyrpc-toolkit ${VERSION}`);
    await succeed(toolkit, "dev", "--help");
    await succeed(toolkit, "codegen", "shop.json", "--out", "api.ts");
    assert.match(await readFile(folder.at("api.ts"), "utf8"), /one/);
  });

  test("the packed npm packages run on a Windows Node", withNode, async () => {
    const target = TARGETS.find(({ triple }) => triple === "x86_64-pc-windows-msvc")!;
    await using folder = await tempFolder({ "web/shop.json": CONTRACT, "web/package.json": "{}" });
    const built = [
      await cliPackage(folder.at("built"), [target]),
      await platformPackage(folder.at("built"), target, pyrpc, ""),
      await clientPackage(folder.at("built"), ""),
      await typesPackage(folder.at("built")),
      await aliasPackage(folder.at("built")),
    ];
    const web = folder.at("web");
    const node = await windowsNode();
    for (const packed of built) {
      const tarball = await npmPack(packed, folder.path);
      const { name } = JSON.parse(await readFile(join(packed, "package.json"), "utf8"));
      // Unpacked as npm does it: the registry and npm itself have no part in what is tested.
      const into = join(web, "node_modules", name);
      await mkdir(into, { recursive: true });
      // Relative names: Git's tar reads `C:` as the name of a host.
      const flags = ["-C", `web/node_modules/${name}`, "--strip-components=1"];
      const tar = await run("tar", ["-xf", basename(tarball), ...flags], { cwd: folder.path });
      assert.equal(tar.code, 0, tar.stderr);
    }
    for (const name of ["@pyrpc/cli", "pyrpc"]) {
      const start = (...args: string[]) =>
        wine.run(node, [`node_modules\\${name.replace("/", "\\")}\\bin\\pyrpc.js`, ...args], {
          cwd: web,
          printsToFiles: true,
          env: { NO_COLOR: "1" },
        });
      assert.equal((await start("--version")).stdout.trim(), `pyrpc-toolkit ${VERSION}`, name);
      const { code, stderr } = await start("codegen", "shop.json", "--out", "ü types/api.ts");
      assert.equal(code, 0, stderr);
      assert.equal((await start("codegen", "missing.json", "--out", "a.ts")).code, 3, name);
    }
    for (const name of ["@pyrpc/cli", "@pyrpc/client", "pyrpc"]) {
      for (const shim of await commandShims(join(web, "node_modules", name, "bin/pyrpc.js"))) {
        // In a file: a command line with quotes passes through Wine's loader and cmd changed.
        const run = async (line: string) => {
          await writeFile(
            join(web, "run.cmd"),
            `@echo off\r\n"${windowsPath(shim)}" ${line}\r\n`,
          );
          const PATH = win32.dirname(windowsPath(node));
          return await wine.run("cmd", ["/d", "/c", "run.cmd"], {
            cwd: web,
            printsToFiles: true,
            env: { NO_COLOR: "1", PATH },
          });
        };
        assert.equal((await run("--version")).stdout.trim(), `pyrpc-toolkit ${VERSION}`, shim);
        const written = await run('codegen shop.json --out "shim types\\a & b.ts"');
        assert.equal(written.code, 0, written.stderr);
        assert.match(await readFile(join(web, "shim types/a & b.ts"), "utf8"), /one/);
        assert.equal((await run("codegen missing.json --out a.ts")).code, 3, shim);
      }
    }
  });
});
