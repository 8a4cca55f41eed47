/**
 * `deno task demo`: the main job from beginning to end on the example contract. `pyrpc mock` serves it on a free port; its
 * types are synced into a temporary client, a sample that uses them is type-checked, and one that misuses them, and real
 * calls are made.
 *
 * @module
 */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { cp, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";
import { tempFolder } from "../tests/support/temp_folder.ts";
import { runTsc, strictOptions, toJavaScript } from "../tests/support/typescript.ts";
import { deno, ROOT, seconds } from "./project.ts";

const CONTRACT = join(ROOT, "examples", "shop.schema.json");
const HANDLERS = join(ROOT, "examples", "handlers.js");
const TOOL = ["run", "-A", `--config=${join(ROOT, "deno.json")}`, join(ROOT, "main.ts")];

/** Calls that must not compile, and a part of TypeScript's message for each. */
const MISTAKES = `import { createClient } from "./pyrpc-client.js";
import type { Types } from "./api.js";

const rpc = createClient<Types>();
void rpc.add(1, "2");
void rpc.stock_levels("colour");
void rpc.save_product({ product: { sku: "ABC-0001" } });
`;

async function main(): Promise<number> {
  const installed = await deno(["install", "--quiet"]);
  if (installed.code !== 0) throw new Error(`"deno install" failed:\n${installed.stderr}`);
  await using server = await startMock();
  await using folder = await tempFolder({ "package.json": `{ "type": "module" }` });
  let isOk = true;
  const step = async (title: string, work: () => Promise<Result>) => {
    const start = performance.now();
    const result = await work();
    isOk &&= result.isOk;
    const took = seconds(performance.now() - start);
    process.stdout.write(`${result.isOk ? "✓" : "✗"} ${title} (${took})\n`);
    for (const line of result.words.trim().split("\n")) process.stdout.write(`    ${line}\n`);
  };

  await step(`pyrpc mock examples/shop.schema.json --handlers examples/handlers.js`, async () => {
    const procedures = await (await fetch(`${server.url}/rpc`)).json() as Record<string, unknown>;
    const names = Object.keys(procedures);
    return { isOk: names.length > 0, words: `${server.url}/rpc describes ${names.join(", ")}` };
  });
  await step(`pyrpc sync ${server.url} --out api.ts --client`, async () => {
    const args = ["sync", server.url, "--out", "api.ts", "--client"];
    const { code, stdout, stderr } = await deno([...TOOL, ...args], { cwd: folder.path });
    return { isOk: code === 0, words: `${stdout}${stderr}` };
  });
  await step("One of the procedures in api.ts", async () => {
    const text = await readFile(folder.at("api.ts"), "utf8");
    const [found] = /^ {2}greet: [^]*?^ {2}\}.*;$/m.exec(text) ?? [];
    const words = found?.replace(/^ {2}/gm, "") ?? "greet is not there";
    return { isOk: found !== undefined, words };
  });
  await cp(join(ROOT, "examples", "client.ts"), folder.at("client.ts"));
  const { isolatedDeclarations: _, ...options } = strictOptions("5.9");
  const tsc = { ...options, lib: ["ES2022", "DOM"] };
  await step("tsc --strict on examples/client.ts", async () => {
    const errors = await runTsc(folder.path, "5.9", { ...tsc, files: ["client.ts"] });
    return { isOk: errors === "", words: errors === "" ? "no errors" : errors };
  });
  await step("tsc --strict on three wrong calls", async () => {
    await writeFile(folder.at("mistakes.ts"), MISTAKES);
    const errors = await runTsc(folder.path, "5.9", { ...tsc, files: ["mistakes.ts"] });
    const lines = errors.split("\n").filter((line) => line.startsWith("mistakes.ts"));
    return { isOk: lines.length === 3, words: lines.join("\n") || "all three compile" };
  });
  await step("client.add(1, 2), client.greet('Ada') and a wrong call", async () => {
    const text = await readFile(folder.at("pyrpc-client.ts"), "utf8");
    await writeFile(folder.at("pyrpc-client.mjs"), toJavaScript(text));
    const { createClient } = await import(
      pathToFileURL(folder.at("pyrpc-client.mjs")).href
    ) as typeof import("../lib/client/pyrpc_client.ts");
    const client = createClient<{
      add(a: number, b: number): Promise<number>;
      greet(name: string): Promise<string>;
    }>({ baseUrl: server.url });
    const [sum, greeting] = [await client.add(1, 2), await client.greet("Ada")];
    const refusal: unknown = await client.add(1, "2" as never).catch((error: unknown) => error);
    const { code, data } = refusal as { code?: number; data?: { message?: string } };
    return {
      isOk: sum === 3 && typeof greeting === "string" && code === -32602,
      words: [
        `add answers ${sum} (the handler), greet ${JSON.stringify(greeting)} (a sample value)`,
        `add(1, "2") is rejected: ${code}, ${data?.message}`,
      ].join("\n"),
    };
  });
  process.stdout.write(isOk ? "The demo works\n" : "The demo failed\n");
  return isOk ? 0 : 1;
}

interface Result {
  readonly isOk: boolean;
  readonly words: string;
}

/** Starts `pyrpc mock` of the example contract on a free port, with a handler for `add`. */
async function startMock(): Promise<{ url: string } & AsyncDisposable> {
  const child = spawn(process.execPath, [
    ...TOOL,
    ...["mock", CONTRACT, "--handlers", HANDLERS, "--port", "0", "--json"],
  ], { stdio: ["ignore", "pipe", "inherit"] });
  const closed = once(child, "close");
  const [first] = await Promise.race([once(createInterface(child.stdout), "line"), closed]);
  if (typeof first !== "string") throw new Error(`The mock ended with code ${String(first)}`);
  const { url } = JSON.parse(first) as { url: string };
  return {
    url: new URL(url).origin,
    async [Symbol.asyncDispose]() {
      child.kill("SIGTERM");
      await closed;
    },
  };
}

process.exitCode = await main();
