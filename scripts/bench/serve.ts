import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { setTimeout as delay } from "node:timers/promises";
import { requireTool } from "../../tests/support/external.ts";
import { freePort } from "../../tests/support/free_port.ts";
import { npmPackages } from "../../tests/support/npm_packages.ts";
import { startShop } from "../../tests/support/python.ts";
import { tempFolder } from "../../tests/support/temp_folder.ts";
import { bunPath } from "../bun.ts";
import { compile } from "../compile.ts";
import { ROOT, run } from "../project.ts";
import { benchContract } from "./contract.ts";
import { peakDuring, roundOfMedianRatio } from "./measure.ts";
import type { BenchOptions, BenchResult, BenchRow } from "./mod.ts";
import { sameScript, VARIED, type VariedLoad, wrkScript } from "./varied_load.ts";

const OPENRPC_MOCK = "@open-rpc/mock-server@1.7.8";
const PRISM = "@stoplight/prism-cli@5.14.2";

const PARTS = {
  a: { type: "integer" },
  b: { type: "integer" },
};

/** A model of ten fields with another in it. */
const MODEL = {
  type: "object",
  title: "Customer",
  properties: {
    id: { type: "integer", minimum: 1 },
    name: { type: "string", minLength: 1, maxLength: 80 },
    email: { type: "string", format: "email" },
    born: { type: "string", format: "date" },
    is_active: { type: "boolean" },
    balance: { type: "number" },
    tags: { type: "array", items: { type: "string" } },
    state: { type: "string", enum: ["new", "known", "blocked"] },
    note: { anyOf: [{ type: "string" }, { type: "null" }] },
    address: {
      type: "object",
      title: "Address",
      properties: { street: { type: "string" }, city: { type: "string" } },
      required: ["street", "city"],
    },
  },
  required: ["id", "name", "email", "born", "is_active", "balance", "tags", "state", "address"],
};

const CUSTOMER = {
  id: 7,
  name: "Ada",
  email: "ada@example.com",
  born: "1990-12-10",
  is_active: true,
  balance: 12.5,
  tags: ["a", "b"],
  state: "known",
  note: null,
  address: { street: "Main Street 1", city: "London" },
};

const ADD = { id: 1, method: "add", params: [1, 2] };
/** What is called, and a body of the kind: the bare server answers what the mock answers to it. */
const LOADS: readonly (readonly [what: string, calls: VariedLoad["calls"], body: unknown])[] = [
  ["`add`", "add", { ...ADD, params: [2000, 38366] }],
  ["a nested model of ten fields", "save", {
    id: 1000,
    method: "save",
    params: { customer: CUSTOMER },
  }],
  [
    "a batch of 50",
    "batch",
    Array.from({ length: 50 }, (_, id) => ({ ...ADD, id: id + 1000, params: [2000, 38366] })),
  ],
];

/** Requests per second of the mock in the executable against a bare server of the same engine, and against peers. */
export async function benchServe({ runs }: BenchOptions): Promise<BenchResult> {
  const binary = join(ROOT, "dist", "pyrpc");
  const compiled = await compile("bun", binary);
  if (compiled.code !== 0) throw new Error(compiled.stderr);
  await using folder = await tempFolder({
    "contract.json": JSON.stringify({ ...benchContract(98), ...contract() }),
    "bare.mjs": BARE_SERVER,
    "openapi.json": JSON.stringify(OPENAPI),
  });
  const port = await freePort();
  const startedAt = performance.now();
  await using mock = await startServer(
    binary,
    ["mock", folder.at("contract.json"), "--port", String(port), "--quiet"],
    `http://127.0.0.1:${port}/rpc`,
    ADD,
  );
  const firstAnswer = performance.now() - startedAt;
  const rows: BenchRow[] = [];
  let ours: Load | undefined;
  let tails: readonly Load[] = [];
  for (const [what, calls, body] of LOADS) {
    const answer = await (await fetch(mock.url, { method: "POST", body: JSON.stringify(body) }))
      .text();
    await writeFile(folder.at("answer.json"), answer);
    const barePort = await freePort();
    await using bare = await startServer(
      await bunPath(),
      [folder.at("bare.mjs"), String(barePort), folder.at("answer.json")],
      `http://127.0.0.1:${barePort}/rpc`,
      body,
    );
    if (calls === "add") {
      const script = wrkScript({ calls, repeats: true });
      tails = await sideBySide([mock.url, bare.url], script, 64, runs, TAIL_SECONDS);
    }
    for (const [repeats, connections] of [[true, 1], [true, 64], [false, 64]] as const) {
      const load = { calls, repeats };
      const [a, b] = await sideBySide([mock.url, bare.url], wrkScript(load), connections, runs);
      if (calls === "add" && repeats && connections === 64) ours = a;
      const ratio = a!.rate / b!.rate;
      const how = `${connections} connection${connections === 1 ? "" : "s"}`;
      rows.push({
        what: `${what}, ${how}, ${repeats ? "" : "arguments never repeat, "}bare server`,
        ours: perSecond(a!),
        peer: perSecond(b!),
        ratio: percent(ratio),
        // What never repeats is checked and made up each time: the line says what that takes, no bound is on it.
        wanted: repeats ? "≥ 75 %" : "",
        holds: !repeats || ratio >= 0.75,
      });
    }
  }
  if (ours === undefined) throw new Error("add was not measured");
  const { rate } = ours;
  const [p99, p99OfBare] = tails.map((load) => load.p99);
  if (p99 === undefined || p99OfBare === undefined) throw new Error("No p99 was measured");
  rows.push({
    what: `p99 of \`add\`, 64 connections, ${TAIL_SECONDS} s, bare server`,
    ours: `${p99.toFixed(1)} ms`,
    peer: `${p99OfBare.toFixed(1)} ms`,
    ratio: "",
    wanted: "< 6 ms",
    holds: p99 < 6,
  }, {
    what: "first answer after the start, 100 procedures",
    ours: `${firstAnswer.toFixed(0)} ms`,
    peer: "",
    ratio: "",
    wanted: "≤ 150 ms",
    holds: firstAnswer <= 150,
  });
  rows.push(await memoryRow(mock, 500_000));
  for (const [what, wanted, start] of peers(folder.at("openapi.json"), folder.path, binary)) {
    const { url, body, stop } = await start();
    try {
      const [theirs] = await sideBySide([url], sameScript(body), 64, 1);
      const ratio = rate / theirs!.rate;
      rows.push({
        what: `\`add\`, 64 connections, ${what}`,
        ours: perSecond(ours),
        peer: perSecond(theirs!),
        ratio: `${ratio.toFixed(1)} ×`,
        wanted: `≥ ${wanted} ×`,
        holds: ratio >= wanted,
      });
    } finally {
      await stop();
    }
  }
  return {
    title: "The mock under load",
    note:
      `wrk on the same machine, ${SECONDS} s each after ${WARM_UP} s to warm up, the two of a line taking turns, the round of the median ratio. Ids run on, and arguments go round ${
        VARIED.toLocaleString("en")
      } different ones or never come again, where the line says so; both servers of a line get the same. The bare server is \`node:http\` under the same Bun: it parses the body and answers fixed bytes. The peers get one call over and over. Prism answers a POST of an OpenAPI document.`,
    rows,
  };
}

