import assert from "node:assert/strict";
import { mkdir, symlink } from "node:fs/promises";
import process from "node:process";
import { test } from "node:test";
import { plainClient, typesOf } from "../support/broken_client.ts";
import { requireTool } from "../support/external.ts";
import { pythonSkip, startShop } from "../support/python.ts";
import { runCli } from "../support/run_cli.ts";
import { type TempFolder, tempFolder } from "../support/temp_folder.ts";
import { tscFolder } from "../support/typescript.ts";
import { RUNS_ALL_CASES } from "../support/verify.ts";

const skip = pythonSkip() || requireTool("node").skip;

/** A frontend that was compiled against a contract, in the repository of the backend. */
async function frontend(contract: object, use: string): Promise<TempFolder> {
  const folder = await tempFolder({
    "schema.json": JSON.stringify(contract),
    ...plainClient(),
    "web/src/api.ts": typesOf(contract as never),
    "web/src/use.ts": `import type { Types } from "./api";\ndeclare const rpc: Types;\n${use}`,
  });
  await mkdir(folder.at(".git"));
  await mkdir(folder.at("web/node_modules"));
  await symlink(tscFolder("5.9"), folder.at("web/node_modules/typescript"), "junction");
  return folder;
}

test(
  "check --deployed fails for a frontend that uses procedures that the deployed server lacks or has changed",
  {
    skip,
  },
  async () => {
    await using server = await startShop("fastapi");
    const deployed = await (await fetch(`${server.url}/rpc`)).json();
    // The next version of the backend: it is not deployed yet.
    const next = structuredClone(deployed);
    next.refund = { ...next.add, name: "refund" };
    const product = next.get_product.return_schema.$defs.Product;
    product.properties.weight = { type: "number" };
    product.required.push("weight");
    const gate = async (folder: TempFolder, ...flags: string[]) =>
      await runCli(["check", "schema.json", "--deployed", server.url, ...flags], {
        cwd: folder.path,
        env: { PATH: process.env["PATH"] },
      });

    await using ahead = await frontend(
      next,
      `export const weight = async () => (await rpc.get_product("1"))?.weight;
export const back = () => rpc.refund(1, 2);
`,
    );
    const whole = await gate(ahead);
    assert.equal(whole.code, 1);
    assert.match(
      whole.stdout,
      /error DEPLOYED_MISSING {2}refund: the deployed server has no "refund"/,
    );
    assert.match(
      whole.stdout,
      /error DEPLOYED_CHANGED {2}`Product\.weight` was removed .*get_product/,
    );
    const lines = await gate(ahead, "--client-root", "web");
    assert.equal(lines.code, 1);
    assert.match(lines.stdout, /web\/src\/use\.ts:3 uses Product\.weight/);
    assert.match(lines.stdout, /web\/src\/use\.ts:4 uses refund/);
    if (!RUNS_ALL_CASES) return;

    await using same = await frontend(deployed, "export const sum = rpc.add(1, 2);\n");
    const equal = await gate(same);
    assert.equal(equal.code, 0, equal.block);
    assert.match(equal.stdout, /✓ deployed {2}http:\/\/127\.0\.0\.1:\d+\/rpc against /);

    const github = await gate(ahead, "--client-root", "web", "--format", "github");
    assert.match(
      github.stdout,
      /::error file=web\/src\/use\.ts,line=4,col=\d+,title=pyrpc DEPLOYED_/,
    );
    const json = JSON.parse((await gate(ahead, "--client-root", "web", "--json")).stdout);
    assert.equal(json.ok, false);
    assert.deepEqual(
      // deno-lint-ignore no-explicit-any
      json.findings.filter(({ line }: any) => line !== undefined).map(({ file, line }: any) =>
        `${file}:${line}`
      ).sort(),
      ["web/src/use.ts:3", "web/src/use.ts:4"],
    );

    // The contract is ahead of the server, but the frontend does not use what is new.
    await using careful = await frontend(next, "export const sum = rpc.add(1, 2);\n");
    assert.equal((await gate(careful)).code, 1);
    const unused = await gate(careful, "--client-root", "web");
    assert.equal(unused.code, 0, unused.block);
    assert.match(unused.stdout, /notice DEPLOYED_MISSING {2}refund.*\n {4}no client uses it/);
  },
);

test("check --deployed needs a URL, and a server that answers", { skip }, async () => {
  const files = { "schema.json": "{}" };
  const file = await runCli(["check", "schema.json", "--deployed", "schema.json"], { files });
  assert.equal(file.code, 2, file.block);
  await using same = await frontend(
    { add: { name: "add", parameters: [], return_schema: {}, doc: "" } },
    "export const one = rpc.add();\n",
  );
  const away = await runCli(["check", "schema.json", "--deployed", "http://127.0.0.1:9"], {
    cwd: same.path,
  });
  assert.equal(away.code, 5);
});
