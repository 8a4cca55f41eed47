// The recipes of docs/ci.md, read from the page, in a stand-in for GitHub's runner.

import assert from "node:assert/strict";
import { mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { plainClient, typesOf } from "../support/broken_client.ts";
import { baseContract, BREAKING_CASES } from "../support/broken_client_cases.ts";
import { documentOf } from "../support/contracts.ts";
import { requireTool } from "../support/external.ts";
import { serveHttp } from "../support/http_server.ts";
import { pythonEnvironment, pythonSkip } from "../support/python.ts";
import { runCli } from "../support/run_cli.ts";
import { type TempFolder, tempFolder } from "../support/temp_folder.ts";
import { tscFolder } from "../support/typescript.ts";
import { registrySkip, startRegistry } from "../support/verdaccio.ts";
import { RUNS_ALL_CASES } from "../support/verify.ts";
import { git, type JobOptions, makeOrigin, runJob, writePrograms } from "../support/workflow.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const PAGE = await readFile(join(ROOT, "docs/ci.md"), "utf8");
const tools = [requireTool("git"), requireTool("bash"), requireTool("node")];
const skip = process.platform === "win32" || (tools.find((tool) => tool.skip)?.skip ?? false);

/** The code of a recipe of the page. */
function recipe(name: string): string {
  const found = new RegExp(`<!-- recipe: ${name} -->\\n\\n\`\`\`\\w+\\n([^]*?)\`\`\``).exec(PAGE);
  if (found?.[1] === undefined) throw new Error(`docs/ci.md has no recipe "${name}"`);
  return found[1];
}

const long = { skip: !RUNS_ALL_CASES && "deno task verify recipes" };

const text = (value: unknown) => JSON.stringify(value, null, 2);
const BEFORE = text(documentOf({ add: {}, remove: {} }));
const AFTER = text(documentOf({ add: {} }));
const FRONTEND = {
  "package.json": text({ name: "web", private: true }),
  "schema.json": BEFORE,
  "pyrpc-client.json": text({ distribution: "server", server_url: "http://localhost:1" }),
};
const REMOVED = /^::error file=schema\.json,title=pyrpc PROCEDURE_REMOVED::.*`?remove`?/m;

describe("recipes of docs/ci.md", { skip }, () => {
  let programs: string;
  const inRunner = (
    workflow: string,
    folder: TempFolder,
    options: Omit<JobOptions, "programs"> & { programs?: readonly string[] },
  ) =>
    runJob(workflow, folder, {
      ...options,
      programs: [programs, ...options.programs ?? []],
      env: { DENO_DIR: denoFolder(), ...options.env },
    });

  before(async () => {
    programs = (await tempFolder()).at("bin");
    await writePrograms(programs);
  });

  test("the page names each recipe that is tested, and no other", () => {
    const names = [...PAGE.matchAll(/<!-- recipe: ([\w-]+) -->/g)].map(([, name]) => name);
    assert.deepEqual(names, [
      ...["backend", "frontend", "monorepo", "shallow", "action", "publish", "shell", "pre-commit"],
    ]);
  });

  test("a recipe with NODE_AUTH_TOKEN lets setup-node write the .npmrc that uses it", () => {
    const recipes = [...PAGE.matchAll(/^```yaml\n([^]*?)^```/gm)].map(([, code = ""]) => code)
      .filter((code) => code.includes("NODE_AUTH_TOKEN"));
    assert.ok(recipes.length > 0);
    for (const code of recipes) assert.match(code, /actions\/setup-node@.*\n.*registry-url: /);
  });

  test("a frontend repository: a removed procedure is an annotation, and no change passes", async () => {
    await using folder = await tempFolder();
    const origin = await makeOrigin(folder, FRONTEND, { "schema.json": AFTER });
    const broken = await inRunner(recipe("frontend"), folder, { origin, branch: "feature" });
    assert.equal(broken.code, 1, broken.output);
    assert.match(broken.output, REMOVED);
    const pushed = await inRunner(recipe("frontend"), folder, { origin });
    assert.equal(pushed.code, 0, pushed.output);
    assert.ok(pushed.ran.includes("npx tsc --noEmit"), pushed.output);
  });

  test(
    "a shallow checkout: the error is an annotation, and its fix and the page's command work",
    long,
    async () => {
      await using folder = await tempFolder();
      const origin = await makeOrigin(folder, FRONTEND, { "schema.json": AFTER });
      const shallow = recipe("frontend").replace("        with: { fetch-depth: 0 }\n", "");
      const failed = await inRunner(shallow, folder, { origin, branch: "feature" });
      assert.equal(failed.code, 3, failed.output);
      const [, fix] =
        /^::error title=pyrpc GIT_REVISION::.*fix: Fetch it first: (git fetch .*?)%0A/m.exec(
          failed.output,
        ) ?? [];
      assert.equal(fix, "git fetch origin main:refs/remotes/origin/main");
      for (const command of [fix, recipe("shallow").trim()]) {
        const step = `      - run: ${command}\n      - run: npx pyrpc check --offline`;
        const fetched = shallow.replace("      - run: npx pyrpc check --offline", step);
        const { code, output } = await inRunner(fetched, folder, { origin, branch: "feature" });
        assert.equal(code, 1, output);
        assert.match(output, REMOVED);
      }
    },
  );

  test("a server that is away (exit 5) is an annotation", long, async () => {
    await using folder = await tempFolder();
    const origin = await makeOrigin(folder, FRONTEND, {});
    const online = recipe("frontend").replaceAll(" --offline schema.json", "")
      .replace("      - run: npx pyrpc sync\n", "");
    const { code, output } = await inRunner(online, folder, { origin, branch: "feature" });
    assert.equal(code, 5, output);
    assert.match(output, /^::error title=pyrpc [A-Z_]+::Connection refused.*%0Afix: /m);
  });

  test("the action: the base is fetched, and one comment is kept up to date", long, async () => {
    await using folder = await tempFolder();
    const origin = await makeOrigin(folder, FRONTEND, {
      "schema.json": AFTER,
      "node_modules/@pyrpc/types/package.json": "{}",
    });
    const comments: { id: number; body: string }[] = [];
    await using api = await serveHttp((request, response, body) => {
      if (request.headers.authorization !== "Bearer value-of-github.token") {
        response.statusCode = 401;
      } else if (request.method === "POST") {
        comments.push({ id: comments.length + 1, body: JSON.parse(body).body });
      } else if (request.method === "PATCH") {
        const id = Number(request.url?.split("/").at(-1));
        comments.splice(id - 1, 1, { id, body: JSON.parse(body).body });
      }
      response.end(JSON.stringify(request.method === "GET" ? comments : {}));
    });
    comments.push({ id: 1, body: "Looks good" });
    const options = { origin, branch: "feature", env: { GITHUB_API_URL: api.url } };
    const first = await inRunner(recipe("action"), folder, options);
    assert.equal(first.code, 1, first.output);
    assert.match(first.output, REMOVED);
    const second = await inRunner(recipe("action"), folder, options);
    assert.equal(second.code, 1, second.output);
    assert.equal(comments.length, 2, JSON.stringify(comments));
    assert.match(comments[1]?.body ?? "", /^<!-- pyrpc-check \. -->\n### ❌ pyrpc check\n/);
    assert.match(comments[1]?.body ?? "", /\| `PROCEDURE_REMOVED` \|/);
    assert.equal(api.requests.filter(({ method }) => method === "POST").length, 1);
    assert.equal(api.requests.filter(({ method }) => method === "PATCH").length, 1);
    assert.match(api.requests[0]?.url ?? "", /^\/repos\/org\/shop\/issues\/7\/comments\?/);
  });

  test(
    "the action: client-root lists broken lines as annotations and in the comment",
    long,
    async () => {
      await using folder = await tempFolder();
      const old = baseContract();
      const next = baseContract();
      BREAKING_CASES[0]!.edit(next);
      const client = (name: string) => ({
        ...plainClient(name),
        [`${name}/src/api.ts`]: typesOf(old),
        [`${name}/src/use.ts`]:
          'import type { Product } from "./api";\nexport const stock = (product: Product) => product.in_stock;\n',
      });
      const origin = await makeOrigin(
        folder,
        { ...FRONTEND, "schema.json": text(old), ...client("web"), ...client("admin panel") },
        { "schema.json": text(next) },
      );
      // Above the checkout, as npm installs the packages of a workspace.
      await mkdir(folder.at("node_modules"));
      await symlink(tscFolder("5.9"), folder.at("node_modules/typescript"));
      const comments: string[] = [];
      await using api = await serveHttp((request, response, body) => {
        if (request.method === "POST") comments.push(JSON.parse(body).body);
        response.end(request.method === "GET" ? "[]" : "{}");
      });
      const input = "          client-root: |\n            web\n            admin panel\n";
      const workflow = recipe("action").replace("          comment:", `${input}          comment:`);
      const calls = folder.at("calls");
      const env = { GITHUB_API_URL: api.url, PROGRAM_CALLS: calls };
      const { code, output } = await inRunner(workflow, folder, { origin, branch: "feature", env });
      assert.equal(code, 1, output);
      const checks = (await readFile(calls, "utf8")).split("\n").filter((line) =>
        line.startsWith("check ")
      );
      assert.equal(checks.length, 1, "annotations and comment are those of one check");
      for (const file of ["web/src/use.ts", "admin panel/src/use.ts"]) {
        assert.match(
          output,
          new RegExp(`^::error file=${file},line=2,col=52,title=pyrpc RESULT_WIDENED::`, "m"),
        );
        assert.match(comments[0] ?? "", new RegExp(`${file}:2 uses Product`));
      }
    },
  );

  test("the action: an error that ends the check is the comment", long, async () => {
    await using folder = await tempFolder();
    const origin = await makeOrigin(folder, FRONTEND, { "schema.json": "{" });
    const comments: string[] = [];
    await using api = await serveHttp((request, response, body) => {
      if (request.method === "POST") comments.push(JSON.parse(body).body);
      response.end(request.method === "GET" ? "[]" : "{}");
    });
    const options = { origin, branch: "feature", env: { GITHUB_API_URL: api.url } };
    const { code, output } = await inRunner(recipe("action"), folder, options);
    assert.equal(code, 3, output);
    assert.match(comments[0] ?? "", /\n### ❌ pyrpc check\n\n {4}error: Not JSON: it ends/);
  });

  test(
    "the action: a token that cannot write fails neither the job nor hides the findings",
    long,
    async () => {
      await using folder = await tempFolder();
      const origin = await makeOrigin(folder, FRONTEND, { "schema.json": AFTER });
      await using api = await serveHttp((_, response) => {
        response.statusCode = 403;
        response.end("{}");
      });
      const options = { origin, branch: "feature", env: { GITHUB_API_URL: api.url } };
      const { code, output } = await inRunner(recipe("action"), folder, options);
      assert.equal(code, 1, output);
      assert.match(output, REMOVED);
      assert.match(
        output,
        /^::warning title=pyrpc::The comment was not written: GET .* answers 403/m,
      );
    },
  );

  for (const name of ["backend", "monorepo"] as const) {
    test(
      `${name}: annotations name the files of the repository`,
      { skip: pythonSkip() },
      async () => {
        const python = await pythonEnvironment("shop-0.14");
        await using folder = await tempFolder();
        const inFolder = name === "monorepo" ? "backend/" : "";
        const first = await backendFiles(inFolder, "remove", python.env);
        const second = await backendFiles(inFolder, "delete", python.env);
        const feature = { ...second, "frontend/src/api.ts": first["frontend/src/api.ts"] ?? "" };
        const origin = await makeOrigin(folder, first, name === "monorepo" ? feature : second);
        const options = {
          origin,
          programs: [python.bin],
          env: { VIRTUAL_ENV: python.env["VIRTUAL_ENV"] ?? "" },
        };
        const broken = await inRunner(recipe(name), folder, { ...options, branch: "feature" });
        assert.equal(broken.code, 1, broken.output);
        const removed = `::error file=${inFolder}schema.json,title=pyrpc PROCEDURE_REMOVED::`;
        assert.ok(broken.output.includes(removed), broken.output);
        const stale = "::error file=frontend/src/api.ts,title=pyrpc TYPES_STALE::";
        assert.equal(broken.output.includes(stale), name === "monorepo", broken.output);
        const pushed = await inRunner(recipe(name), folder, options);
        assert.equal(pushed.code, 0, pushed.output);
      },
    );
  }

  test("publish: a new version after a change, and nothing to publish without one", {
    skip: registrySkip() || long.skip,
  }, async () => {
    await using folder = await tempFolder();
    await mkdir(folder.at("registry"));
    await using registry = await startRegistry(folder.at("registry"));
    // The real npm; only "npx pyrpc" is the source.
    const real = folder.at("bin");
    await writePrograms(real);
    const npm = requireTool("npm").path;
    await writeFile(join(real, "npm"), `#!/bin/sh\n[ "$1" = ci ] && exit 0\nexec "${npm}" "$@"\n`);
    const files = { ...FRONTEND, ".npmrc": registry.npmrc, LICENSE: "MIT" };
    const origin = await makeOrigin(folder, files, { "schema.json": AFTER });
    const publish = (workflow: string) =>
      runJob(workflow, folder, { origin, programs: [real], env: { DENO_DIR: denoFolder() } });
    const ran: boolean[] = [];
    const shell = recipe("publish").replace(/ {6}- id: types[^]*$/, "") +
      `      - run: |\n${recipe("shell").replace(/^/gm, "          ")}`;
    for (const workflow of [recipe("publish"), recipe("publish"), shell]) {
      const { code, output, ran: steps } = await publish(workflow);
      assert.equal(code, 0, output);
      ran.push(steps.includes("npm publish ./types"));
      if (ran.length === 1) assert.match(output, /1\.0\.0: nothing is published yet/);
      if (workflow === shell) assert.match(output, /Nothing was written: the published package/);
    }
    assert.deepEqual(ran, [true, false, false]);
    await git(origin, "update-ref", "refs/heads/main", "refs/heads/feature");
    const changed = await publish(shell);
    assert.equal(changed.code, 0, changed.output);
    assert.match(changed.output, /@org\/api-types@2\.0\.0/);
    assert.match(changed.output, /README\.md[^]*index\.js/);
    assert.match(changed.output, /LICENSE/);
  });

  test("pre-commit: the hook of this repository runs check", {
    skip: pythonSkip() || long.skip,
  }, async () => {
    const python = await pythonEnvironment("pre-commit");
    await using folder = await tempFolder();
    const hooks = await readFile(join(ROOT, ".pre-commit-hooks.yaml"), "utf8");
    const hookRepository = await makeOrigin(folder, { ".pre-commit-hooks.yaml": hooks }, {});
    const revision = (await git(hookRepository, "rev-parse", "main")).trim();
    const config = recipe("pre-commit").replace(/repo: \S+/, `repo: file://${hookRepository}`)
      .replace(/rev: \S+/, `rev: ${revision}`);
    const project = folder.at("project");
    await mkdir(project);
    for (const [path, text] of Object.entries({ ...FRONTEND, ".pre-commit-config.yaml": config })) {
      await writeFile(join(project, path), text);
    }
    await git(project, "init", "--quiet");
    await git(project, "add", "-A");
    const run = async () => {
      const job =
        `jobs: { a: { steps: [{ run: "cd '${project}' && pre-commit run --all-files --verbose" }] } }`;
      return await inRunner(job, folder, {
        origin: hookRepository,
        programs: [python.bin],
        env: { PRE_COMMIT_HOME: folder.at("cache"), PYRPC_SERVER_URL: "", PYRPC_SNAPSHOT: "" },
      });
    };
    const away = await run();
    assert.notEqual(away.code, 0, away.output);
    assert.match(away.output, /pyrpc check\.+Failed[^]*Connection refused/);
    await writeFile(join(project, "pyrpc-client.json"), text({ distribution: "workspace" }));
    await git(project, "add", "-A");
    const passed = await run();
    assert.equal(passed.code, 0, passed.output);
    assert.match(passed.output, /pyrpc check\.+Passed[^]*All checks passed/);
  });
});

/** A backend with two procedures, and what its developers commit with it. */
async function backendFiles(
  inFolder: string,
  second: string,
  env: Readonly<Record<string, string>>,
): Promise<Record<string, string>> {
  const files: Record<string, string> = {
    [`${inFolder}main.py`]: `from fastapi import FastAPI
from pyrpc_core import rpc
from pyrpc_fastapi import mount_fastapi

app = FastAPI()

@rpc
def add(a: int, b: int) -> int:
    return a + b

@rpc
def ${second}(id: int) -> None: ...

mount_fastapi(app)
`,
    [`${inFolder}pyrpc.json`]: text({
      version: 1,
      framework: "fastapi",
      entrypoint: "main",
      ...(inFolder === ""
        ? { distribution: "server" }
        : { distribution: "workspace", clients: [{ root: "../frontend", target: "src/api.ts" }] }),
    }),
    ...(inFolder === "" ? {} : { "frontend/package.json": text({ name: "web", private: true }) }),
  };
  await using folder = await tempFolder(files);
  const cwd = folder.at(inFolder || ".");
  const pulled = await runCli(["pull", "main", "-o", "schema.json"], { cwd, env });
  assert.equal(pulled.code, 0, pulled.block);
  files[`${inFolder}schema.json`] = await readFile(join(cwd, "schema.json"), "utf8");
  if (inFolder !== "") {
    const out = folder.at("frontend/src/api.ts");
    const types = await runCli(["codegen", "schema.json", "--out", out], { cwd });
    assert.equal(types.code, 0, types.block);
    files["frontend/src/api.ts"] = await readFile(out, "utf8");
  }
  return files;
}

function denoFolder(): string {
  return process.env["DENO_DIR"] ?? join(process.env["HOME"] ?? "", ".cache", "deno");
}