function contract(): Record<string, unknown> {
  const procedure = (name: string, parameters: Record<string, unknown>, result: unknown) => ({
    name,
    parameters: Object.entries(parameters).map(([name, schema]) => ({
      name,
      type: "typing.Any",
      schema_: schema,
      required: true,
      default: null,
    })),
    return_type: "typing.Any",
    return_schema: result,
    doc: "",
    is_async: false,
    kind: "query",
  });
  return {
    add: procedure("add", PARTS, { type: "integer" }),
    save: procedure("save", { customer: MODEL }, MODEL),
  };
}

const OPENAPI = {
  openapi: "3.0.3",
  info: { title: "add", version: "1" },
  paths: {
    "/add": {
      post: {
        requestBody: {
          required: true,
          content: {
            "application/json": {
              schema: { type: "object", properties: PARTS, required: ["a", "b"] },
            },
          },
        },
        responses: {
          200: {
            description: "sum",
            content: { "application/json": { schema: { type: "integer" } } },
          },
        },
      },
    },
  },
};

const BARE_SERVER = `import { createServer } from "node:http";
import { readFileSync } from "node:fs";
const answer = readFileSync(process.argv[3]);
const headers = { "content-type": "application/json", "content-length": answer.length };
createServer((request, response) => {
  const chunks = [];
  request.on("data", (chunk) => chunks.push(chunk));
  request.on("end", () => {
    JSON.parse(Buffer.concat(chunks).toString());
    response.writeHead(200, headers);
    response.end(answer);
  });
}).listen(Number(process.argv[2]), "127.0.0.1");
`;

interface Peer {
  readonly url: string;
  readonly body: unknown;
  stop(): Promise<void>;
}

function peers(
  openapi: string,
  folder: string,
  binary: string,
): readonly (readonly [what: string, wanted: number, start: () => Promise<Peer>])[] {
  return [
    ["the real backend under uvicorn", 8, async () => {
      const server = await startShop("asgi");
      return {
        url: `${server.url}/rpc`,
        body: ADD,
        stop: async () => await server[Symbol.asyncDispose](),
      };
    }],
    [OPENRPC_MOCK, 2, async () => {
      const document = join(folder, "openrpc.json");
      await writeFile(join(folder, "add.json"), JSON.stringify({ add: contract()["add"] }));
      const made = await run(binary, [
        "export",
        "openrpc",
        join(folder, "add.json"),
        "--out",
        document,
      ]);
      if (made.code !== 0) throw new Error(made.stderr);
      const bin = await installPeer(OPENRPC_MOCK, "open-rpc-mock-server");
      return await startPeer(bin, ["-d", document, "-p"], "/", { jsonrpc: "2.0", ...ADD });
    }],
    [PRISM, 6, async () => {
      const bin = await installPeer(PRISM, "prism");
      return await startPeer(bin, ["mock", openapi, "-p"], "/add", { a: 1, b: 2 });
    }],
  ];
}

