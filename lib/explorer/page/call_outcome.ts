import { element } from "./dom.ts";
import { jsonView } from "./json_text.ts";

/** The response to a call. */
export interface CallResponse {
  readonly status: number;
  readonly text: string;
  readonly ms: number;
}

/** Shows the result or error of a call. */
export function showOutcome(outcome: HTMLElement, { status, text, ms }: CallResponse): void {
  let failed = status >= 400;
  let shown = text;
  try {
    const answer = JSON.parse(text) as { error?: unknown };
    failed ||= answer.error !== null && answer.error !== undefined;
    // The text of the result, since parsing would remove digits of large numbers.
    const result = /^\{"id":1,"result":(.*),"error":null\}$/s.exec(text)?.[1];
    if (result !== undefined) shown = result;
    else if (failed) shown = JSON.stringify(answer.error ?? answer);
  } catch {
    failed = true;
  }
  outcome.replaceChildren(
    element(
      "p",
      { class: failed ? "failed status" : "ok status" },
      `${failed ? "Error" : "Result"} in ${ms.toFixed(1)} ms, HTTP ${status}`,
    ),
    jsonView(shown),
  );
  outcome.scrollIntoView({ block: "nearest" });
}

/** Shows a failure of the page itself, such as an unreachable server. */
export function showError(container: HTMLElement, text: string): void {
  container.replaceChildren(element("p", { class: "failed", role: "alert" }, text));
}
