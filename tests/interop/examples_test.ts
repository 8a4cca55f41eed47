// Runs under Deno only: it bundles the npm packages, as a release does
// Each project of examples/ is copied by `pyrpc init --example`, installed, type-checked, built and run by the commands that init prints.

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { delimiter, dirname, join } from "node:path";
import process from "node:process";
import { after, before, describe, test } from "node:test";
import type { Page } from "puppeteer-core";
import { run } from "../../scripts/project.ts";
import { clientPackage, typesPackage, vitePackage } from "../../scripts/release/npm_packages.ts";
import { chromiumSkip, startChromium } from "../support/chromium.ts";
import { freePort } from "../support/free_port.ts";
import { pythonEnvironment, pythonSkip } from "../support/python.ts";
import { runCli } from "../support/run_cli.ts";
import { type TempFolder, tempFolder } from "../support/temp_folder.ts";
import { runTsc, strictOptions } from "../support/typescript.ts";
import { type Registry, registrySkip, startRegistry } from "../support/verdaccio.ts";
import { RUNS_ALL_CASES } from "../support/verify.ts";
import { node22 } from "../support/node22.ts";
import { type RunningProgram, startCommandLine } from "../support/vite.ts";
import { waitUntil } from "../support/wait_until.ts";

const EXAMPLES = new URL("../../examples/", import.meta.url).pathname;
const ENV = { PATH: "/usr/bin:/bin", PYTHONDONTWRITEBYTECODE: "1" };

test("the contract and the types of the examples are those of their backend", {
  skip: pythonSkip(),
}, async () => {
  const { python } = await pythonEnvironment("shop-0.14");
  const options = { cwd: join(EXAMPLES, "fastapi-react/api"), env: ENV };
  const schema = join(EXAMPLES, "vitest/schema.json");
  const pull = ["pull", "app.main", "--python", python, "--out", schema, "--check"];
  const pulled = await runCli(pull, options);
  assert.equal(pulled.code, 0, pulled.block);
  await using folder = await tempFolder({
    "vitest/tasks.ts": await readFile(join(EXAMPLES, "vitest/src/tasks.ts"), "utf8"),
    "vitest/rpc.ts": await readFile(join(EXAMPLES, "vitest/src/rpc.ts"), "utf8"),
    "react/rpc.ts": await readFile(join(EXAMPLES, "fastapi-react/web/src/rpc.ts"), "utf8"),
  });
  const types = await runCli(["codegen", schema, "--out", folder.at("react/api.d.ts")], options);
  assert.equal(types.code, 0, types.block);
  const client = new URL("../../lib/client/", import.meta.url).pathname;
  const errors = await runTsc(folder.path, "5.9", {
    ...strictOptions("5.9"),
    isolatedDeclarations: false,
    declaration: false,
    module: "esnext",
    moduleResolution: "bundler",
    allowImportingTsExtensions: true,
    lib: ["ES2023", "DOM"],
    files: ["vitest/tasks.ts", "react/rpc.ts"],
    paths: {
      "@pyrpc/client": [`${client}pyrpc_client.ts`],
      "@pyrpc/client/query": [`${client}query/mod.ts`],
      "@pyrpc/types": ["./react/api.d.ts"],
    },
  });
  assert.equal(errors, "");
});

const skip = RUNS_ALL_CASES
  ? pythonSkip() || registrySkip() || chromiumSkip()
  : "runs under deno task verify examples";

