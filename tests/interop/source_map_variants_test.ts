// Runs under Deno only: it packs with a script of developers, who have Deno

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { mkdir, readFile } from "node:fs/promises";
import { test } from "node:test";
import { npmPack } from "../../scripts/release/npm_packages.ts";
import { run } from "../../scripts/project.ts";
import { requireTool } from "../support/external.ts";
import { serveHttp } from "../support/http_server.ts";
import { pythonEnvironment, pythonSkip } from "../support/python.ts";
import { runCli } from "../support/run_cli.ts";
import { type TempFolder, tempFolder } from "../support/temp_folder.ts";
import { casesToRun } from "../support/verify.ts";

const skip = pythonSkip();
const NOTE = /note: Go to definition cannot open Python from this layout; the package layout and/;
const MAIN = `from pyrpc_core import rpc


@rpc.query
def add(a: int, b: int = 1) -> int:
    return a + b
`;
const PACKAGE = "web/node_modules/@pyrpc/types/src/index.d.ts.map";

async function repository(): Promise<TempFolder> {
  return await tempFolder({
    "home/.git/HEAD": "",
    "home/main.py": MAIN,
    "home/web/package.json": "{}",
    "home/web/tsconfig.json": "{}",
    "home/web/main.py": MAIN,
  });
}

async function codegen(folder: TempFolder, cwd: string, ...args: string[]) {
  const { python } = await pythonEnvironment("shop-0.14");
  const env = { PATH: "/usr/bin:/bin", PYTHONDONTWRITEBYTECODE: "1" };
  const words = ["codegen", "main", "--python", python, ...args];
  return await runCli(words, { cwd: folder.at("home", cwd), env });
}

/** Arguments, the map, and true for a note about the layout. The working folder is `web` for packages. */
const VARIANTS: readonly (readonly [args: string[], map: string | undefined, isNoted: boolean])[] =
  [
    [["--out", "web/api.d.ts"], "web/api.d.ts.map", false],
    [["--out", "web/api.d.mts"], "web/api.d.mts.map", false],
    [["--out", "web/api.d.ts", "--no-source-map"], undefined, false],
    [["--out", "web/api.ts"], undefined, true],
    [["--out", "web/api.ts", "--no-source-map"], undefined, false],
    [["--out", "../elsewhere/api.d.ts"], undefined, false],
    [["--layout", "package"], PACKAGE, false],
    [["--layout", "package", "--package-version", "1.0.0"], undefined, false],
    [["--layout", "package", "--out", "types"], undefined, false],
    [["--layout", "alias"], undefined, true],
  ];

test("codegen lists the map with --dry-run and --json, and writes it where it can have one", {
  skip,
}, async () => {
  const inGate = (args: readonly string[]) => /^--out web\/api\.(d\.)?ts$/.test(args.join(" "));
  for (const [args, map, isNoted] of casesToRun(VARIANTS, ([args]) => inGate(args))) {
    await using folder = await repository();
    const cwd = args.includes("--layout") ? "web" : ".";
    const dry = await codegen(folder, cwd, ...args, "--json", "--dry-run");
    const written = await codegen(folder, cwd, ...args, "--json");
    const again = await codegen(folder, cwd, ...args, "--json");
    const title = args.join(" ");
    for (
      const [{ code, stdout, stderr, block }, state] of [
        [dry, "create"],
        [written, "create"],
        [again, "same"],
      ] as const
    ) {
      assert.equal(code, 0, block);
      const listed = JSON.parse(stdout).files
        .filter(({ path }: { path: string }) => path.endsWith(".map"));
      const wanted = map === undefined ? [] : [{ path: folder.at("home", map), state }];
      assert.deepEqual(listed, wanted, title);
      assert.equal(NOTE.test(stderr), isNoted, `${title}\n${stderr}`);
    }
    assert.equal(dry.stderr.includes(".map ("), map !== undefined, title);
    assert.deepEqual(Object.keys(dry.files), [], title);
    const found = await run("find", [folder.path, "-name", "*.map"]);
    const wanted = map === undefined ? [] : [folder.at("home", map)];
    assert.deepEqual(found.stdout.split("\n").filter(Boolean), wanted, title);
    const check = args.filter((word) => word !== "--no-source-map");
    assert.equal((await codegen(folder, cwd, ...check, "--check")).code, 0, title);
  }
});

test("a map changes neither the types nor what any comparison reports", { skip }, async () => {
  await using folder = await repository();
  const at = (path: string) => folder.at("home", path);
  const out = ["--out", "web/api.d.ts"];
  assert.equal((await codegen(folder, ".", ...out)).code, 0);
  const text = await readFile(at("web/api.d.ts"), "utf8");
  assert.doesNotMatch(text, /sourceMappingURL|@see/);
  const { python } = await pythonEnvironment("shop-0.14");
  const pulled = await runCli(["pull", "main", "--python", python], {
    cwd: at("."),
    env: { PATH: "/usr/bin:/bin", PYTHONDONTWRITEBYTECODE: "1" },
  });
  assert.equal(pulled.code, 0, pulled.block);
  assert.doesNotMatch(pulled.stdout, /main\.py/);
  await using server = await serveHttp((_, response) => void response.end(pulled.stdout));
  const fromUrl = (...args: string[]) =>
    runCli(["codegen", server.url, ...out, ...args], { cwd: at(".") });
  assert.equal((await fromUrl("--check")).code, 0);
  // A URL has no positions, and those of an earlier run may be wrong.
  const dry = await fromUrl("--dry-run");
  assert.match(dry.stderr, /remove {4}\S+web\/api\.d\.ts\.map\n/);
  assert.ok(existsSync(at("web/api.d.ts.map")));
  assert.equal((await fromUrl()).code, 0);
  assert.equal(existsSync(at("web/api.d.ts.map")), false);
  assert.equal(await readFile(at("web/api.d.ts"), "utf8"), text);
});

const npm = requireTool("npm");

test("npm packs no map, also of a package that dev or codegen wrote for the workspace", {
  skip: skip || npm.skip,
}, async () => {
  await using folder = await repository();
  assert.equal((await codegen(folder, "web", "--layout", "package")).code, 0);
  assert.ok(existsSync(folder.at("home", PACKAGE)));
  await mkdir(folder.at("packed"));
  const types = folder.at("home/web/node_modules/@pyrpc/types");
  const tarball = await npmPack(types, folder.at("packed"));
  const { stdout } = await run("tar", ["-xzvOf", tarball]);
  assert.match(stdout, /export type Types/);
  assert.doesNotMatch(stdout, /main\.py|mappings/);
  const { stdout: names, stderr } = await run("tar", ["-tzf", tarball]);
  assert.match(names, /package\/src\/index\.d\.ts\n/, stderr);
  assert.doesNotMatch(names, /\.map/);
});
