// Runs under Deno only: it tests a script of developers, who have Deno

import assert from "node:assert/strict";
import { once } from "node:events";
import { spawn } from "node:child_process";
import { mkdir, readFile, rm } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { bunPath } from "../../scripts/bun.ts";
import { type Finished, ROOT, run } from "../../scripts/project.ts";
import {
  aliasPackage,
  clientPackage,
  npmPack,
  serverPackage,
  typesPackage,
} from "../../scripts/release/npm_packages.ts";
import { pyrpcProtocol, RpcDispatcher } from "../../lib/rpc/mod.ts";
import { serveNats } from "../../lib/server/mod.ts";
import { OLDEST_NODE, VERSION } from "../../lib/version.ts";
import { chromiumSkip, startChromium } from "../support/chromium.ts";
import { denoPath } from "../support/engines.ts";
import { requireTool } from "../support/external.ts";
import { serveFolder } from "../support/file_server.ts";
import { natsSkip, startNats } from "../support/nats.ts";
import { pythonSkip, startShop } from "../support/python.ts";
import { type TempFolder, tempFolder } from "../support/temp_folder.ts";
import { startTerminal, tmuxSkip } from "../support/tmux.ts";
import { runTsc, strictOptions } from "../support/typescript.ts";

const node = requireTool("node");
const npm = requireTool("npm");

const SCHEMA = await readFile(join(ROOT, "tests/fixtures/shop.schema.json"), "utf8");
const USE = `import { createClient, httpBatchLink, PyRPCError } from "@pyrpc/client";
import type { ProcedureArguments, Types } from "@pyrpc/types";

export type AnyArguments = ProcedureArguments<Types[keyof Types]>;
export async function total(url: string): Promise<number> {
  const rpc = createClient<Types>({ links: [httpBatchLink({ url })], timeout: 10_000 });
  const [sum, range]: [number, [number, number]] = await Promise.all([rpc.add(1, 2), rpc.price_range("A-1")]);
  // @ts-expect-error: procedures that there are not do not compile
  await rpc.no_such(1).catch((error: unknown) => { if (!(error instanceof PyRPCError)) throw error; });
  return sum + range.length;
}
`;
const CALL = `import { createClient, PyRPCError } from "@pyrpc/client";
const rpc = createClient({ baseUrl: process.argv[2] });
const failure = await rpc.no_such().catch((error) => error instanceof PyRPCError && error.code);
console.log(JSON.stringify([await rpc.add(1, 2), await rpc.add({ a: 3, b: 4 }), failure]));
`;

const TESTING = `import { type Client, createClient, PyRPCError } from "@pyrpc/client";
import { createFake, createMock, type Mock } from "@pyrpc/client/testing";

type Types = { add: (...args: [a: number, b: number] | [params: { a: number; b: number }]) => Promise<number> };
export const mock: Mock<Types> = createMock<Types>({}, { seed: "a", handlers: { add: (a, b) => a + b } });
export const rpc: Client<Types> = createClient<Types>({ baseUrl: "http://x", fetch: mock.fetch });
export const sum: Promise<number> = mock.client.add(1, 2);
export const fake: Client<Types> = createFake<Types>({
  add: (a, b) => {
    if (a === b) throw new PyRPCError(1, "same");
    return a + b;
  },
});
// @ts-expect-error: a wrong result
createFake<Types>({ add: () => "x" });
// @ts-expect-error: a wrong result of a handler
createMock<Types>({}, { handlers: { add: () => "x" } });
// @ts-expect-error: a handler of no procedure
createMock<Types>({}, { handlers: { "not.listed": () => 1 } });
export const untyped: Promise<unknown> = createFake({ other: (a: number) => a })["other"]?.(1) ?? sum;
`;
const TESTING_CALL = `import { createFake, createMock } from "@pyrpc/client/testing";
const integer = { type: "integer" };
const parameters = ["a", "b"].map((name) => ({ name, schema: integer, required: true }));
const mock = createMock({ add: { parameters, return_schema: integer } }, { examples: { add: { result: 3 } } });
console.log(JSON.stringify([
  await mock.client.add(1, 2),
  await createFake({ add: (a, b) => a * b }).add({ b: 4, a: 3 }),
]));
`;