describe("the examples", { skip }, () => {
  let folder: TempFolder;
  let registry: Registry;
  let env: Record<string, string>;

  before(async () => {
    folder = await tempFolder({ "registry/x": "" });
    registry = await startRegistry(folder.at("registry"));
    const npmrc = folder.at(".npmrc");
    await writeFile(npmrc, registry.npmrcOf("@pyrpc"));
    // The user's own settings, which every project below reads.
    env = {
      PATH: `${dirname(await node22())}${delimiter}${process.env["PATH"]}`,
      npm_config_userconfig: npmrc,
      npm_config_registry: (await run("npm", ["config", "get", "registry"])).stdout.trim(),
      npm_config_audit: "false",
      npm_config_fund: "false",
      npm_config_update_notifier: "false",
    };
    const packages = [
      await typesPackage(folder.at("packed")),
      await clientPackage(folder.at("packed"), "notices"),
      await vitePackage(folder.at("packed"), "notices"),
    ];
    for (const cwd of packages) {
      const args = ["publish", "--provenance=false", "--ignore-scripts"];
      const published = await run("npm", args, { cwd, env });
      assert.equal(published.code, 0, published.stderr);
    }
  });
  after(async () => {
    await registry?.[Symbol.asyncDispose]();
    await folder?.[Symbol.asyncDispose]();
  });

  /** Copies an example as a new repository. @returns its folder and the printed commands */
  async function copy(name: string): Promise<{ cwd: string; next: string[][] }> {
    await mkdir(folder.at(name, ".git"), { recursive: true });
    await writeFile(folder.at(name, ".git/HEAD"), "");
    const cwd = folder.at(name);
    const { code, stdout, stderr } = await runCli(["init", "--example", name, "--json"], { cwd });
    assert.equal(code, 0, stderr);
    return { cwd, next: JSON.parse(stdout).next };
  }

  const shell = (cwd: string, command: string) => run("sh", ["-c", command], { cwd, env });

  async function succeed(cwd: string, ...commands: string[]): Promise<void> {
    for (const command of commands) {
      const { code, stdout, stderr } = await shell(cwd, command);
      assert.equal(code, 0, `${command}\n${stdout}${stderr}`);
    }
  }

  /** Runs the commands of a terminal, of which the last one runs on. */
  async function startLast(
    cwd: string,
    commands: readonly string[],
    { suffix = "", ...more }: { readonly suffix?: string; readonly [name: string]: string } = {},
  ): Promise<RunningProgram> {
    await succeed(cwd, ...commands.slice(0, -1));
    return startCommandLine(`${commands.at(-1)}${suffix}`, cwd, { ...env, ...more });
  }

  test("fastapi-react", async () => {
    const { cwd, next: [api = [], web = []] } = await copy("fastapi-react");
    await changeFile(
      join(cwd, "api/pyrpc.json"),
      async (text) =>
        text.replace('"version": 1,', `"version": 1,\n  "port": ${await freePort()},`),
    );
    await using backend = await startLast(cwd, api);
    const types = join(cwd, "web/src/api.d.ts");
    await waitFor(backend, () => existsSync(types) && existsSync(`${types}.map`));
    await using frontend = await startLast(cwd, web);
    await using chromium = await startChromium();
    const page = await chromium.browser.newPage();
    await visit(page, frontend);
    await waitForText(page, "h1", "Tasks");
    await page.click("button");
    await waitForText(page, "[role=alert]", "title: String should have at least 1 character");
    await page.type("input[aria-label='New task']", "Try the example");
    await page.click("button");
    await waitForText(page, "li", "Try the example");
    await page.click("input[type=checkbox]");
    await waitUntil(() => page.$eval("input[type=checkbox]", (box) => box.checked));

    await succeed(cwd, "npm run check", "npm run build");
    {
      await using preview = startCommandLine("npm run preview --workspace web", cwd, env);
      await visit(page, preview);
      await waitForText(page, "li", "Try the example");
    }
    // The README proposes this edit: rename a field.
    await visit(page, frontend);
    await changeFile(join(cwd, "api/app/main.py"), (text) => text.replaceAll("title", "name"));
    await waitFor(backend, async () => (await readFile(types, "utf8")).includes("name: string"));
    const { code, stdout } = await shell(cwd, "npm run check --workspace web");
    assert.notEqual(code, 0);
    assert.match(stdout, /src\/Tasks\.tsx\(\d+,\d+\): error TS.*title/);
    await waitForText(page, "vite-error-overlay", "");
  });

  test("django-vue", async () => {
    const { cwd, next: [api = [], web = []] } = await copy("django-vue");
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    await using backend = await startLast(cwd, api, { suffix: ` 127.0.0.1:${port}` });
    await waitFor(backend, async () => (await fetch(`${url}/rpc`)).ok);
    await using frontend = await startLast(cwd, web, { PYRPC_SERVER_URL: url });
    await using chromium = await startChromium();
    const page = await chromium.browser.newPage();
    await visit(page, frontend);
    await waitForText(page, "h1", "Guestbook");
    await page.click("button");
    await waitForText(page, "[role=alert]", "name: String should have at least 1 character");
    await page.type("input[aria-label=Name]", "Ada");
    await page.type("input[aria-label=Message]", "Hello");
    await page.click("button");
    await waitForText(page, "li", "Hello");

    await succeed(cwd, "backend/.venv/bin/python backend/manage.py makemigrations --check");
    const other = join(cwd, "frontend");
    const types = join(other, "node_modules/@pyrpc/types/src/index.ts");
    assert.match(await readFile(types, "utf8"), /list_entries/);
    await succeed(other, `PYRPC_SERVER_URL=${url} npm run types`, "npm run build");
    {
      await using preview = await startLast(other, ["npm run preview"], { PYRPC_SERVER_URL: url });
      await visit(page, preview);
      await waitForText(page, "li", "Hello");
    }
    const batch = await fetch(`${url}/rpc`, {
      method: "POST",
      body: JSON.stringify([{ id: 1, method: "list_entries", params: [1] }]),
    });
    const [{ result }] = await batch.json();
    assert.equal(result[0].name, "Ada");
    // The README's way without a server.
    await succeed(
      other,
      `npx pyrpc pull ${url} -o schema.json`,
      "npx pyrpc sync --offline schema.json",
      "npm run check",
    );
  });

  test("vitest", async () => {
    const { cwd, next: [commands = []] } = await copy("vitest");
    await succeed(cwd, ...commands, "npm run check");
    await changeFile(join(cwd, "src/tasks.ts"), (text) => text.replace("All done", "Nothing"));
    assert.notEqual((await shell(cwd, "npm test")).code, 0);
  });
});

async function changeFile(
  path: string,
  change: (text: string) => string | Promise<string>,
): Promise<void> {
  const text = await readFile(path, "utf8");
  const changed = await change(text);
  assert.notEqual(changed, text, path);
  await writeFile(path, changed);
}

async function waitFor(
  program: RunningProgram,
  isTrue: () => boolean | Promise<boolean>,
): Promise<void> {
  await waitUntil(isTrue).catch((cause) => {
    throw new Error(program.output(), { cause });
  });
}

async function visit(page: Page, program: RunningProgram): Promise<void> {
  await waitFor(program, () => program.url() !== "");
  await page.goto(program.url());
}

async function waitForText(page: Page, selector: string, text: string): Promise<void> {
  await waitUntil(
    async () => {
      const found = await page.$eval(selector, ({ textContent }) => textContent);
      return found?.includes(text) === true;
    },
  ).catch(async (cause) => {
    throw new Error(`No "${text}" in: ${await page.content()}`, { cause });
  });
}
