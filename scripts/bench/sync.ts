import { createServer } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { clientText } from "../../lib/client/mod.ts";
import { pythonEnvironment } from "../../tests/support/python.ts";
import { tempFolder } from "../../tests/support/temp_folder.ts";
import { compile } from "../compile.ts";
import { deno, ROOT } from "../project.ts";
import { benchContract } from "./contract.ts";
import { medians } from "./measure.ts";
import type { BenchOptions, BenchResult } from "./mod.ts";

const PROCEDURES = 100;

/**
 * Compares `sync` of the compiled executable with upstream's `codegen URL`, whole processes, and measures the size of
 * the client.
 */
export async function benchSync({ runs }: BenchOptions): Promise<BenchResult> {
  const binary = join(ROOT, "dist", "pyrpc");
  const compiled = await compile("bun", binary);
  if (compiled.code !== 0) throw new Error(compiled.stderr);
  const upstream = await pythonEnvironment("shop-0.14");
  await using server = await serve(JSON.stringify(benchContract(PROCEDURES)));
  await using folder = await tempFolder({
    "ours/package.json": "{}",
    "theirs/package.json": "{}",
    "ours/pyrpc-client.json": JSON.stringify({ distribution: "server", server_url: server.url }),
  });
  const answers: number[] = [];
  const results = await medians({
    ours: {
      command: binary,
      args: ["sync"],
      options: { cwd: folder.at("ours") },
      // In the same rounds, so that a busy moment of the machine affects both.
      before: async () => void answers.push(await answerTime(server.url)),
    },
    theirs: {
      command: join(upstream.bin, "pyrpc"),
      args: ["codegen", server.url, "--client", folder.at("theirs")],
      options: { cwd: folder.path, env: { ...upstream.env, NO_COLOR: "1" } },
    },
  }, runs);
  const answer = answers.sort((a, b) => a - b)[Math.floor(answers.length / 2)] ?? 0;
  const { ours, theirs } = results;
  if (ours === undefined || theirs === undefined) throw new Error("A program was not measured");
  const more = ours.milliseconds - answer;
  const ratio = theirs.milliseconds / ours.milliseconds;
  const bytes = await clientBytes();
  return {
    title: "Types of a running server",
    note:
      `Whole processes, median of rounds in which all take turns, ${PROCEDURES} procedures with models of eight fields, a server on the same machine that answers prepared bytes. The client is minified by Deno's bundler and gzipped. Not shown: the network, a backend that is slow to describe itself, and a \`sync\` that writes.`,
    rows: [
      {
        what: "`sync` with nothing to change, beyond the server's own answer",
        ours: `${ours.milliseconds.toFixed(0)} ms`,
        peer: `${answer.toFixed(1)} ms`,
        ratio: `+${more.toFixed(0)} ms`,
        wanted: "≤ +60 ms",
        holds: more <= 60,
      },
      {
        what: "`sync`, against upstream's `pyrpc codegen URL` 0.14",
        ours: `${ours.milliseconds.toFixed(0)} ms`,
        peer: `${theirs.milliseconds.toFixed(0)} ms`,
        ratio: `${ratio.toFixed(1)} ×`,
        wanted: "≥ 20 ×",
        holds: ratio >= 20,
      },
      {
        what: "the client, minified and gzipped",
        ours: `${bytes} bytes`,
        peer: "",
        ratio: "",
        wanted: "≤ 2,048 bytes",
        holds: bytes <= 2048,
      },
    ],
  };
}

async function answerTime(url: string): Promise<number> {
  const start = performance.now();
  await (await fetch(`${url}/rpc`)).arrayBuffer();
  return performance.now() - start;
}

async function clientBytes(): Promise<number> {
  await using folder = await tempFolder({ "pyrpc-client.ts": clientText() });
  const output = folder.at("client.js");
  const args = ["bundle", "--quiet", "--minify", `--output=${output}`, "pyrpc-client.ts"];
  const { code, stderr } = await deno(args, { cwd: folder.path });
  if (code !== 0) throw new Error(`The client cannot be bundled:\n${stderr}`);
  const { readFile } = await import("node:fs/promises");
  return gzipSync(await readFile(output), { level: 9 }).length;
}

async function serve(body: string): Promise<{ url: string } & AsyncDisposable> {
  const server = createServer((_, response) => {
    response.writeHead(200, { "content-type": "application/json" }).end(body);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