const NATS = `import { createClient } from "@pyrpc/client";
import { type NatsLinkOptions, natsBatchLink, natsLink } from "@pyrpc/client/nats";
import type { connect } from "@nats-io/transport-node";

type Api = { add(a: number, b: number): Promise<number> };
// The real library's connection is one that the link takes.
export async function sum(open: typeof connect): Promise<number> {
  const connection = await open({ servers: "127.0.0.1" });
  const options: NatsLinkOptions = { connection, subject: "shop", timeout: 1000 };
  const one = createClient<Api>({ links: [natsLink(options)] });
  const all = createClient<Api>({ links: [natsBatchLink({ ...options, maxItems: 3 })] });
  // @ts-expect-error: there is no connection
  natsLink({ subject: "shop" });
  return await one.add(1, 2) + await all.add(3, 4);
}
`;
const NATS_CALL = `import { createClient, PyRPCError } from "@pyrpc/client";
import { natsLink, NO_RESPONDERS } from "@pyrpc/client/nats";
import { connect } from "@nats-io/transport-node";
const connection = await connect({ servers: process.argv[2] });
const at = (subject) => createClient({ links: [natsLink({ connection, subject })] });
const nobody = await at("nobody").add().catch((error) => error instanceof PyRPCError && error.code === NO_RESPONDERS);
console.log(JSON.stringify([await at("shop").add(1, 2), nobody]));
await connection.close();
`;

