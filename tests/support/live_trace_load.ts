import { Buffer } from "node:buffer";
import { Agent, request } from "node:http";
import type { Page } from "puppeteer-core";

/** How a page of the explorer does while it shows every call of a busy server. Times in milliseconds. */
export interface Responsiveness {
  /** Calls that were made in a second. */
  readonly rate: number;
  /** From a key press to the frame that shows its effect, as the browser reports it; steps of 8, under 16 counts as 16. */
  readonly keys: readonly number[];
  /** How late timers came: what the page's thread was busy for. */
  readonly lag: { readonly p90: number; readonly p99: number };
  /** How often the trace was drawn in a second. */
  readonly draws: number;
}

const CALLS = 10;

/**
 * Calls a procedure `rate` times a second, in batches of ten, and types into the page's search meanwhile. The page is to
 * be open, with its list.
 */
export async function typeUnderLiveTrace(
  page: Page,
  rpcUrl: string,
  call: { readonly method: string; readonly params: unknown },
  { seconds, rate: wanted }: { readonly seconds: number; readonly rate: number },
): Promise<Responsiveness> {
  await page.evaluate(watch);
  const load = startLoad(
    rpcUrl,
    JSON.stringify(Array.from({ length: CALLS }, (_, id) => ({ id, ...call }))),
    wanted / 1000,
  );
  const end = performance.now() + seconds * 1000;
  // Typed and taken back, so that the list gets shorter and longer.
  await page.focus("#search");
  let rate: number;
  try {
    while (performance.now() < end) {
      for (const key of ["o", "r", "d", "Backspace", "Backspace", "Backspace"] as const) {
        await page.keyboard.press(key, { delay: 20 });
        await new Promise((done) => setTimeout(done, 80));
      }
    }
  } finally {
    rate = await load.stop();
  }
  return { rate, ...await page.evaluate(responsiveness) };
}

interface Watched {
  readonly keys: Map<number, number>;
  readonly pressed: { count: number };
  readonly lags: number[];
  readonly started: number;
  draws: number;
  stop(): void;
}

// Runs in the page.
function watch(): void {
  const pressed = { count: 0 };
  const press = () => void pressed.count++;
  const keys = new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      const { startTime, duration } = entry;
      if (!/^(keydown|keypress|beforeinput|input|keyup)$/.test(entry.name)) continue;
      watched.keys.set(startTime, Math.max(watched.keys.get(startTime) ?? 0, duration));
    }
  });
  keys.observe({ type: "event", durationThreshold: 16 } as PerformanceObserverInit);
  const draws = new MutationObserver(() => void watched.draws++);
  draws.observe(document.getElementById("trace")!, { childList: true });
  addEventListener("keydown", press, true);
  let last = performance.now();
  const timer = setInterval(() => {
    const now = performance.now();
    watched.lags.push(Math.max(0, now - last - 10));
    last = now;
  }, 10);
  const watched: Watched = {
    keys: new Map(),
    pressed,
    lags: [],
    started: performance.now(),
    draws: 0,
    stop() {
      keys.disconnect();
      draws.disconnect();
      removeEventListener("keydown", press, true);
      clearInterval(timer);
    },
  };
  Object.assign(globalThis, { watched });
}

// Runs in the page.
function responsiveness(): Omit<Responsiveness, "rate"> {
  const { watched } = globalThis as unknown as { watched: Watched };
  watched.stop();
  const lags = [...watched.lags].sort((a, b) => a - b);
  const slow = [...watched.keys.values()];
  const fast = Array.from({ length: Math.max(0, watched.pressed.count - slow.length) }, () => 16);
  return {
    keys: [...fast, ...slow].sort((a, b) => a - b),
    lag: {
      p90: lags[Math.floor(lags.length * 0.9)] ?? 0,
      p99: lags[Math.floor(lags.length * 0.99)] ?? 0,
    },
    draws: watched.draws * 1000 / (performance.now() - watched.started),
  };
}

/** So many calls a millisecond, however long the answers take: late ones are caught up. */
function startLoad(url: string, body: string, rate: number): { stop(): Promise<number> } {
  const agent = new Agent({ keepAlive: true, maxSockets: 20 });
  const started = performance.now();
  let [sent, answered] = [0, 0];
  const post = () =>
    new Promise<void>((done) => {
      const asking = request(url, {
        method: "POST",
        agent,
        headers: { "content-type": "application/json", "content-length": Buffer.byteLength(body) },
      }, (response) => {
        response.resume().on("end", () => answered += CALLS).on("close", done);
      });
      asking.on("error", () => done());
      asking.on("close", () => done());
      asking.end(body);
    });
  const open = new Set<Promise<void>>();
  const timer = setInterval(() => {
    const due = Math.min(sent + 200, Math.floor((performance.now() - started) * rate));
    for (; sent + CALLS <= due; sent += CALLS) {
      const posted = post();
      open.add(posted);
      void posted.then(() => open.delete(posted));
    }
  }, 10);
  return {
    async stop() {
      clearInterval(timer);
      const seconds = (performance.now() - started) / 1000;
      // Calls without an answer by then are not awaited.
      const late = setTimeout(() => agent.destroy(), 10_000);
      await Promise.all(open);
      clearTimeout(late);
      agent.destroy();
      return answered / seconds;
    },
  };
}
