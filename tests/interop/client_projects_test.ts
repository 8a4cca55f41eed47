import assert from "node:assert/strict";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { run } from "../../scripts/project.ts";
import { type Framework, FRAMEWORKS, projectOf } from "../support/client_projects.ts";
import { documentOf } from "../support/contracts.ts";
import { requireTool } from "../support/external.ts";
import { serveHttp } from "../support/http_server.ts";
import { runCli } from "../support/run_cli.ts";
import type { TempFolder } from "../support/temp_folder.ts";
import { RUNS_ALL_CASES } from "../support/verify.ts";

interface Layout {
  readonly args: readonly string[];
  readonly from: (file: string) => string;
}

const up = (file: string) => "../".repeat(file.split("/").length - 1);
const LAYOUTS: Readonly<Record<string, Layout>> = {
  package: { args: ["--layout", "package", "--client"], from: () => "@pyrpc/types" },
  alias: { args: ["--layout", "alias"], from: () => "@pyrpc/types" },
  file: { args: ["--out", "src/api.ts", "--client"], from: (file) => `${up(file)}src/api` },
};

const node = requireTool("node");
const DOCUMENT = JSON.stringify(
  documentOf({ add: { parameters: [{ name: "a" }, { name: "b" }] } }),
);

function useOf({ use, module = (text) => text }: Framework, from: string, client?: string): string {
  const created = client === undefined
    ? ""
    : `import { createClient } from "${client}";\nexport const rpc = createClient<Types>({ baseUrl: "x" });\n`;
  const text = `import type { Types } from "${from}";\n${created}` +
    `export const call = (rpc: Types): Promise<unknown> => rpc.add(1, 2);\n`;
  const isModule = /\.tsx?$/.test(use);
  return module(isModule ? text : text.replaceAll("export const", "const"));
}

async function check({ check: commands }: Framework, folder: TempFolder): Promise<string> {
  for (const [program = "", ...args] of commands) {
    const words = [folder.at("node_modules", program), ...args];
    const { code, stdout, stderr } = await run(node.path, words, {
      cwd: folder.path,
      env: { CI: "1", NUXT_TELEMETRY_DISABLED: "1", NO_COLOR: "1" },
    });
    if (code !== 0) return `${program}: exit code ${code}\n${stdout}${stderr}`;
  }
  return "";
}

// Adds the member that the error proposes, as a person does.
async function followFix(stderr: string, { addAlias }: Framework, folder: TempFolder) {
  const proposed = /Add (?:kit: \{ )?(alias: \{.*?\})/.exec(stderr)?.[1];
  assert.ok(proposed !== undefined && addAlias !== undefined, stderr);
  const [file, place] = addAlias;
  const text = await readFile(folder.at(file), "utf8");
  await writeFile(folder.at(file), text.replace(place, `${place}${proposed}, `));
}

for (const framework of RUNS_ALL_CASES ? FRAMEWORKS : []) {
  for (const [layout, { args, from }] of Object.entries(LAYOUTS)) {
    test(`${framework.name} compiles the ${layout} layout`, { skip: node.skip }, async () => {
      await using server = await serveHttp((_, response) => void response.end(DOCUMENT));
      await using folder = await projectOf(framework);
      const sync = () => runCli(["sync", server.url, ...args], { cwd: folder.path });
      let result = await sync();
      if (layout === "alias" && framework.addAlias !== undefined) {
        assert.equal(result.code, 3, result.block);
        await followFix(result.stderr, framework, folder);
        result = await sync();
      }
      assert.equal(result.code, 0, result.block);
      assert.doesNotMatch(result.stderr, /rejects|does not resolve|composite/);
      const module = from(framework.use);
      const client = layout === "alias"
        ? undefined
        : layout === "package"
        ? `${module}/client`
        : module.replace(/api$/, "pyrpc-client");
      const text = useOf(framework, module, client);
      await mkdir(join(folder.at(framework.use), ".."), { recursive: true });
      await writeFile(folder.at(framework.use), text);
      assert.equal(await check(framework, folder), "");
      // The check sees the types: it rejects a call that they do not have.
      await writeFile(folder.at(framework.use), text.replace("rpc.add(1, 2)", "rpc.nothing()"));
      assert.match(await check(framework, folder), /nothing/);
    });
  }
}

if (!RUNS_ALL_CASES) {
  test("client projects compile", { skip: "deno task verify clients" }, () => {});
}
