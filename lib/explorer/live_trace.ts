import type { IncomingMessage, ServerResponse } from "node:http";
import type { CallEvent } from "../rpc/mod.ts";
import { formatJsonText } from "../json/mod.ts";

/** One call as the page receives it. */
interface TracedCall {
  readonly at: number;
  readonly method: string;
  readonly params: string;
  readonly ok: boolean;
  readonly outcome: string;
  readonly ms: number;
}

/** Interval between two messages to the pages, in milliseconds. */
const FLUSH_MS = 100;
/** The most calls in a message; earlier ones are dropped. */
const MAX_CALLS = 150;
/** The most characters of a text; a row of the trace shows all of them. */
const MAX_TEXT = 1_000;
/** After this many intervals without a call, a comment keeps the connection from being closed as idle. */
const QUIET_FLUSHES = 50;
/** The most unread bytes of a page before its connection is closed. */
const MAX_WAITING = 1_000_000;
const MAX_PAGES = 20;

/**
 * Sends calls to open pages by server-sent events, in batches: a thousand calls a second are ten messages. Does nothing
 * while no page is open.
 */
export class LiveTrace {
  readonly #pages = new Set<ServerResponse>();
  readonly #now: () => number;
  #waiting: { readonly at: number; readonly event: CallEvent }[] = [];
  #total = 0;
  #dropped = 0;
  #quiet = 0;
  #timer: ReturnType<typeof setInterval> | undefined;

  /** @param now Milliseconds since the epoch. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** Adds a call. */
  observe(event: CallEvent): void {
    this.#total++;
    if (this.#pages.size === 0) return;
    this.#waiting.push({ at: this.#now(), event });
    if (this.#waiting.length > 2 * MAX_CALLS) {
      this.#dropped += MAX_CALLS;
      this.#waiting = this.#waiting.slice(MAX_CALLS);
    }
  }

  /** Answers a page with the stream of events. */
  follow(request: IncomingMessage, response: ServerResponse): void {
    if (this.#pages.size >= MAX_PAGES) {
      response.writeHead(503, { "content-type": "text/plain", connection: "close" }).end();
      return;
    }
    response.writeHead(200, {
      "content-type": "text/event-stream",
      "cache-control": "no-store",
      "x-content-type-options": "nosniff",
    });
    response.write(": following\n\n");
    this.#pages.add(response);
    request.on("close", () => this.#remove(response));
    response.on("close", () => this.#remove(response));
    response.on("error", () => this.#remove(response));
    this.#timer ??= setInterval(() => this.#flush(), FLUSH_MS);
  }

  /** Notifies the pages of a new contract. */
  contractChanged(): void {
    for (const page of this.#pages) page.write("event: contract\ndata: {}\n\n");
  }

  /** Closes all connections. */
  close(): void {
    for (const page of this.#pages) page.end();
    this.#pages.clear();
    this.#stop();
  }

  #remove(page: ServerResponse): void {
    this.#pages.delete(page);
    if (this.#pages.size === 0) this.#stop();
  }

  #stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#waiting = [];
  }

  #flush(): void {
    if (this.#waiting.length === 0) {
      if (++this.#quiet < QUIET_FLUSHES) return;
      this.#quiet = 0;
      this.#write(": still here\n\n");
      return;
    }
    this.#quiet = 0;
    const calls = this.#waiting.slice(-MAX_CALLS).map(tracedCall);
    const dropped = this.#dropped + this.#waiting.length - calls.length;
    this.#waiting = [];
    this.#dropped = 0;
    this.#write(
      `event: calls\ndata: ${JSON.stringify({ calls, total: this.#total, dropped })}\n\n`,
    );
  }

  #write(message: string): void {
    for (const page of this.#pages) {
      if (page.writableLength > MAX_WAITING) page.destroy();
      else page.write(message);
    }
  }
}

function tracedCall({ at, event }: { readonly at: number; readonly event: CallEvent }): TracedCall {
  const { method, params, outcome, ms } = event;
  return {
    at,
    method: shortened(method),
    params: params === null ? "" : inner(textOf(params)),
    ok: outcome.ok,
    outcome: outcome.ok ? textOf(outcome.value) : shortened(outcome.fault.message),
    ms,
  };
}

function textOf(value: unknown): string {
  try {
    return shortened(formatJsonText(value));
  } catch {
    return "?";
  }
}

function inner(text: string): string {
  return text.startsWith("[") ? text.replace(/^\[|\]$/g, "") : text;
}

function shortened(text: string): string {
  return text.length <= MAX_TEXT ? text : `${text.slice(0, MAX_TEXT)}…`;
}
