import { byId, element } from "./dom.ts";

/** One call of the trace. */
export interface TracedCall {
  readonly at: number;
  readonly method: string;
  readonly params: string;
  readonly ok: boolean;
  readonly outcome: string;
  readonly ms: number;
}

/** One message of the server: calls, and the number of calls that it leaves out. */
interface Batch {
  readonly calls: readonly TracedCall[];
  readonly total: number;
  readonly dropped: number;
}

const MAX_ROWS = 150;
const MAX_POINTS = 400;
/** Minimum time between two drawings, in milliseconds, so that typing stays fast before a busy server. */
const MIN_PAUSE_MS = 250;

/** Shows the calls of the server: rows, counts and a plot of their times. Draws at most four times a second. */
export function followTrace(url: string): void {
  const rows = byId("trace");
  const counts = byId("counts");
  const points: { ms: number; ok: boolean }[] = [];
  let waiting: TracedCall[] = [];
  let total = 0;
  let isScheduled = false;
  let drawnAt = -MIN_PAUSE_MS;
  let isPaused = false;

  const draw = () => {
    isScheduled = false;
    drawnAt = performance.now();
    if (isPaused) return;
    const made = waiting.slice(-MAX_ROWS).reverse().map(rowOf);
    waiting = [];
    rows.prepend(...made);
    while (rows.childElementCount > MAX_ROWS) rows.lastElementChild?.remove();
    const sorted = points.map(({ ms }) => ms).sort((a, b) => a - b);
    const at = (share: number) =>
      (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0).toFixed(1);
    counts.textContent = sorted.length === 0
      ? "waiting for calls"
      : `${total} ${total === 1 ? "call" : "calls"}, p50 ${at(0.5)} ms, p95 ${at(0.95)} ms, p99 ${
        at(0.99)
      } ms`;
    plot(points);
  };
  const schedule = () => {
    if (isScheduled) return;
    isScheduled = true;
    const pause = drawnAt + MIN_PAUSE_MS - performance.now();
    if (pause <= 0) requestAnimationFrame(draw);
    else setTimeout(() => requestAnimationFrame(draw), pause);
  };

  const source = new EventSource(url);
  source.addEventListener("calls", (event) => {
    const batch = JSON.parse((event as MessageEvent<string>).data) as Batch;
    total = batch.total;
    waiting.push(...batch.calls);
    if (waiting.length > MAX_ROWS) waiting = waiting.slice(-MAX_ROWS);
    for (const { ms, ok } of batch.calls) points.push({ ms, ok });
    if (points.length > MAX_POINTS) points.splice(0, points.length - MAX_POINTS);
    schedule();
  });
  source.addEventListener("contract", () => location.reload());
  source.onopen = () => byId("live").dataset["state"] = "on";
  source.onerror = () => byId("live").dataset["state"] = "off";

  byId("pause").addEventListener("click", ({ currentTarget }) => {
    isPaused = !isPaused;
    const button = currentTarget as HTMLElement;
    button.textContent = isPaused ? "Resume" : "Pause";
    button.setAttribute("aria-pressed", String(isPaused));
    schedule();
  });
  byId("clear").addEventListener("click", () => {
    rows.replaceChildren();
    points.length = 0;
    waiting = [];
    schedule();
  });
}

function rowOf(call: TracedCall): HTMLElement {
  return element(
    "tr",
    { class: call.ok ? "ok" : "failed" },
    element("td", {}, timeOf(call.at)),
    element(
      "td",
      { class: "call", title: `${call.method}(${call.params})` },
      `${call.method}(${call.params})`,
    ),
    element("td", { class: "call", title: call.outcome }, call.outcome),
    element("td", { class: "ms" }, call.ms.toFixed(1)),
  );
}

let lastTime = { second: 0, text: "" };

// Formatting a time costs more than the rest of a row, and many calls share a second.
function timeOf(at: number): string {
  const second = Math.floor(at / 1000);
  if (second !== lastTime.second) {
    lastTime = { second, text: new Date(at).toLocaleTimeString() };
  }
  return lastTime.text;
}

/** Plots the times of the last calls, from left to right, on a logarithmic scale from 0.1 ms. */
function plot(points: readonly { readonly ms: number; readonly ok: boolean }[]): void {
  const canvas = byId("plot") as HTMLCanvasElement;
  const ratio = devicePixelRatio;
  const { clientWidth: width, clientHeight: height } = canvas;
  if (canvas.width !== width * ratio) canvas.width = width * ratio;
  if (canvas.height !== height * ratio) canvas.height = height * ratio;
  const context = canvas.getContext("2d");
  if (context === null) return;
  const style = getComputedStyle(canvas);
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  const top = Math.max(10, ...points.map(({ ms }) => ms));
  const y = (ms: number) =>
    height - 4 - (height - 8) * Math.log(1 + ms / 0.1) / Math.log(1 + top / 0.1);
  context.font = "10px sans-serif";
  const [line, soft, accent, bad] = ["--line", "--soft", "--accent", "--bad"].map((name) =>
    style.getPropertyValue(name)
  ) as [string, string, string, string];
  for (let ms = 1; ms <= top; ms *= 10) {
    context.fillStyle = line;
    context.fillRect(0, y(ms), width, 1);
    context.fillStyle = soft;
    context.fillText(`${ms} ms`, 2, Math.max(10, y(ms) - 2));
  }
  points.forEach(({ ms, ok }, index) => {
    context.fillStyle = ok ? accent : bad;
    const x = (width - 6) * (1 - (points.length - index) / MAX_POINTS);
    context.fillRect(x, y(ms) - 1.5, 3, 3);
  });
}
