import { readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { npmPackages } from "../../tests/support/npm_packages.ts";
import { startShop } from "../../tests/support/python.ts";
import { type TempFolder, tempFolder } from "../../tests/support/temp_folder.ts";
import { compile } from "../compile.ts";
import { ROOT, run } from "../project.ts";
import {
  type HttpServer,
  startBareServer,
  startHttpServer,
  startTrivialServer,
} from "./http_server.ts";
import { perSecond, times } from "./load.ts";
import { ADD_CONTRACT, ADD_OPENAPI, LOAD_CONTRACT } from "./load_contract.ts";
import { peakDuring, roundOfMedianRatio } from "./measure.ts";
import type { BenchOptions, BenchResult, BenchRow } from "./mod.ts";
import { type Load, loadInTurns, type LoadOptions, runWrk, type Target } from "./wrk.ts";
import { BATCH_SIZE, type CallName, exampleBody, wrkBatchScript, wrkScript } from "./wrk_script.ts";

const OPENRPC_MOCK = "@open-rpc/mock-server@1.7.8";
const PRISM = "@stoplight/prism-cli@5.14.2";

/** Measures the mock in the executable against a bare server of the same engine and against other servers. */
export async function benchServe({ runs }: BenchOptions): Promise<BenchResult> {
  const binary = join(ROOT, "dist", "pyrpc");
  const compiled = await compile("bun", binary);
  if (compiled.code !== 0) throw new Error(compiled.stderr);
  await using folder = await tempFolder({ "contract.json": JSON.stringify(LOAD_CONTRACT) });
  const startMock = async () =>
    await startHttpServer({
      command: binary,
      args: (port) => ["mock", folder.at("contract.json"), "--port", String(port), "--quiet"],
      path: "/rpc",
      body: exampleBody("add"),
    });
  const rows: BenchRow[] = [];
  {
    await using mock = await startMock();
    const one = { connections: 1, rounds: runs };
    const many = { connections: 64, rounds: runs };
    rows.push(await bareRow("`add`", "add", 75, mock, one));
    rows.push(...await addRows(mock, binary, folder, many));
    rows.push(await bareRow("a nested model of ten fields", "save", 45, mock, many));
    rows.push(...await batchRows(mock, many));
  }
  await using fresh = await startMock();
  rows.push(await memoryRow(fresh));
  return {
    title: "The mock under load",
    note: NOTE,
    rows,
  };
}

const NOTE = [
  "wrk on the same machine, two seconds for each server in every round, the servers of a line in turns; a line shows the round of the median ratio.",
  "Ids and arguments never repeat.",
  "The bare server is `node:http` under the same Bun: it reads and parses each body and answers prepared bytes of the same length.",
  "The trivial server answers each chunk of bytes without parsing anything; the line shows that wrk is not the limit.",
  "Lines at one connection do not show throughput, lines at 64 do not show latency under a usual load.",
  "No line shows handlers, latency of a network, TLS or logging (`--quiet`).",
  "The batch lines count calls, not requests.",
  "At 64 connections four fifths of the processor time of `add` are what the bare server needs as well (the system and `node:http`), a fifth is parsing, validation, the sample value and formatting; the bare server itself reaches little more than twice the rate of open-rpc's mock.",
  "uvicorn runs the real backend, which executes the procedure; open-rpc's mock and Prism are Node.js servers, and Prism answers a POST of an OpenAPI document instead of JSON-RPC.",
  "Memory is the highest resident set while the calls are served; it does not show the memory of other contracts.",
].join(" ");

/** A call of the mock against the bare server. */
async function bareRow(
  what: string,
  call: CallName,
  percent: number,
  mock: HttpServer,
  options: LoadOptions,
): Promise<BenchRow> {
  await using bare = await startBareServer(await answerOf(mock, exampleBody(call)));
  const script = wrkScript(call);
  const rounds = await loadInTurns({
    mock: { url: mock.url, script },
    bare: { url: bare.url, script },
  }, options);
  return shareRow(`${what}, ${connectionCount(options)}, bare server`, percent, rounds);
}

/** Compares `add` with the other servers. */
async function addRows(
  mock: HttpServer,
  binary: string,
  folder: TempFolder,
  options: LoadOptions,
): Promise<readonly BenchRow[]> {
  const answer = await answerOf(mock, exampleBody("add"));
  await using bare = await startBareServer(answer);
  await using trivial = await startTrivialServer(answer);
  await using shop = await startShop("asgi");
  await using openrpc = await startOpenRpcMock(binary, folder);
  await using prism = await startPrism(folder);
  const script = wrkScript("add");
  const rounds = await loadInTurns({
    mock: { url: mock.url, script },
    bare: { url: bare.url, script },
    trivial: { url: trivial.url, script },
    uvicorn: { url: `${shop.url}/rpc`, script },
    openrpc: { url: openrpc.url, script: wrkScript("add as JSON-RPC") },
    prism: { url: prism.url, script: wrkScript("add as REST") },
  }, options);
  const line = `\`add\`, ${connectionCount(options)}`;
  return [
    shareRow(`${line}, bare server`, 75, rounds),
    generatorRow(line, rounds),
    tailRow(line, rounds),
    timesRow(`${line}, the real backend under uvicorn`, 8, rounds, "uvicorn"),
    timesRow(`${line}, ${OPENRPC_MOCK}`, 2, rounds, "openrpc"),
    timesRow(`${line}, ${PRISM}`, 6, rounds, "prism"),
  ];
}

/** Compares batches with single calls, and JSON with spaces with compact JSON. */
async function batchRows(mock: HttpServer, options: LoadOptions): Promise<readonly BenchRow[]> {
  const { url } = mock;
  const batch = `[${Array(BATCH_SIZE).fill(exampleBody("add")).join(",")}]`;
  await using trivial = await startTrivialServer(await answerOf(mock, batch));
  const compact = wrkBatchScript("add", ",");
  const rounds = await loadInTurns({
    mock: { url, script: compact },
    spaced: { url, script: wrkBatchScript("add with spaces", ", ") },
    single: { url, script: wrkScript("add") },
    trivial: { url: trivial.url, script: compact },
  }, options);
  const calls = (load: Load) => load.rate * BATCH_SIZE;
  const [many, single] = roundOfMedianRatio(
    rounds.map(({ mock, single }) => [calls(mock), single.rate]),
    (rate) => rate,
  ) as [number, number];
  const [spaced, plain] = roundOfMedianRatio(
    rounds.map(({ spaced, mock }) => [calls(spaced), calls(mock)]),
    (rate) => rate,
  ) as [number, number];
  const line = `a batch of ${BATCH_SIZE}, ${connectionCount(options)}`;
  return [
    {
      what: `${line}, single calls`,
      ours: perSecond(many),
      peer: perSecond(single),
      ratio: times(many / single),
      wanted: "≥ 8 ×",
      holds: many >= 8 * single,
    },
    {
      what: `${line}, JSON with Python's default spacing against compact JSON`,
      ours: perSecond(spaced),
      peer: perSecond(plain),
      ratio: percentage(spaced / plain),
      wanted: "85 to 115 %",
      holds: Math.abs(spaced / plain - 1) <= 0.15,
    },
    generatorRow(line, rounds),
  ];
}

type Round<Name extends string> = Readonly<Record<"mock" | Name, Load>>;

function medianLoads<Name extends string>(
  rounds: readonly Round<Name>[],
  other: Name,
  amount: (load: Load) => number = ({ rate }) => rate,
): readonly [ours: Load, theirs: Load] {
  const pairs = rounds.map((round) => [round.mock, round[other]]);
  return roundOfMedianRatio(pairs, amount) as [Load, Load];
}

function shareRow(what: string, percent: number, rounds: readonly Round<"bare">[]): BenchRow {
  const [mock, bare] = medianLoads(rounds, "bare");
  const share = mock.rate / bare.rate;
  return {
    what,
    ours: perSecond(mock.rate),
    peer: perSecond(bare.rate),
    ratio: percentage(share),
    wanted: `≥ ${percent} %`,
    holds: share >= percent / 100,
  };
}

function timesRow<Name extends string>(
  what: string,
  wanted: number,
  rounds: readonly Round<Name>[],
  other: Name,
): BenchRow {
  const [mock, peer] = medianLoads(rounds, other);
  return {
    what,
    ours: perSecond(mock.rate),
    peer: perSecond(peer.rate),
    ratio: times(mock.rate / peer.rate),
    wanted: `≥ ${wanted} ×`,
    holds: mock.rate >= wanted * peer.rate,
  };
}

/** Shows that wrk can send more than the fastest measured server answers. */
function generatorRow(
  line: string,
  rounds: readonly Readonly<Record<"mock" | "trivial", Load> & Partial<Record<"bare", Load>>>[],
): BenchRow {
  const [fastest, trivial] = roundOfMedianRatio(
    rounds.map(({ mock, bare, trivial }) => [Math.max(mock.rate, bare?.rate ?? 0), trivial.rate]),
    (rate) => rate,
  ) as [number, number];
  return {
    what: `${line}, wrk at a trivial server against the fastest server above`,
    ours: perSecond(trivial),
    peer: perSecond(fastest),
    ratio: percentage(trivial / fastest),
    wanted: "≥ 130 %",
    holds: trivial >= 1.3 * fastest,
  };
}

function tailRow(line: string, rounds: readonly Round<"bare">[]): BenchRow {
  const [mock, bare] = medianLoads(rounds, "bare", ({ p99 }) => p99);
  const ratio = mock.p99 / bare.p99;
  return {
    what: `${line}, p99, bare server`,
    ours: `${mock.p99.toFixed(1)} ms`,
    peer: `${bare.p99.toFixed(1)} ms`,
    ratio: times(ratio),
    wanted: "≤ 1.5 ×",
    holds: ratio <= 1.5,
  };
}

/** The growth of the resident memory between the first 50,000 and the first 500,000 calls. */
async function memoryRow(mock: HttpServer): Promise<BenchRow> {
  const target: Target = { url: mock.url, script: wrkScript("add") };
  let calls = 0;
  let peak = 0;
  const loadUntil = async (end: number) => {
    while (calls < end) {
      const [{ requests }, highest] = await peakDuring(
        () => residentMiB(mock.pid),
        () => runWrk(target, 64),
      );
      calls += requests;
      peak = highest;
    }
    return peak;
  };
  const before = await loadUntil(50_000);
  const after = await loadUntil(500_000);
  return {
    what: "resident memory after call 500,000 against call 50,000",
    ours: `${after.toFixed(0)} MiB`,
    peer: `${before.toFixed(0)} MiB`,
    ratio: `${after < before ? "" : "+"}${(after - before).toFixed(0)} MiB`,
    wanted: "≤ +20 MiB",
    holds: after - before <= 20,
  };
}

function residentMiB(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024;
}

async function answerOf({ url }: HttpServer, body: string): Promise<string> {
  const response = await fetch(url, { method: "POST", body });
  return await response.text();
}

async function startOpenRpcMock(binary: string, folder: TempFolder): Promise<HttpServer> {
  const document = folder.at("openrpc.json");
  await writeFile(folder.at("add.json"), JSON.stringify(ADD_CONTRACT));
  const args = ["export", "openrpc", folder.at("add.json"), "--out", document];
  const made = await run(binary, args);
  if (made.code !== 0) throw new Error(made.stderr);
  const program = await installedBin(OPENRPC_MOCK, "open-rpc-mock-server");
  return await startHttpServer({
    command: "node",
    args: (port) => [program, "-d", document, "-p", String(port)],
    path: "/",
    body: exampleBody("add as JSON-RPC"),
  });
}

async function startPrism(folder: TempFolder): Promise<HttpServer> {
  const document = folder.at("openapi.json");
  await writeFile(document, JSON.stringify(ADD_OPENAPI));
  const program = await installedBin(PRISM, "prism");
  return await startHttpServer({
    command: "node",
    args: (port) => [program, "mock", document, "-p", String(port)],
    path: "/add",
    body: exampleBody("add as REST"),
  });
}

/** The path of a program of an npm package, which is installed the first time. */
async function installedBin(packageVersion: string, bin: string): Promise<string> {
  return join(await npmPackages(packageVersion), "node_modules", ".bin", bin);
}

function connectionCount({ connections }: LoadOptions): string {
  return `${connections} connection${connections === 1 ? "" : "s"}`;
}

function percentage(ratio: number): string {
  return `${(ratio * 100).toFixed(0)} %`;
}
