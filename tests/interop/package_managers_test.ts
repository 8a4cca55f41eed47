import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { chmod, lstat, readFile, writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import process from "node:process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { bunPath } from "../../scripts/bun.ts";
import { serveHttp } from "../support/http_server.ts";
import { documentOf } from "../support/contracts.ts";
import { requireTool } from "../support/external.ts";
import { freePort } from "../support/free_port.ts";
import { runCli } from "../support/run_cli.ts";
import { type TempFolder, tempFolder } from "../support/temp_folder.ts";
import { casesToRun } from "../support/verify.ts";
import { runTsc, strictOptions } from "../support/typescript.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const node = requireTool("node");
const npm = requireTool("npm");

interface Manager {
  readonly name: string;
  readonly skip: string | false;
  readonly files: Readonly<Record<string, string>>;
  readonly install: () => Promisable<readonly [command: string, ...args: string[]]>;
  /** The version by which a member of a workspace names another one. @default "workspace:*" */
  readonly memberVersion?: string;
}

type Promisable<Value> = Value | Promise<Value>;

const yarn = (linker: string): Manager => ({
  name: `yarn (${linker})`,
  skip: node.skip,
  files: {
    "yarn.lock": "",
    ".yarnrc.yml": `nodeLinker: ${linker}\nenableTelemetry: false\nenableGlobalCache: false\n` +
      `cacheFolder: ./.cache\nenableImmutableInstalls: false\n`,
  },
  install: () => [node.path, join(ROOT, "node_modules/@yarnpkg/cli-dist/bin/yarn.js"), "install"],
});

const MANAGERS: readonly Manager[] = [
  {
    name: "npm",
    skip: npm.skip,
    files: {},
    install: () => [npm.path, "install", "--offline", "--no-audit", "--no-fund"],
    memberVersion: "*",
  },
  {
    name: "pnpm",
    skip: node.skip,
    files: { ".npmrc": "store-dir=./.store\npackage-import-method=hardlink\nlockfile=true\n" },
    install: () => [
      node.path,
      join(ROOT, "node_modules/pnpm/bin/pnpm.cjs"),
      "install",
      "--offline",
      "--no-frozen-lockfile",
      "--config.confirmModulesPurge=false",
    ],
  },
  yarn("node-modules"),
  yarn("pnpm"),
  {
    name: "bun",
    skip: npm.skip,
    files: {},
    install: async () => [await bunPath(), "install"],
  },
];

/** `deno task verify packages` tests all. */
const TESTED = casesToRun(MANAGERS, ({ name }) => name === "npm" || name === "pnpm");

const TYPES = "node_modules/@pyrpc/types/src/index.ts";
const DOCUMENT = JSON.stringify(
  documentOf({ add: { parameters: [{ name: "a" }, { name: "b" }] } }),
);
const USE = `import type { Types } from "@pyrpc/types";
export const call: (rpc: Types) => Promise<unknown> = (rpc) => rpc.add(1, 2);
`;

const PACKAGES = {
  "one/package.json": `{ "name": "one", "version": "1.0.0" }`,
  "two/package.json": `{ "name": "two", "version": "1.0.0" }`,
  // Upstream's package of 0.6 before its first generation.
  "placeholder/package.json":
    `{ "name": "@pyrpc/types", "version": "0.6.3", "exports": { ".": "./src/index.ts" }, "files": ["src"] }`,
  "placeholder/src/index.ts": "// not generated yet\nexport type Types = Record<string, never>;\n",
};

async function project(
  manager: Manager,
  dependencies: Record<string, string>,
): Promise<TempFolder> {
  const folder = await tempFolder({ ...PACKAGES, ...manager.files, "use.ts": USE });
  await manifest(folder, { dependencies });
  for (const name of ["one", "two", "placeholder"]) {
    await promisify(execFile)(npm.path, ["pack", "--silent", `./${name}`], { cwd: folder.path });
  }
  return folder;
}

async function manifest(folder: TempFolder, members: object): Promise<void> {
  const present = JSON.parse(
    await readFile(folder.at("package.json"), "utf8").catch(() =>
      `{ "name": "app", "version": "1.0.0", "type": "module" }`
    ),
  );
  await writeFile(folder.at("package.json"), JSON.stringify({ ...present, ...members }, null, 2));
}

async function install(manager: Manager, folder: TempFolder, bin?: string): Promise<void> {
  const [command, ...args] = await manager.install();
  const path = `${bin === undefined ? "" : bin + delimiter}${process.env["PATH"]}`;
  try {
    await promisify(execFile)(command, args, {
      cwd: folder.path,
      env: { ...process.env, PATH: path, CI: "", npm_config_loglevel: "error" },
    });
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string };
    throw new Error(`${manager.name} install failed:\n${stdout}${stderr}`, { cause: error });
  }
}

