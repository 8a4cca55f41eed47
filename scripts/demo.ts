/**
 * `deno task demo`: the main job from beginning to end on the example contract. Serves it on a free port, syncs its types
 * into a temporary client, type-checks a sample that uses them, and one that misuses them, and makes a real call.
 *
 * @module
 */

import { cp, readFile, writeFile } from "node:fs/promises";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import process from "node:process";
import { pathToFileURL } from "node:url";
import { tempFolder } from "../tests/support/temp_folder.ts";
import { runTsc, strictOptions, toJavaScript } from "../tests/support/typescript.ts";
import { deno, ROOT, seconds } from "./project.ts";

const CONTRACT = join(ROOT, "examples", "shop.schema.json");

/** Calls that must not compile, and a part of what TypeScript says of each. */
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
  await using server = await serveContract();
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

  await step(`Serve examples/shop.schema.json at ${server.url}`, async () => {
    const procedures = await (await fetch(`${server.url}/rpc`)).json() as Record<string, unknown>;
    const names = Object.keys(procedures);
    return { isOk: names.length > 0, words: `GET /rpc describes ${names.join(", ")}` };
  });
  await step(`pyrpc sync ${server.url} --out api.ts --client`, async () => {
    const tool = ["run", "-A", `--config=${join(ROOT, "deno.json")}`, join(ROOT, "main.ts")];
    const args = ["sync", server.url, "--out", "api.ts", "--client"];
    const { code, stdout, stderr } = await deno([...tool, ...args], { cwd: folder.path });
    return { isOk: code === 0, words: `${stdout}${stderr}` };
  });
  await step("One of the procedures in api.ts", async () => {
    const text = await readFile(folder.at("api.ts"), "utf8");
    const [found] = /^ {2}greet: [^]*?;$/m.exec(text) ?? [];
    return { isOk: found !== undefined, words: found ?? "greet is not there" };
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
  await step("client.add(1, 2), a real call", async () => {
    const text = await readFile(folder.at("pyrpc-client.ts"), "utf8");
    await writeFile(folder.at("pyrpc-client.mjs"), toJavaScript(text));
    const { createClient } = await import(
      pathToFileURL(folder.at("pyrpc-client.mjs")).href
    ) as typeof import("../lib/client/pyrpc_client.ts");
    const client = createClient<{ add(a: number, b: number): Promise<number> }>({
      baseUrl: server.url,
    });
    const answer = await client.add(1, 2);
    return { isOk: answer === 3, words: `answers ${answer}` };
  });
  process.stdout.write(isOk ? "The demo works\n" : "The demo failed\n");
  return isOk ? 0 : 1;
}

interface Result {
  readonly isOk: boolean;
  readonly words: string;
}

/** The example backend on a free port: its contract on `GET /rpc`, and one of its procedures on `POST /rpc`. */
async function serveContract(): Promise<{ url: string } & AsyncDisposable> {
  const contract = await readFile(CONTRACT);
  const server = createServer(async (request, response) => {
    const send = (status: number, body: unknown) => {
      response.writeHead(status, { "content-type": "application/json" });
      response.end(body instanceof Uint8Array ? body : JSON.stringify(body));
    };
    if (request.url !== "/rpc") return send(404, { error: "Not Found" });
    if (request.method === "GET") return send(200, contract);
    let text = "";
    for await (const chunk of request) text += String(chunk);
    const { id, method, params } = JSON.parse(text) as {
      id: string;
      method: string;
      params: readonly number[];
    };
    if (method === "add") {
      return send(200, { id, result: params.reduce((sum, value) => sum + value, 0), error: null });
    }
    const error = { code: -32601, message: `Method not found: ${method}`, data: null };
    send(200, { id, result: null, error });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

process.exitCode = await main();
