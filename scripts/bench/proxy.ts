import { join } from "node:path";
import { startChromium } from "../../tests/support/chromium.ts";
import { freePort } from "../../tests/support/free_port.ts";
import { typeUnderLiveTrace } from "../../tests/support/live_trace_load.ts";
import { tempFolder } from "../../tests/support/temp_folder.ts";
import { compile } from "../compile.ts";
import { ROOT } from "../project.ts";
import { benchContract } from "./contract.ts";
import type { BenchOptions, BenchResult, BenchRow } from "./mod.ts";
import { sideBySide, startServer } from "./serve.ts";
import { sameScript } from "./varied_load.ts";

const GREET = { id: 1, method: "greet", params: ["Ada"] };

/** What the proxy adds to a call of the mock, and how soon the explorer is there. */
export async function benchProxy({ runs }: BenchOptions): Promise<BenchResult> {
  const binary = join(ROOT, "dist", "pyrpc");
  const compiled = await compile("bun", binary);
  if (compiled.code !== 0) throw new Error(compiled.stderr);
  const start = async (args: readonly string[], body: unknown) => {
    const port = await freePort();
    const url = `http://127.0.0.1:${port}/rpc`;
    return await startServer(binary, [...args, "--port", String(port), "--quiet"], url, body);
  };
  await using mock = await start(["mock", join(ROOT, "examples", "shop.schema.json")], GREET);
  await using proxy = await start(["proxy", mock.url], GREET);
  const script = sameScript(GREET);
  const [direct, through] = await sideBySide([mock.url, proxy.url], script, 1, runs);
  // What runs for hours is measured, not the engine's first seconds, in which it compiles.
  await sideBySide([mock.url, proxy.url], script, 64, 2);
  const [alone, carried] = await sideBySide([mock.url, proxy.url], script, 64, runs);
  const added = through!.p50 - direct!.p50;
  const share = carried!.rate / alone!.rate;
  await using folder = await tempFolder({ "rpc.json": JSON.stringify(benchContract(500)) });
  await using large = await start(["mock", folder.at("rpc.json")], { id: 1, method: "none" });
  const view = await firstView(new URL("/explorer", large.url).href, runs);
  const trace = await liveTrace(large.url);
  return {
    title: "Proxy and explorer",
    note:
      "The mock behind the proxy, wrk on the same machine, the two taking turns, the round of the median ratio. The first view in Chromium counts until all procedures are listed and a form is there, in a page of its own. Under the live trace keys are typed into the search; from a press to the frame that shows it, in steps of 8 ms, as Chromium tells it.",
    rows: [
      {
        what: "a call through the proxy, 1 connection (p50)",
        ours: `${through!.p50.toFixed(2)} ms`,
        peer: `${direct!.p50.toFixed(2)} ms`,
        ratio: `+${added.toFixed(2)} ms`,
        wanted: "≤ +0.3 ms",
        holds: added <= 0.3,
      },
      {
        what: "requests per second through the proxy, 64 connections",
        ours: `${Math.round(carried!.rate).toLocaleString("en")}/s`,
        peer: `${Math.round(alone!.rate).toLocaleString("en")}/s`,
        ratio: `${(share * 100).toFixed(0)} %`,
        wanted: "≥ 50 %",
        holds: share >= 0.5,
      },
      within("the explorer's first view, 500 procedures", view, 1000),
      within(
        "a live trace of 1,000 calls/s, 500 procedures: a key press until it shows (p95)",
        trace.key,
        100,
      ),
      within("meanwhile, how late the page's timers come (p99)", trace.lag, 100),
    ],
  };
}

/** A row of a time that stands for itself. */
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

/** What keys and page feel of a thousand calls a second; the calls come from this process. */
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