async function assertCompiles(folder: TempFolder): Promise<void> {
  const { isolatedDeclarations: _, ...options } = strictOptions("5.9");
  assert.equal(await runTsc(folder.path, "5.9", { ...options, files: ["use.ts"] }), "");
}

const exists = (path: string) => lstat(path).then(() => true, () => false);

for (const manager of TESTED) {
  test(`${manager.name}: sync, install something else, sync again`, {
    skip: manager.skip || npm.skip,
  }, async () => {
    await using server = await serveHttp((_, response) => void response.end(DOCUMENT));
    await using folder = await project(manager, { one: "file:./one-1.0.0.tgz" });
    const sync = () => runCli(["sync", server.url], { cwd: folder.path });
    await install(manager, folder);
    assert.equal((await sync()).code, 0);
    await assertCompiles(folder);

    await manifest(folder, {
      dependencies: { one: "file:./one-1.0.0.tgz", two: "file:./two-1.0.0.tgz" },
    });
    await install(manager, folder);
    assert.equal(await exists(folder.at("node_modules/two/package.json")), true);
    const again = await sync();
    assert.equal(again.code, 0, again.block);
    await assertCompiles(folder);
    for (const name of ["one", "two"]) {
      assert.equal(await exists(folder.at("node_modules", name, "package.json")), true);
    }
    assert.match((await sync()).stderr, /nothing changed/);
  });

  test(`${manager.name}: an installed @pyrpc/types keeps its version, and the store its text`, {
    skip: manager.skip || npm.skip,
  }, async () => {
    await using server = await serveHttp((_, response) => void response.end(DOCUMENT));
    await using folder = await project(manager, { "@pyrpc/types": "file:./pyrpc-types-0.6.3.tgz" });
    await install(manager, folder);
    const stored = await lstat(folder.at("node_modules/@pyrpc/types"));
    const linkedTo = stored.isSymbolicLink() ? await storedText(folder) : undefined;
    const result = await runCli(["sync", server.url], { cwd: folder.path });
    assert.equal(result.code, 0, result.block);
    assert.doesNotMatch(result.stderr, /removes/);
    const written = JSON.parse(
      await readFile(folder.at("node_modules/@pyrpc/types/package.json"), "utf8"),
    );
    assert.equal(written.version, "0.6.3");
    await assertCompiles(folder);
    if (linkedTo !== undefined) {
      assert.equal(await readFile(linkedTo, "utf8"), PACKAGES["placeholder/src/index.ts"]);
    }
    await install(manager, folder);
    assert.equal((await runCli(["sync", server.url], { cwd: folder.path })).code, 0);
    await assertCompiles(folder);
  });
}

// The text of the file that the link leads to, in the store of the package manager.
async function storedText(folder: TempFolder): Promise<string> {
  const { realpath } = await import("node:fs/promises");
  return await realpath(folder.at(TYPES));
}

for (const manager of TESTED) {
  test(
    `${manager.name}: --save-script brings pruned types back, and a server that is away fails no installation`,
    {
      skip: manager.skip || npm.skip,
    },
    async () => {
      await using server = await serveHttp((_, response) => void response.end(DOCUMENT));
      await using folder = await project(manager, { one: "file:./one-1.0.0.tgz" });
      await using bin = await tempFolder();
      await writeFile(bin.at("pyrpc"), `#!/bin/sh\nexec ${toolCommand()} "$@"\n`);
      await chmod(bin.at("pyrpc"), 0o755);
      await install(manager, folder, bin.path);
      await writeFile(
        folder.at("pyrpc-client.json"),
        JSON.stringify({ distribution: "server", server_url: server.url }),
      );
      const saved = await runCli(["sync", "--save-script"], { cwd: folder.path });
      assert.equal(saved.code, 0, saved.block);
      await manifest(folder, {
        dependencies: { one: "file:./one-1.0.0.tgz", two: "file:./two-1.0.0.tgz" },
      });
      await install(manager, folder, bin.path);
      await assertCompiles(folder);

      await writeFile(
        folder.at("pyrpc-client.json"),
        JSON.stringify({
          distribution: "server",
          server_url: `http://127.0.0.1:${await freePort()}`,
        }),
      );
      await manifest(folder, { dependencies: { one: "file:./one-1.0.0.tgz" } });
      await install(manager, folder, bin.path);
    },
  );
}