describe("npm packages, packed and installed into a fresh project", { skip: npm.skip }, () => {
  let folder: TempFolder;
  const npx = (args: readonly string[], env = {}): Promise<Finished> =>
    run(npm.path, ["exec", "--offline", "--", "pyrpc", ...args], {
      cwd: folder.at("app"),
      env: { NO_COLOR: "1", npm_config_loglevel: "error", CI: undefined, ...env },
    });

  before(async () => {
    folder = await tempFolder({
      "app/package.json":
        `{ "name": "app", "version": "1.0.0", "type": "module", "private": true }`,
      "app/use.ts": USE,
      "app/call.mjs": CALL,
      "app/testing.ts": TESTING,
      "app/testing.mjs": TESTING_CALL,
      "app/nats.ts": NATS,
      "app/nats.mjs": NATS_CALL,
    });
    await mkdir(folder.at("packed"));
    const tarballs: string[] = [];
    for (
      const made of [
        await typesPackage(folder.path),
        await clientPackage(folder.path, "notices"),
        await serverPackage(folder.path),
      ]
    ) tarballs.push(await npmPack(made, folder.at("packed")));
    const { code, stdout, stderr } = await run(
      npm.path,
      ["install", "--no-audit", "--no-fund", ...tarballs],
      { cwd: folder.at("app"), env: { npm_config_loglevel: "error", CI: undefined } },
    );
    assert.equal(code, 0, stdout + stderr);
    assert.equal(stderr, "", "no warnings");
  });
  after(() => folder?.[Symbol.asyncDispose]());

  test("@pyrpc/client has the tool under both names, needs no install script, and writes nothing", async () => {
    assert.equal((await npx(["--version"])).stdout, `pyrpc-toolkit ${VERSION}\n`);
    const second = await run(npm.path, ["exec", "--offline", "--", "pyrpc-toolkit", "version"], {
      cwd: folder.at("app"),
    });
    assert.equal(second.stdout, `pyrpc-toolkit ${VERSION}\n`, second.stderr);
    const manifest = await readFile(
      folder.at("app/node_modules/@pyrpc/client/package.json"),
      "utf8",
    );
    const { scripts, engines } = JSON.parse(manifest);
    assert.deepEqual([scripts, engines], [undefined, { node: `>=${OLDEST_NODE}` }]);
    await assert.rejects(readFile(folder.at("app/pyrpc-client.json")), /ENOENT/);
  });

  test("the package pyrpc starts exactly this version of @pyrpc/client, and is published first", async () => {
    await mkdir(folder.at("other"));
    const made = await aliasPackage(folder.path);
    const { dependencies } = JSON.parse(await readFile(join(made, "package.json"), "utf8"));
    assert.deepEqual(dependencies, { "@pyrpc/client": VERSION });
    const tarballs = [folder.at("pyrpc"), folder.at("@pyrpc/client"), folder.at("@pyrpc/types")];
    const packed = await Promise.all(
      tarballs.map((package_) => npmPack(package_, folder.at("other"))),
    );
    const cwd = folder.at("other");
    const installed = await run(
      npm.path,
      ["install", "--offline", "--no-audit", "--no-fund", ...packed],
      { cwd, env: { npm_config_loglevel: "error", CI: undefined } },
    );
    assert.equal(installed.code, 0, installed.stderr);
    const program = join(cwd, "node_modules/pyrpc/bin/pyrpc.js");
    assert.equal(
      (await run(node.path, [program, "--version"])).stdout,
      `pyrpc-toolkit ${VERSION}\n`,
    );
    const failed = await run(node.path, [program, "sync"], { cwd, env: { NO_COLOR: "1" } });
    assert.match(failed.stderr, /: npx pyrpc sync --server-url /);
    const workflow = await readFile(join(ROOT, ".github/workflows/release.yml"), "utf8");
    const [first] = workflow.match(/dist\/npm\/\S+\.tgz/g) ?? [];
    assert.equal(first, "dist/npm/pyrpc-[0-9]*.tgz");
  });

  test("the placeholder @pyrpc/types loads in Node from ES modules and CommonJS", async () => {
    const cwd = folder.at("app");
    for (
      const program of [
        `import { procedureKinds } from "@pyrpc/types"; console.log(procedureKinds)`,
        `import { createRequire } from "node:module"; console.log(createRequire(import.meta.url)("@pyrpc/types").procedureKinds)`,
      ]
    ) {
      const loaded = await run(node.path, ["--input-type=module", "-e", program], { cwd });
      assert.equal(loaded.stdout, "{}\n", loaded.stderr);
    }
  });

  test("npx pyrpc sync without a terminal writes nothing and names the flag", async () => {
    const { code, stdout, stderr } = await npx(["sync"], { CI: "true" });
    assert.deepEqual([code, stdout], [2, ""]);
    assert.match(stderr, /pyrpc sync --server-url/);
    await assert.rejects(readFile(folder.at("app/pyrpc-client.json")), /ENOENT/);
  });

  test("npx pyrpc sync fetches the types of a real server; tsc and a call from Node agree", {
    skip: pythonSkip(),
  }, async () => {
    await using shop = await startShop("fastapi");
    const synced = await npx(["sync", "--server-url", shop.url]);
    assert.equal(synced.code, 0, synced.stderr);
    const { isolatedDeclarations: _, ...options } = strictOptions("5.9");
    const problems = await runTsc(folder.at("app"), "5.9", {
      ...options,
      lib: ["ES2022", "DOM"],
      files: ["use.ts"],
    });
    assert.equal(problems, "");
    const called = await run(node.path, ["call.mjs", shop.url], { cwd: folder.at("app") });
    assert.equal(called.stdout, "[3,7,-32601]\n", called.stderr);
    assert.equal((await npx(["sync", "--server-url", shop.url, "--check"])).code, 0);
  });

  test("@pyrpc/client/testing has types without the DOM, and fails under the condition production", async () => {
    const { isolatedDeclarations: _, ...strict } = strictOptions("5.9");
    const options = { ...strict, lib: ["ES2022"], files: ["testing.ts"] };
    assert.equal(await runTsc(folder.at("app"), "5.9", options), "");
    const cwd = folder.at("app");
    const called = await run(node.path, ["testing.mjs"], { cwd });
    assert.equal(called.stdout, "[3,12]\n", called.stderr);
    const failed = await run(node.path, ["--conditions=production", "testing.mjs"], { cwd });
    assert.match(failed.stderr, /@pyrpc\/client\/testing is for tests and must not be part/);
    assert.equal(failed.code, 1);
  });

  test("@pyrpc/client/nats accepts a connection of the real library, in types and in deed", {
    skip: natsSkip,
  }, async () => {
    // @pyrpc/server brings the library along.
    const { isolatedDeclarations: _, ...options } = strictOptions("5.9");
    const problems = await runTsc(folder.at("app"), "5.9", {
      ...options,
      skipLibCheck: true,
      lib: ["ES2022", "DOM"],
      files: ["nats.ts"],
    });
    assert.equal(problems, "");
    await using nats = await startNats();
    const listener = await serveNats(
      { server: nats.address, secure: false, subject: "shop", queue: "pyrpc" },
      {
        protocol: pyrpcProtocol,
        dispatcher: new RpcDispatcher().addMethod((a: number, b: number) => a + b, "add"),
      },
    );
    const called = await run(node.path, ["nats.mjs", nats.address], { cwd: folder.at("app") });
    await listener.close();
    assert.equal(called.stdout, "[3,true]\n", called.stderr);
  });

  for (const name of ["pyrpc", "pyrpc-toolkit"]) {
    test(
      `the first ${name} on a terminal asks, writes pyrpc-client.json, and goes on; never again`,
      {
        skip: tmuxSkip,
      },
      async () => {
        await using server = await serveFolder(folder.path, (path, response) => {
          if (path !== "/rpc") return false;
          response.setHeader("content-type", "application/json").end(SCHEMA);
          return true;
        });
        const config = folder.at("app/pyrpc-client.json");
        await rm(config, { force: true });
        await mkdir(folder.at("app/src"), { recursive: true });
        const program = [node.path, folder.at("app/node_modules/.bin", name)];
        {
          await using terminal = await startTerminal(program, folder.at("app/src"));
          await terminal.screenWith("How are types distributed?");
          await terminal.press("Enter");
          await terminal.screenWith("Server URL");
          await terminal.press(server.url, "Enter");
          const screen = await terminal.screenWith("EXIT:");
          assert.match(screen, /Types synced: 12 procedures/);
          assert.match(screen, /EXIT:0/);
        }
        const written = await readFile(config, "utf8");
        assert.equal(JSON.parse(written).server_url, server.url);
        await using terminal = await startTerminal(
          [...program, "config"],
          folder.at("app/node_modules"),
        );
        assert.doesNotMatch(await terminal.screenWith("EXIT:"), /How are types/);
        assert.equal(await readFile(config, "utf8"), written);
        await rm(config);
      },
    );
  }

  const yarn = [node.path, join(ROOT, "node_modules/@yarnpkg/cli-dist/bin/yarn.js")];
  const managers: Readonly<
    Record<string, { command?: readonly string[]; exec?: string; linker?: string }>
  > = {
    pnpm: { command: [node.path, join(ROOT, "node_modules/pnpm/bin/pnpm.cjs")] },
    "yarn-pnpm": { command: yarn, linker: "pnpm" },
    "yarn-node-modules": { command: yarn, linker: "node-modules" },
    "yarn-pnp": { command: yarn, linker: "pnp" },
    bun: { exec: "x" },
  };
  for (const [name, { command, exec = "exec", linker = "" }] of Object.entries(managers)) {
    test(`${name} installs @pyrpc/client; its pyrpc syncs, the types compile and the client loads`, async () => {
      const at = (path = "") => folder.at(name, path);
      const packed = (part: string) =>
        `file:${folder.at("packed", `pyrpc-${part}-${VERSION}.tgz`)}`;
      // Not on a registry yet.
      const replaced = { "@pyrpc/types": packed("types") };
      await folder.write({
        [`${name}/package.json`]: JSON.stringify({
          name: "app",
          version: "1.0.0",
          type: "module",
          dependencies: { "@pyrpc/client": packed("client"), ...replaced },
          pnpm: { overrides: replaced },
          resolutions: replaced,
          overrides: replaced,
        }),
        [`${name}/use.ts`]: USE,
        [`${name}/load.mjs`]:
          `import { createClient } from "@pyrpc/client"; console.log(typeof createClient);\n`,
        [`${name}/tsconfig.json`]: `{ "compilerOptions": { "strict": true } }`,
        [`${name}/schema.json`]: SCHEMA,
        [`${name}/.npmrc`]: "store-dir=./.store\n",
        [`${name}/yarn.lock`]: "",
        [`${name}/.yarnrc.yml`]:
          `nodeLinker: ${linker}\nenableTelemetry: false\nenableGlobalCache: false\n` +
          "cacheFolder: ./.cache\nenableImmutableInstalls: false\n",
      });
      const [program = "", ...first] = command ?? [await bunPath()];
      const manager = (...args: string[]) =>
        run(program, [...first, ...args], {
          cwd: at(),
          env: { CI: "", NO_COLOR: "1", npm_config_loglevel: "error" },
        });
      const installed = await manager("install");
      assert.equal(installed.code, 0, installed.stdout + installed.stderr);
      const synced = await manager(exec, "pyrpc", "sync", "--offline", "schema.json");
      assert.equal(synced.code, 0, synced.stdout + synced.stderr);
      const loaded =
        await (command === undefined ? manager("load.mjs") : manager(exec, "node", "load.mjs"));
      assert.match(loaded.stdout, /^function$/m, loaded.stdout + loaded.stderr);
      if (linker === "pnp") {
        // A plain tsc finds no package there.
        assert.match(await readFile(at("__pyrpc.ts"), "utf8"), /price_range/);
        return;
      }
      const { isolatedDeclarations: _, ...options } = strictOptions("5.9");
      const problems = await runTsc(at(), "5.9", {
        ...options,
        lib: ["ES2022", "DOM"],
        files: ["use.ts"],
      });
      assert.equal(problems, "");
    });
  }

  test("@pyrpc/client in a bundle of Vite's calls a real server from Chromium", {
    skip: pythonSkip() || chromiumSkip(),
  }, async () => {
    await folder.write({
      "vite/package.json":
        `{ "name": "page", "version": "1.0.0", "type": "module", "private": true }`,
      "vite/index.html": `<!doctype html><script type="module" src="/main.js"></script>`,
      "vite/main.js": `import { createClient } from "@pyrpc/client";
globalThis.call = (baseUrl) => createClient({ baseUrl }).add(1, 2);
`,
    });
    const tarballs = ["types", "client"].map((part) =>
      folder.at("packed", `pyrpc-${part}-${VERSION}.tgz`)
    );
    const installed = await run(
      npm.path,
      ["install", "--no-audit", "--no-fund", "--prefer-offline", "vite@6", ...tarballs],
      { cwd: folder.at("vite"), env: { npm_config_loglevel: "error" } },
    );
    assert.equal(installed.code, 0, installed.stderr);
    const built = await run(node.path, ["node_modules/vite/bin/vite.js", "build"], {
      cwd: folder.at("vite"),
    });
    assert.equal(built.code, 0, built.stdout + built.stderr);
    await using shop = await startShop("asgi");
    await using site = await serveFolder(folder.at("vite/dist"));
    await using chromium = await startChromium();
    const page = await chromium.browser.newPage();
    await page.goto(`${site.url}/index.html`, { waitUntil: "load" });
    assert.equal(await page.evaluate(`globalThis.call(${JSON.stringify(shop.url)})`), 3);
  });

  test("@pyrpc/server: the program of its README serves under Node, Deno and Bun", async () => {
    const readme = await readFile(folder.at("app/node_modules/@pyrpc/server/README.md"), "utf8");
    const program = /```js\n([^]*?)```/.exec(readme)?.[1] ?? "";
    await folder.write({ "app/server.mjs": program });
    const engines = {
      Node: [node.path],
      Deno: [denoPath(), "run", "--no-prompt", "--allow-net", "--allow-env", "--allow-read"],
      Bun: [await bunPath()],
    };
    for (const [engine, [command = "", ...args]] of Object.entries(engines)) {
      const child = spawn(command, [...args, "server.mjs"], { cwd: folder.at("app") });
      let [words, printed] = ["", ""];
      child.stderr.on("data", (chunk) => words += chunk);
      child.stdout.on("data", (chunk) => printed += chunk);
      try {
        await Promise.race([once(child.stdout, "data"), once(child, "exit")]);
        assert.match(printed, /^\d+\n$/, `${engine}: ${words}`);
        const socket = connect(Number(printed), "127.0.0.1");
        socket.write(`{"jsonrpc":"2.0","id":1,"method":"add","params":[1,2]}\n`);
        const [answer] = await once(socket, "data");
        assert.deepEqual(JSON.parse(String(answer)), { jsonrpc: "2.0", id: 1, result: 3 }, engine);
        socket.destroy();
      } finally {
        child.kill("SIGKILL");
        if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
      }
    }
  });

  test("@pyrpc/server's declarations compile without skipLibCheck, modes as well", async () => {
    await folder.write({
      "app/declared.ts": `import { type Protocol, RpcDispatcher, RpcServer } from "@pyrpc/server";
import { type ServingMode, threadedMode } from "@pyrpc/server/modes";
export const mode: typeof threadedMode = threadedMode;
export const serving = (mode: ServingMode): Promise<void> => mode.close();
export const add: RpcDispatcher = new RpcDispatcher().addMethod((a: number, b: number) => a + b, "add");
export const protocolOf = (server: RpcServer): Protocol => server.protocol;
// @ts-expect-error: a dispatcher is no transport
export const wrong = (protocol: Protocol): RpcServer => new RpcServer(add, protocol, add);
`,
    });
    const installed = await run(
      npm.path,
      ["install", "--no-audit", "--no-fund", "--save-dev", "--prefer-offline", "@types/node@22"],
      { cwd: folder.at("app"), env: { npm_config_loglevel: "error" } },
    );
    assert.equal(installed.code, 0, installed.stderr);
    const problems = await runTsc(folder.at("app"), "5.9", {
      ...strictOptions("5.9"),
      types: ["node"],
      lib: ["ES2024", "DOM", "DOM.Iterable", "ESNext.Disposable"],
      files: ["declared.ts"],
    });
    assert.equal(problems, "");
  });
});
