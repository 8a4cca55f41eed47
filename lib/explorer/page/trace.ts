import { durationText } from "./call_text.ts";
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

/** One call of the plot. */
interface Point {
  readonly ms: number;
  readonly ok: boolean;
}

const MAX_ROWS = 150;
const MAX_POINTS = 400;
/** Minimum time between two drawings, in milliseconds, so that typing stays fast before a busy server. */
const MIN_PAUSE_MS = 250;

/**
 * Shows the calls of the server: rows, counts and a plot of their times. Draws at most four times a second.
 *
 * @param onContract Called when the server has another contract.
 */
export function followTrace(url: string, onContract: () => void): void {
  const rows = byId("trace");
  const footer = rows.closest("footer") as HTMLElement;
  const counts = byId("counts");
  const points: Point[] = [];
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
    footer.dataset["calls"] = String(points.length);
    counts.textContent = countsText(total, points);
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
  source.addEventListener("contract", onContract);
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

/** The number of calls, and percentiles of the last ones if they are enough to have some. */
function countsText(total: number, points: readonly Point[]): string {
  const times = points.map(({ ms }) => ms).sort((a, b) => a - b);
  const [first] = times;
  if (first === undefined) return "waiting for calls";
  if (times.length === 1) return `1 call, ${durationText(first)}`;
  const shares = times.length < 20 ? [50] : [50, 95, 99];
  const percentiles = shares.map((share) => {
    const index = Math.min(times.length - 1, Math.floor(times.length * share / 100));
    return `p${share} ${durationText(times[index] ?? 0)}`;
  });
  return [`${total} calls`, ...percentiles].join(", ");
}

// A row shows its whole texts after a click.
function rowOf(call: TracedCall): HTMLElement {
  const text = `${call.method}(${call.params})`;
  const open = element("button", { type: "button", "aria-expanded": "false" }, text);
  const row = element(
    "tr",
    { class: call.ok ? "ok" : "failed", onclick: () => toggle() },
    element("td", {}, timeOf(call.at)),
    element("td", { class: "call" }, open),
    element("td", { class: "call" }, call.outcome),
    element("td", { class: "ms" }, call.ms.toFixed(1)),
  );
  const toggle = () => {
    const isOpen = row.classList.toggle("open");
    open.setAttribute("aria-expanded", String(isOpen));
  };
  return row;
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

/** Width of the plot's labels, in pixels. */
const LABELS = 52;

/** Plots the times of the last calls, from left to right, on a logarithmic scale from 0.1 ms. */
function plot(points: readonly Point[]): void {
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
  const marks: number[] = [];
  for (let ms = 1; ms <= top; ms *= 10) marks.push(ms);
  context.fillStyle = line;
  for (const ms of marks) context.fillRect(LABELS, y(ms), width - LABELS, 1);
  context.fillStyle = soft;
  context.textBaseline = "middle";
  for (const ms of marks) context.fillText(`${ms} ms`, 2, Math.max(6, y(ms)));
  // Few calls are spread as if there were 40, so that the first one is not at the edge alone.
  const step = (width - LABELS - 6) / Math.max(40, points.length);
  points.forEach(({ ms, ok }, index) => {
    context.fillStyle = ok ? accent : bad;
    context.fillRect(LABELS + 2 + index * step, y(ms) - 1.5, 3, 3);
  });
}
