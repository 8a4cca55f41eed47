import assert from "node:assert/strict";
import { symlinkSync } from "node:fs";
import { mkdir, readFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { dirname } from "node:path";
import { test } from "node:test";
import { declarationText, generateTypes } from "../../lib/codegen/mod.ts";
import { loadProject } from "../../lib/project/mod.ts";
import { deliverToEach, type Freshness, targetsOfProject } from "../../lib/delivery/mod.ts";
import { parseContract } from "../../lib/contract/mod.ts";
import { documentOf, type ProcedureInit } from "../support/contracts.ts";
import { runCli } from "../support/run_cli.ts";
import { type TempFolder, tempFolder } from "../support/temp_folder.ts";

type Procedures = Record<string, ProcedureInit>;

const SHOP: Procedures = {
  add: { parameters: [{ name: "a" }], result: { type: "integer" } },
  item: {
    result: { title: "Item", type: "object", properties: { id: { type: "integer" } } },
  },
};
const ACCOUNTS: Procedures = { get_user: { result: { type: "string" } } };
const OLD: Procedures = { add: { parameters: [{ name: "a" }], result: { type: "string" } } };

const textOf = (procedures: Procedures) =>
  generateTypes(parseContract(documentOf(procedures), { where: "test" })).text;

const GENERATED = textOf(SHOP);
const PLACEHOLDER = "// Placeholder\nexport type Types = Record<string, never>;\n";
const CONFLICT = GENERATED.replace(
  "export type Types",
  "<<<<<<< ours\n=======\n>>>>>>> theirs\nexport type Types",
);
const MANIFEST = "node_modules/@pyrpc/types/package.json";
const PACKAGE = "node_modules/@pyrpc/types/src/index.ts";
const ALIAS_CONFIG = (file: string) =>
  JSON.stringify({ compilerOptions: { paths: { "@pyrpc/types": [`./${file}`] } } });

/** One project, and the state of its types that every command has to find. */
interface Project {
  readonly name: string;
  /** `server`: `pyrpc-client.json` is in `web`; `workspace`: `backend/pyrpc.json` names it. */
  readonly distribution: "server" | "workspace";
  /** Members of `pyrpc-client.json` or `pyrpc.json` besides the distribution. */
  readonly config?: (urls: { shop: string; accounts: string }) => object;
  /** Files, by their path in the folder of both. `shop` is made by sync itself where it is `synced`. */
  readonly files?: Readonly<Record<string, string>>;
  /** Runs a sync (or a delivery of dev) first. */
  readonly synced?: boolean;
  readonly prepare?: (folder: TempFolder) => Promise<void> | void;
  /** Flags that give codegen the same target; undefined where it has none for it. */
  readonly codegen?: readonly string[];
  /** The state of each target. */
  readonly states: readonly Freshness[];
}

const PROJECTS: readonly Project[] = [
  {
    name: "server: synced",
    distribution: "server",
    synced: true,
    codegen: [],
    states: ["current"],
  },
  { name: "server: nothing yet", distribution: "server", codegen: [], states: ["missing"] },
  {
    name: "server: file target, synced",
    distribution: "server",
    config: () => ({ target: "src/api.ts" }),
    synced: true,
    codegen: ["--out", "src/api.ts"],
    states: ["current"],
  },
  {
    name: "server: truncated file",
    distribution: "server",
    config: () => ({ target: "src/api.ts" }),
    files: { "web/src/api.ts": GENERATED.slice(0, -100) },
    codegen: ["--out", "src/api.ts"],
    states: ["truncated"],
  },
  {
    name: "server: merge conflict",
    distribution: "server",
    config: () => ({ target: "src/api.ts" }),
    files: { "web/src/api.ts": CONFLICT },
    codegen: ["--out", "src/api.ts"],
    states: ["conflicted"],
  },
  {
    name: "server: file of an older contract",
    distribution: "server",
    config: () => ({ target: "src/api.ts" }),
    files: { "web/src/api.ts": textOf(OLD) },
    codegen: ["--out", "src/api.ts"],
    states: ["stale"],
  },
  {
    name: "server: a file that others wrote",
    distribution: "server",
    config: () => ({ target: "src/api.ts" }),
    files: { "web/src/api.ts": "export const x = 1;\n" },
    codegen: ["--out", "src/api.ts"],
    states: ["foreign"],
  },
  {
    name: "server: declaration file",
    distribution: "server",
    config: () => ({ target: "src/api.d.ts" }),
    files: { "web/src/api.d.ts": declarationText(GENERATED) },
    codegen: ["--out", "src/api.d.ts"],
    states: ["current"],
  },
  {
    name: "server: declaration file, truncated",
    distribution: "server",
    config: () => ({ target: "src/api.d.ts" }),
    files: { "web/src/api.d.ts": declarationText(GENERATED).slice(0, -80) },
    codegen: ["--out", "src/api.d.ts"],
    states: ["truncated"],
  },
  {
    name: "server: named package, synced",
    distribution: "server",
    config: () => ({ target: "@org/api-types" }),
    synced: true,
    codegen: ["--package-name", "@org/api-types"],
    states: ["current"],
  },
  {
    name: "server: placeholder package",
    distribution: "server",
    files: { [`web/${PACKAGE}`]: PLACEHOLDER, [`web/${MANIFEST}`]: `{"name":"@pyrpc/types"}` },
    codegen: [],
    states: ["placeholder"],
  },
  {
    name: "server: package without its manifest",
    distribution: "server",
    files: { [`web/${PACKAGE}`]: GENERATED },
    codegen: [],
    states: ["stale"],
  },
  {
    name: "server: alias, synced",
    distribution: "server",
    files: { "web/tsconfig.json": ALIAS_CONFIG("__pyrpc.ts") },
    synced: true,
    codegen: [],
    states: ["current"],
  },
  {
    name: "server: Plug'n'Play, file there, alias missing",
    distribution: "server",
    files: { "web/.pnp.cjs": "", "web/tsconfig.json": "{}", "web/__pyrpc.ts": GENERATED },
    codegen: [],
    states: ["stale"],
  },
  {
    name: "server: two backends with one client, nothing yet",
    distribution: "server",
    config: twoServers,
    states: ["missing", "missing"],
  },
  {
    name: "server: two backends with one client, synced",
    distribution: "server",
    config: twoServers,
    synced: true,
    states: ["current", "current"],
  },
  {
    name: "server: two backends with one client, one stale",
    distribution: "server",
    config: twoServers,
    files: { "web/src/shop.ts": GENERATED, "web/src/accounts.ts": textOf(OLD) },
    states: ["current", "stale"],
  },
  {
    name: "server: two backends with Plug'n'Play, synced",
    distribution: "server",
    config: (urls) => ({
      servers: [
        { name: "shop", server_url: urls.shop },
        { name: "accounts", server_url: urls.accounts },
      ],
    }),
    files: { "web/.pnp.cjs": "", "web/tsconfig.json": "{}" },
    synced: true,
    states: ["current", "current"],
  },
  {
    name: "server: client file beside the types, changed",
    distribution: "server",
    config: () => ({ target: "src/api.ts" }),
    files: {
      "web/src/api.ts": GENERATED,
      "web/src/pyrpc-client.ts":
        '// The client of pyRPC, written by "pyrpc codegen --client".\nold\n',
    },
    codegen: ["--out", "src/api.ts"],
    states: ["current"],
  },
  {
    name: "server: no package.json",
    distribution: "server",
    files: { "web/package.json": "" },
    synced: true,
    states: ["current"],
  },
  {
    name: "server: link into a store",
    distribution: "server",
    files: { "store/src/index.ts": GENERATED, "store/package.json": `{"name":"@pyrpc/types"}` },
    async prepare(folder) {
      await mkdir(folder.at("web/node_modules/@pyrpc"), { recursive: true });
      symlinkSync(folder.at("store"), folder.at("web/node_modules/@pyrpc/types"));
    },
    codegen: [],
    states: ["stale"],
  },
  {
    name: "server: hoisted workspaces, synced",
    distribution: "server",
    files: {
      "package.json": `{"workspaces":["web"]}`,
      "node_modules/x/package.json": "{}",
    },
    synced: true,
    codegen: [],
    states: ["current"],
  },
  { name: "workspace: nothing yet", distribution: "workspace", codegen: [], states: ["missing"] },
  {
    name: "workspace: delivered",
    distribution: "workspace",
    synced: true,
    codegen: [],
    states: ["current"],
  },
  {
    name: "workspace: truncated",
    distribution: "workspace",
    files: { [`web/${PACKAGE}`]: GENERATED.slice(0, -100), [`web/${MANIFEST}`]: "{}" },
    codegen: [],
    states: ["truncated"],
  },
  {
    name: "workspace: no package.json, one in a folder above",
    distribution: "workspace",
    files: { "web/package.json": "", "package.json": "{}" },
    synced: true,
    states: ["current"],
  },
  {
    name: "workspace: alias layout",
    distribution: "workspace",
    files: { "web/tsconfig.json": ALIAS_CONFIG("__pyrpc.ts") },
    synced: true,
    codegen: [],
    states: ["current"],
  },
  {
    name: "workspace: hoisted",
    distribution: "workspace",
    files: {
      "package.json": `{"workspaces":["web"]}`,
      "node_modules/x/package.json": "{}",
    },
    synced: true,
    codegen: [],
    states: ["current"],
  },
];

function twoServers(urls: { shop: string; accounts: string }): object {
  return {
    servers: [
      { name: "shop", server_url: urls.shop, target: "src/shop.ts" },
      { name: "accounts", server_url: urls.accounts, target: "src/accounts.ts" },
    ],
  };
}

async function serve(procedures: Procedures) {
  const body = JSON.stringify(documentOf(procedures));
  const server = createServer((_request, response) => {
    response.setHeader("content-type", "application/json").end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

type Urls = { shop: string; accounts: string };

async function makeProject(project: Project, urls: Urls): Promise<TempFolder> {
  const more = project.config?.(urls) ?? {};
  const files: Record<string, string> = { "web/package.json": "{}", ...project.files };
  if (project.distribution === "server") {
    const server = "servers" in more ? {} : { server_url: urls.shop };
    files["web/pyrpc-client.json"] = JSON.stringify({
      distribution: "server",
      ...server,
      ...more,
    });
  } else {
    files["backend/pyrpc.json"] = JSON.stringify({
      version: 1,
      framework: "asgi",
      entrypoint: "app",
      distribution: "workspace",
      client_root: "../web",
      ...more,
    });
    files["backend/app.py"] = "";
    files["backend/schema.json"] = JSON.stringify(documentOf(SHOP));
  }
  const kept = Object.entries(files).filter(([path, text]) =>
    text !== "" || !path.endsWith("package.json")
  );
  const folder = await tempFolder(Object.fromEntries(kept));
  await mkdir(folder.at("web"), { recursive: true });
  await project.prepare?.(folder);
  if (project.synced) {
    if (project.distribution === "server") {
      const { code, block } = await runCli(["sync"], { cwd: folder.at("web") });
      assert.equal(code, 0, block);
    } else await dev(folder);
  }
  return folder;
}

const env = { PATH: "" };

// The states that a command found, by its messages.
const MESSAGES: readonly (readonly [RegExp, Freshness])[] = [
  [/not installed|file is missing/, "missing"],
  [/placeholder/, "placeholder"],
  [/not written by pyrpc/, "foreign"],
  [/merge conflicts/, "conflicted"],
  [/incomplete/, "truncated"],
  [/out of date|not up to date/, "stale"],
  [/is current/, "current"],
];

const stateOf = (message: string): Freshness => {
  const found = MESSAGES.find(([pattern]) => pattern.test(message));
  assert.ok(found, message);
  return found[1];
};

async function statesOfCheck(cwd: string, args: readonly string[]): Promise<Freshness[]> {
  const { stdout, block } = await runCli(["check", "--json", ...args], { cwd, env });
  assert.notEqual(stdout, "", block);
  const { findings } = JSON.parse(stdout) as { findings: { message: string }[] };
  return findings.map(({ message }) => stateOf(message));
}

async function statesOfDoctor(cwd: string, args: readonly string[]): Promise<Freshness[]> {
  const { stdout } = await runCli(["doctor", "--json", ...args], { cwd, env });
  const { findings } = JSON.parse(stdout) as {
    findings: { check: string; status: string; message: string }[];
  };
  return findings.filter(({ check }) => check === "types").map(({ status, message }) => {
    const state = stateOf(message);
    assert.equal(status, state === "current" ? "ok" : "broken");
    return state;
  });
}

async function isCurrent(args: readonly string[], cwd: string): Promise<boolean> {
  const { code, stderr, block } = await runCli([...args, "--check"], { cwd });
  assert.ok(code === 0 || code === 1 || /was not written by pyrpc/.test(stderr), block);
  return code === 0;
}

async function dev(folder: TempFolder): Promise<boolean> {
  const path = folder.at("backend/pyrpc.json");
  const state = await loadProject({ cwd: dirname(path), env, path });
  assert.ok(state.kind === "ready");
  const text = await readFile(folder.at("backend/schema.json"), "utf8");
  const generated = generateTypes(parseContract(JSON.parse(text), { where: "test" }));
  const deliveries = deliverToEach(targetsOfProject(state.project), () => generated);
  for (const { error } of deliveries) assert.equal(error, undefined);
  return deliveries.every(({ state }) => state === "same");
}

for (const project of PROJECTS) {
  test(`codegen, sync, dev, check and doctor agree about ${project.name}`, async () => {
    await using shop = await serve(SHOP);
    await using accounts = await serve(ACCOUNTS);
    const urls = { shop: shop.url, accounts: accounts.url };
    await using folder = await makeProject(project, urls);
    const { states } = project;
    const wanted = states.every((state) => state === "current");
    const web = folder.at("web");
    const isServer = project.distribution === "server";
    const cwd = isServer ? web : folder.at("backend");

    const found = states.filter((state) => state !== "current");
    assert.deepEqual(await statesOfCheck(cwd, isServer ? [] : ["schema.json"]), found, "check");
    const args = isServer ? [] : ["--server-url", urls.shop];
    assert.deepEqual(await statesOfDoctor(cwd, args), states, "doctor");
    if (project.codegen !== undefined) {
      const args = ["codegen", urls.shop, ...project.codegen];
      assert.equal(await isCurrent(args, web), wanted, "codegen");
    }
    if (isServer) assert.equal(await isCurrent(["sync"], web), wanted, "sync");
    else assert.equal(await dev(folder), wanted, "dev");
    if (states.includes("foreign")) return;

    // All other commands find current what one command delivers.
    if (isServer) assert.equal((await runCli(["sync"], { cwd: web })).code, 0);
    assert.deepEqual(await statesOfCheck(cwd, isServer ? [] : ["schema.json"]), []);
    const again = await statesOfDoctor(cwd, args);
    assert.deepEqual(new Set(again), new Set(["current"]));
    assert.equal(again.length, states.length);
  });
}
