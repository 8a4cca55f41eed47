import { join } from "node:path";
import { startChromium } from "../../tests/support/chromium.ts";
import { typeUnderLiveTrace } from "../../tests/support/live_trace_load.ts";
import { startShop } from "../../tests/support/python.ts";
import { tempFolder } from "../../tests/support/temp_folder.ts";
import { compile } from "../compile.ts";
import { ROOT } from "../project.ts";
import { benchContract } from "./contract.ts";
import { type HttpServer, startBareUpstream, startHttpServer } from "./http_server.ts";
import { perSecond, times } from "./load.ts";
import { ADD_CONTRACT } from "./load_contract.ts";
import { roundOfMedianRatio } from "./measure.ts";
import type { BenchOptions, BenchResult, BenchRow } from "./mod.ts";
import { type Load, loadInTurns } from "./wrk.ts";
import { exampleBody, wrkScript } from "./wrk_script.ts";

/** Measures what the proxy adds to a call, and how soon the explorer responds. */
export async function benchProxy({ runs }: BenchOptions): Promise<BenchResult> {
  const binary = join(ROOT, "dist", "pyrpc");
  const compiled = await compile("bun", binary);
  if (compiled.code !== 0) throw new Error(compiled.stderr);
  const start = async (...args: readonly string[]) =>
    await startHttpServer({
      command: binary,
      args: (port) => [...args, "--port", String(port), "--quiet"],
      path: "/rpc",
      body: exampleBody("add"),
    });
  const calls = await callRows(start, runs);
  await using folder = await tempFolder({ "rpc.json": JSON.stringify(benchContract(500)) });
  await using large = await start("mock", folder.at("rpc.json"));
  const view = await firstView(new URL("/explorer", large.url).href, runs);
  const trace = await liveTrace(large.url);
  return {
    title: "Proxy and explorer",
    note: NOTE,
    rows: [
      ...calls,
      within("the explorer's first view, 500 procedures", view, 1000),
      within(
        "a live trace of 1,000 calls/s, 500 procedures: a key press until it shows (p95)",
        trace.key,
        100,
      ),
      within("meanwhile, delay of the page's timers (p99)", trace.lag, 100),
    ],
  };
}

const NOTE = [
  "wrk on the same machine, two seconds for each server in every round, the servers of a line in turns; a line shows the round of the median difference or ratio.",
  "The upstream server is `node:http` under the same Bun: it reads and parses each body and answers a prepared result with the id of the call.",
  "Arguments never repeat.",
  "The lines do not show a network between proxy and server, large bodies, or compression.",
  "uvicorn runs the real backend without a proxy.",
  "The first view in Chromium counts until all procedures are listed and a form is there, in a page of its own.",
  "Under the live trace keys are typed into the search; the time is from a press to the frame that shows it, in steps of 8 ms, as Chromium reports it.",
].join(" ");

/** Calls through the proxy, compared with direct calls to the same backend. */
async function callRows(
  start: (...args: readonly string[]) => Promise<HttpServer>,
  rounds: number,
): Promise<readonly BenchRow[]> {
  await using bare = await startBareUpstream(RESULT, JSON.stringify(ADD_CONTRACT));
  await using proxy = await start("proxy", bare.url);
  await using shop = await startShop("asgi");
  const script = wrkScript("add");
  const targets = {
    proxy: { url: proxy.url, script },
    bare: { url: bare.url, script },
    uvicorn: { url: `${shop.url}/rpc`, script },
  };
  const { uvicorn: _, ...withoutUvicorn } = targets;
  const one = await loadInTurns(withoutUvicorn, { connections: 1, rounds });
  const { bare: __, ...withoutBare } = targets;
  const many = await loadInTurns(withoutBare, { connections: 64, rounds });
  const added = ({ proxy, bare }: (typeof one)[number]) => proxy.p50 - bare.p50;
  const median = one.toSorted((a, b) => added(a) - added(b))[Math.floor(one.length / 2)]!;
  const [carried, alone] = roundOfMedianRatio(
    many.map(({ proxy, uvicorn }) => [proxy, uvicorn]),
    ({ rate }) => rate,
  ) as [Load, Load];
  return [
    {
      what: "a call through the proxy, 1 connection (p50), without the proxy",
      ours: `${median.proxy.p50.toFixed(2)} ms`,
      peer: `${median.bare.p50.toFixed(2)} ms`,
      ratio: `+${added(median).toFixed(2)} ms`,
      wanted: "≤ +0.4 ms",
      holds: added(median) <= 0.4,
    },
    {
      what: "calls through the proxy, 64 connections, the real backend under uvicorn",
      ours: perSecond(carried.rate),
      peer: perSecond(alone.rate),
      ratio: times(carried.rate / alone.rate),
      wanted: "≥ 4 ×",
      holds: carried.rate >= 4 * alone.rate,
    },
  ];
}

const RESULT = "38367";

/** A row of a time without a comparison. */
function within(what: string, ms: number, bound: number): BenchRow {
  return {
    what,
    ours: `${ms.toFixed(0)} ms`,
    peer: "",
    ratio: "",
    wanted: `≤ ${bound.toLocaleString("en")} ms`,
    holds: ms <= bound,
  };
}

const TRACE_SECONDS = 8;

/** Measures the latency of keys and page at a thousand calls per second from this process. */
async function liveTrace(rpcUrl: string): Promise<{ key: number; lag: number }> {
  await using chromium = await startChromium();
  const page = await chromium.browser.newPage();
  await page.goto(new URL("/explorer", rpcUrl).href);
  await page.waitForSelector("#call");
  const about = await fetch(new URL("/explorer/procedure?name=procedure_7", rpcUrl));
  const { example } = await about.json() as { example: unknown };
  const call = { method: "procedure_7", params: example };
  const { rate, keys, lag } = await typeUnderLiveTrace(page, rpcUrl, call, {
    seconds: TRACE_SECONDS,
    rate: 1000,
  });
  if (rate < 950) throw new Error(`Only ${rate.toFixed(0)} calls a second were made`);
  return { key: keys[Math.floor(keys.length * 0.95)]!, lag: lag.p99 };
}

async function firstView(url: string, runs: number): Promise<number> {
  await using chromium = await startChromium();
  const times: number[] = [];
  for (let index = 0; index < runs; index++) {
    const page = await chromium.browser.newPage();
    const start = performance.now();
    await page.goto(`${url}#procedure_7`);
    await page.waitForSelector("#form input");
    times.push(performance.now() - start);
    await page.close();
  }
  return times.sort((a, b) => a - b)[Math.floor(times.length / 2)]!;
}