for (const manager of TESTED) {
  test(
    `${manager.name}: members of a workspace share the types, before and after an installation`,
    {
      skip: manager.skip || npm.skip,
    },
    async () => {
      await using server = await serveHttp((_, response) => void response.end(DOCUMENT));
      const lib = manager.memberVersion ?? "workspace:*";
      const member = (name: string, dependencies: object) =>
        JSON.stringify({ name, version: "1.0.0", type: "module", dependencies });
      await using folder = await tempFolder({
        ...manager.files,
        "package.json": `{ "name": "root", "private": true, "workspaces": ["packages/*"] }`,
        ...manager.name === "pnpm" ? { "pnpm-workspace.yaml": `packages: ["packages/*"]\n` } : {},
        "packages/web/package.json": member("web", { lib }),
        "packages/web/use.ts": `import { shared } from "lib";\n${USE}export const both = shared;\n`,
        "packages/lib/package.json": JSON.stringify({
          name: "lib",
          version: "1.0.0",
          type: "module",
          exports: "./index.ts",
        }),
        "packages/lib/index.ts": "export const shared = 1;\n",
        "packages/more/package.json": member("more", {}),
      });
      await install(manager, folder);
      const { isolatedDeclarations: _, ...options } = strictOptions("5.9");
      await writeFile(
        folder.at("packages/web/tsconfig.json"),
        JSON.stringify({ compilerOptions: options, files: ["use.ts"] }),
      );
      const compiles = async () => {
        const synced = await runCli(["sync", server.url], { cwd: folder.at("packages/web") });
        assert.equal(synced.code, 0, synced.block);
        assert.equal(await runTsc(folder.at("packages/web"), "5.9"), "");
        return synced;
      };
      await compiles();
      await writeFile(folder.at("packages/more/package.json"), member("more", { lib }));
      await install(manager, folder);
      await compiles();
      assert.match((await compiles()).stderr, /nothing changed/);
    },
  );
}

test(
  "yarn (pnp): the alias layout, which is reported",
  { skip: node.skip || npm.skip },
  async () => {
    const manager = yarn("pnp");
    await using server = await serveHttp((_, response) => void response.end(DOCUMENT));
    await using folder = await project(manager, { one: "file:./one-1.0.0.tgz" });
    await install(manager, folder);
    assert.equal(await exists(folder.at("node_modules")), false);
    const { isolatedDeclarations: _, ...options } = strictOptions("5.9");
    await writeFile(
      folder.at("tsconfig.json"),
      `{\n  // The compiler.\n  "compilerOptions": ${
        JSON.stringify(options)
      },\n  "files": ["use.ts"]\n}\n`,
    );
    const result = await runCli(["sync", server.url], { cwd: folder.path });
    assert.equal(result.code, 0, result.block);
    assert.match(result.stderr, /Layout: alias \(\.pnp\.cjs: Yarn's Plug'n'Play/);
    assert.match(result.stderr, /import type \{ Types \} from "@pyrpc\/types"/);
    assert.equal(await exists(folder.at("node_modules")), false);
    assert.equal(await runTsc(folder.path, "5.9"), "");
  },
);

test(
  "npm pack of the package creates one that can be published and installed",
  { skip: npm.skip },
  async () => {
    await using server = await serveHttp((_, response) => void response.end(DOCUMENT));
    await using folder = await tempFolder({
      "package.json": `{ "type": "module" }`,
      "use.ts": USE.replace("@pyrpc/types", "@org/api-types"),
    });
    const args = [
      "sync",
      server.url,
      "--package-name",
      "@org/api-types",
      "--package-version",
      "1.4.0",
      "--client",
    ];
    const made = await runCli(args, { cwd: folder.path });
    assert.equal(made.code, 0, made.block);
    const run = (...args: string[]) => promisify(execFile)(npm.path, args, { cwd: folder.path });
    const { stdout } = await run("pack", "--json", "./node_modules/@org/api-types");
    const [packed] = JSON.parse(stdout) as [
      { filename: string; files: { path: string }[]; version: string },
    ];
    assert.equal(packed.version, "1.4.0");
    assert.deepEqual(packed.files.map(({ path }) => path).sort(), [
      "README.md",
      "package.json",
      "src/index.cjs",
      "src/index.d.cts",
      "src/index.d.ts",
      "src/index.js",
      "src/index.ts",
      "src/pyrpc-client.js",
      "src/pyrpc-client.ts",
    ]);
    await run("install", "--offline", "--no-audit", "--no-fund", `./${packed.filename}`);
    await assertCompiles(folder);
    const { isolatedDeclarations: _, ...options } = strictOptions("5.9");
    await writeFile(
      folder.at("both.ts"),
      `import { createClient } from "@org/api-types/client";
import { procedureKinds, type Types } from "@org/api-types";
export const call: () => Promise<unknown> = () => createClient<Types>({ baseUrl: "x" }).add(1, 2);
export const kind: "query" = procedureKinds.add;
`,
    );
    const errors = await runTsc(folder.path, "5.9", { ...options, files: ["both.ts"] });
    assert.equal(errors, "");
  },
);

function toolCommand(): string {
  const main = `"${join(ROOT, "main.ts")}"`;
  return process.versions["bun"] === undefined
    ? `"${process.execPath}" run -A --no-check --config "${join(ROOT, "deno.json")}" ${main}`
    : `"${process.execPath}" ${main}`;
}
