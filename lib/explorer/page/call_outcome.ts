import { durationText } from "./call_text.ts";
import { element } from "./dom.ts";
import { jsonView } from "./json_text.ts";

/** The response to a call. */
export interface CallResponse {
  readonly status: number;
  readonly text: string;
  readonly ms: number;
}

/** The outcome of a call, as the page shows it. */
export interface CallOutcome {
  readonly ok: boolean;
  /** One line, without the duration. */
  readonly headline: string;
  /** The result or the error, as JSON text or as sent. */
  readonly text: string;
  readonly ms: number;
}

/** Reads the result or error of a response. */
export function outcomeOf({ status, text, ms }: CallResponse): CallOutcome {
  const http = status === 200 ? "" : `HTTP ${status}`;
  try {
    const answer = JSON.parse(text) as { error?: unknown };
    if (status < 400 && (answer.error === null || answer.error === undefined)) {
      // The text of the result, since parsing would remove digits of large numbers.
      const result = /^\{"id":1,"result":(.*),"error":null\}$/s.exec(text)?.[1];
      return { ok: true, headline: "Result", text: result ?? text, ms };
    }
    const error = answer.error ?? answer;
    const headline = [messageOf(error), http].filter((part) => part !== "").join(" · ");
    return { ok: false, headline, text: JSON.stringify(error), ms };
  } catch {
    return { ok: false, headline: http === "" ? "The answer is not JSON" : http, text, ms };
  }
}

function messageOf(error: unknown): string {
  if (typeof error !== "object" || error === null) return "Error";
  const { message, code } = error as { message?: unknown; code?: unknown };
  const number = typeof code === "number" ? ` (${code})` : "";
  return typeof message === "string" ? `${message}${number}` : `Error${number}`;
}

/** Shows the outcome of a call. */
export function showOutcome(container: HTMLElement, outcome: CallOutcome): void {
  const { ok, headline, text, ms } = outcome;
  container.replaceChildren(
    element(
      "p",
      { class: ok ? "ok status" : "failed status" },
      `${headline} · ${durationText(ms)}`,
    ),
    jsonView(text),
  );
  container.scrollIntoView({ block: "nearest" });
}

/** Shows a failure of the page itself, such as an unreachable server. */
export function showError(container: HTMLElement, text: string): void {
  container.replaceChildren(element("p", { class: "failed", role: "alert" }, text));
}
