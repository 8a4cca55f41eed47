import type { CallOutcome } from "./call_outcome.ts";
import { durationText } from "./call_text.ts";
import { element } from "./dom.ts";

/** A call that this page has sent. */
export interface SentCall {
  readonly method: string;
  /** Arguments by name as JSON text. */
  readonly params: string;
  readonly outcome: CallOutcome;
}

/** The actions of the buttons of a call. */
export interface HistoryActions {
  /** Shows the procedure with the arguments of the call. */
  open(call: SentCall): void;
  /** Sends the same call again. */
  send(call: SentCall): void;
}

const MAX_CALLS = 50;

/** The calls that this page has sent, the last one first. They are lost when the page is closed. */
export class CallHistory {
  readonly element: HTMLDetailsElement;
  readonly #summary = element("summary");
  readonly #list = element("ol");
  readonly #actions: HistoryActions;
  #count = 0;

  constructor(actions: HistoryActions) {
    this.#actions = actions;
    this.element = element("details", { id: "history", hidden: true }, this.#summary, this.#list);
  }

  /** Adds a call. */
  add(call: SentCall): void {
    this.#count++;
    this.#list.prepend(this.#item(call));
    while (this.#list.childElementCount > MAX_CALLS) this.#list.lastElementChild?.remove();
    this.#summary.textContent = `Calls from this page (${this.#count})`;
    this.element.hidden = false;
  }

  #item(call: SentCall): HTMLElement {
    const { method, params, outcome } = call;
    const text = `${method}(${params === "{}" ? "" : params})`;
    const { open, send } = this.#actions;
    return element(
      "li",
      {},
      element(
        "button",
        { type: "button", class: "call", title: text, onclick: () => open(call) },
        text,
      ),
      element(
        "span",
        { class: outcome.ok ? "about" : "about failed" },
        `${outcome.ok ? outcome.text.slice(0, 200) : outcome.headline} · ${
          durationText(outcome.ms)
        }`,
      ),
      element(
        "button",
        {
          type: "button",
          class: "small again",
          "aria-label": `Send again: ${text.slice(0, 100)}`,
          onclick: () => send(call),
        },
        "Send again",
      ),
    );
  }
}
