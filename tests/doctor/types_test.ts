import assert from "node:assert/strict";
import { test } from "node:test";
import { generateTypes } from "../../lib/codegen/mod.ts";
import { targetsOf } from "../../lib/delivery/mod.ts";
import { probeTypes } from "../../lib/doctor/types.ts";
import { findClientConfig } from "../../lib/project/mod.ts";
import { contractOf } from "../support/contracts.ts";
import { runCli } from "../support/run_cli.ts";
import { tempFolder } from "../support/temp_folder.ts";

const SHOP = contractOf({ add: {} });
const ACCOUNTS = contractOf({ login: {} });
const textOf = (contract: typeof SHOP) => generateTypes(contract).text;

const CLIENT = JSON.stringify({
  distribution: "server",
  servers: [
    { name: "shop", url: "http://shop", target: "src/shop.ts" },
    { name: "accounts", url: "http://accounts", target: "src/accounts.ts" },
  ],
});

async function probe(files: Record<string, string>) {
  await using folder = await tempFolder({
    "package.json": "{}",
    "pyrpc-client.json": CLIENT,
    ...files,
  });
  const client = await findClientConfig(folder.path);
  const targets = targetsOf({ project: undefined, client });
  const served = new Map([["http://shop", SHOP], ["http://accounts", ACCOUNTS]]);
  const diagnoses = await probeTypes(targets, { main: SHOP, served }, folder.path);
  return diagnoses.map(({ status, message, fix }) => [
    status,
    message.replaceAll("\\", "/"),
    fix?.[0],
  ]);
}

test("probeTypes() compares each of several servers with its own contract", async () => {
  const both = await probe({
    "src/shop.ts": textOf(SHOP),
    "src/accounts.ts": textOf(ACCOUNTS),
  });
  assert.deepEqual(both.map(([status]) => status), ["ok", "ok"]);
  const swapped = await probe({
    "src/shop.ts": textOf(ACCOUNTS),
    "src/accounts.ts": textOf(SHOP),
  });
  assert.deepEqual(swapped, [
    ["broken", "src/shop.ts: the types are out of date", "pyrpc sync"],
    ["broken", "src/accounts.ts: the types are out of date", "pyrpc sync"],
  ]);
});

test("probeTypes() reports missing, truncated and foreign files", async () => {
  const text = textOf(ACCOUNTS);
  assert.deepEqual(await probe({ "src/accounts.ts": text.slice(0, -200) }), [
    ["broken", "src/shop.ts: the file is missing", "pyrpc sync"],
    ["broken", "src/accounts.ts: the file is incomplete", "pyrpc sync"],
  ]);
  const [foreign] = await probe({ "src/shop.ts": "export const mine = 1;\n" });
  assert.deepEqual(foreign, [
    "broken",
    "src/shop.ts: the file was not written by pyrpc",
    "Move that file away, then run: pyrpc sync",
  ]);
});

test("pyrpc doctor in a client that the backend writes to names types that are missing", async () => {
  const files = {
    "package.json": "{}",
    "pyrpc-client.json": JSON.stringify({ distribution: "workspace" }),
  };
  const missing = await runCli(["doctor"], { files });
  assert.match(
    missing.stdout,
    /! types .*index\.ts has not been written yet\n.*pyrpc dev {3}\(on the backend\)/,
  );
  const written = { ...files, "node_modules/@pyrpc/types/src/index.ts": textOf(SHOP) };
  assert.doesNotMatch((await runCli(["doctor"], { files: written })).stdout, /! types/);
});
