import { type ChildProcessByStdio, spawn } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { tempFolder } from "../../tests/support/temp_folder.ts";
import { compile } from "../compile.ts";
import { ROOT } from "../project.ts";
import { benchContract } from "./contract.ts";
import type { BenchOptions, BenchResult, BenchRow } from "./mod.ts";

const INITIALIZE_MS = 150;
const LIST_MS = 100;

/** Measures `pyrpc mcp` of the compiled executable as its client sees it: the handshake, and listing procedures. */
export async function benchMcp({ runs }: BenchOptions): Promise<BenchResult> {
  const binary = join(ROOT, "dist", "pyrpc");
  const compiled = await compile("bun", binary);
  if (compiled.code !== 0) throw new Error(compiled.stderr);
  await using folder = await tempFolder();
  await writeFile(folder.at("100.json"), JSON.stringify(benchContract(100)));
  await writeFile(folder.at("5000.json"), JSON.stringify(benchContract(5000)));
  const initialize: number[] = [];
  const list: number[] = [];
  for (let round = 0; round <= runs; round++) {
    const small = await measured(binary, folder.at("100.json"));
    const large = await measured(binary, folder.at("5000.json"));
    if (round === 0) continue;
    initialize.push(small.initialize);
    list.push(large.list);
  }
  return {
    title: "The MCP server",
    note:
      "Median of rounds, seen by a client that starts the executable and speaks over its standard streams. The list is that of the second call: the first one loads the contract. Not shown: contracts of servers and Python modules.",
    rows: [
      row("start and `initialize`, 100 procedures", initialize, INITIALIZE_MS),
      row("`list_procedures`, 5,000 procedures", list, LIST_MS),
    ],
  };
}

function row(what: string, times: readonly number[], limit: number): BenchRow {
  const sorted = [...times].sort((a, b) => a - b);
  const median = sorted[Math.floor((sorted.length - 1) / 2)] ?? Infinity;
  return {
    what,
    ours: `${Math.round(median)} ms`,
    peer: "",
    ratio: "",
    wanted: `≤ ${limit} ms`,
    holds: median <= limit,
  };
}

async function measured(
  binary: string,
  contract: string,
): Promise<{ readonly initialize: number; readonly list: number }> {
  const start = performance.now();
  const child = spawn(binary, ["mcp", contract], { stdio: ["pipe", "pipe", "inherit"] });
  try {
    const ask = asker(child);
    await ask("initialize", {
      protocolVersion: "2025-11-25",
      capabilities: {},
      clientInfo: { name: "bench", version: "1" },
    });
    const initialize = performance.now() - start;
    child.stdin.write('{"jsonrpc":"2.0","method":"notifications/initialized"}\n');
    await ask("tools/call", { name: "list_procedures", arguments: {} });
    const before = performance.now();
    await ask("tools/call", { name: "list_procedures", arguments: { search: "procedure" } });
    return { initialize, list: performance.now() - before };
  } finally {
    child.kill();
  }
}

function asker(child: ChildProcessByStdio<Writable, Readable, null>) {
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  let id = 0;
  return async (method: string, params: object): Promise<void> => {
    child.stdin.write(`${JSON.stringify({ jsonrpc: "2.0", id: ++id, method, params })}\n`);
    const { value } = await lines.next();
    const answer = JSON.parse(String(value)) as { id?: number; result?: { isError?: boolean } };
    if (answer.id !== id || answer.result === undefined || answer.result.isError === true) {
      throw new Error(`${method} failed: ${value}`);
    }
  };
}