async function startPeer(
  bin: string,
  args: readonly string[],
  path: string,
  body: unknown,
): Promise<Peer> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}${path}`;
  const server = await startServer("node", [bin, ...args, String(port)], url, body);
  return { url, body, stop: async () => await server[Symbol.asyncDispose]() };
}

/** The path of a program of an npm package, which is installed the first time. */
async function installPeer(packageVersion: string, bin: string): Promise<string> {
  return join(await npmPackages(packageVersion), "node_modules", ".bin", bin);
}

interface RunningProcess extends AsyncDisposable {
  readonly url: string;
  readonly pid: number;
}

/** Starts a server and waits until it answers `body`. */
export async function startServer(
  command: string,
  args: readonly string[],
  url: string,
  body: unknown,
): Promise<RunningProcess> {
  const child: ChildProcess = spawn(command, args, { stdio: "ignore" });
  const closed = once(child, "close");
  const killOnExit = () => void child.kill("SIGKILL");
  process.once("exit", killOnExit);
  const stop = async () => {
    process.off("exit", killOnExit);
    child.kill("SIGKILL");
    await closed;
  };
  const end = performance.now() + 60_000;
  while (child.exitCode === null && performance.now() < end) {
    try {
      const headers = { "content-type": "application/json" };
      const response = await fetch(url, { method: "POST", headers, body: JSON.stringify(body) });
      await response.arrayBuffer();
      if (response.ok) return { url, pid: child.pid!, [Symbol.asyncDispose]: stop };
    } catch {
      // It does not listen yet.
    }
    await delay(2);
  }
  await stop();
  throw new Error(`"${command} ${args.join(" ")}" does not answer`);
}

/** What wrk says of one load. */
export interface Load {
  /** Requests per second. */
  readonly rate: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
}

const SECONDS = 3;
const WARM_UP = 5;
/** Of a few seconds the slowest hundredth is what the machine did in one or two moments. */
const TAIL_SECONDS = 10;

/** Loads the servers in turns with a script for wrk, `rounds` times; the round of the median ratio, or speed where there is one server. */
export async function sideBySide(
  urls: readonly string[],
  script: string,
  connections: number,
  rounds: number,
  seconds = SECONDS,
): Promise<readonly Load[]> {
  await using folder = await tempFolder({ "post.lua": script });
  const all: Load[][] = [];
  for (let round = 0; round <= rounds; round++) {
    const loads: Load[] = [];
    for (const url of urls) {
      // The first round warms up: a varied load has to go round, and Bun compiles what is hot beside what it measures.
      const duration = round === 0 ? WARM_UP : seconds;
      loads.push(await wrk(url, folder.at("post.lua"), connections, duration));
    }
    if (round > 0) all.push(loads);
  }
  return roundOfMedianRatio(all, ({ rate }) => rate);
}

async function wrk(
  url: string,
  script: string,
  connections: number,
  duration: number,
): Promise<Load> {
  const args = ["-t1", `-c${connections}`, `-d${duration}s`, "--latency", "-s", script, url];
  const { code, stdout, stderr } = await run(requireTool("wrk").path, args);
  const rate = /Requests\/sec:\s+([\d.]+)/.exec(stdout)?.[1];
  if (code !== 0 || rate === undefined || /Non-2xx/.test(stdout)) {
    throw new Error(`wrk failed at ${url}:\n${stdout}${stderr}`);
  }
  return { rate: Number(rate), p50: quantile(stdout, 50), p99: quantile(stdout, 99) };
}

function quantile(text: string, percent: number): number {
  const match = new RegExp(`^\\s+${percent}%\\s+([\\d.]+)(us|ms|s)`, "m").exec(text);
  if (match === null) throw new Error(`wrk says no ${percent} %:\n${text}`);
  return Number(match[1]) * ({ us: 0.001, ms: 1, s: 1000 }[match[2] as "us" | "ms" | "s"]);
}

/** Whether memory stays: what a first load takes at most, and what the last one takes at most after `requests` of the same kind. */
async function memoryRow(mock: RunningProcess, requests: number): Promise<BenchRow> {
  const script = wrkScript({ calls: "add", repeats: false });
  const weigh = () => residentMiB(mock.pid);
  const load = () => sideBySide([mock.url], script, 64, 1);
  const [, before] = await peakDuring(weigh, load);
  let after = before;
  for (let sent = 0; sent < requests;) {
    const [[made], peak] = await peakDuring(weigh, load);
    sent += made!.rate * (SECONDS + WARM_UP);
    after = peak;
  }
  return {
    what: `memory at most, after ${requests.toLocaleString("en")} requests that never repeat`,
    ours: `${after.toFixed(0)} MiB`,
    peer: `${before.toFixed(0)} MiB before`,
    ratio: `${after < before ? "" : "+"}${(after - before).toFixed(0)} MiB`,
    wanted: "≤ +20 MiB",
    holds: after - before <= 20,
  };
}

function residentMiB(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024;
}

function perSecond({ rate }: Load): string {
  return `${Math.round(rate).toLocaleString("en")}/s`;
}

function percent(ratio: number): string {
  return `${(ratio * 100).toFixed(0)} %`;
}
