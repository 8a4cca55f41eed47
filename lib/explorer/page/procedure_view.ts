import { showError, showOutcome } from "./call_outcome.ts";
import { element } from "./dom.ts";
import { members } from "./form.ts";
import { withoutWhitespace } from "./json_text.ts";
import { kindBadge } from "./procedure_list.ts";
import { asSchema, type Json } from "./schema.ts";
import { type DescribedProcedure, loadProcedure } from "./server.ts";
import { clientCallOf, curlOf } from "./snippets.ts";

/** The server that executes the calls. */
export interface CallTarget {
  readonly url: string;
  readonly hasUpstream: boolean;
}

/** One procedure: documentation, a form and JSON text for the arguments, the outcome, and the call as code. */
export class ProcedureView {
  readonly #procedure: DescribedProcedure;
  readonly #target: CallTarget;
  readonly #form = element("div", { id: "form" });
  readonly #raw = element("textarea", {
    id: "raw",
    spellcheck: "false",
    rows: "18",
    "aria-label": "Arguments as JSON",
  });
  readonly #outcome = element("div", { id: "outcome", "aria-live": "polite" });
  readonly #curl = element("pre", { id: "curl", tabindex: "0" });
  readonly #code = element("pre", { id: "code", tabindex: "0" });

  constructor(procedure: DescribedProcedure, target: CallTarget) {
    this.#procedure = procedure;
    this.#target = target;
    this.#raw.addEventListener("input", () => this.#rawChanged());
    this.#setArguments(procedure.example ?? {});
  }

  /** The elements of the view. */
  get elements(): readonly HTMLElement[] {
    return [
      ...this.#documentation(),
      this.#arguments(),
      this.#actions(),
      this.#outcome,
      snippet("As curl", this.#curl),
      snippet("As client code", this.#code),
    ];
  }

  #documentation(): readonly HTMLElement[] {
    const { name, kind, doc, signature, types } = this.#procedure;
    const elements = [
      element("h1", {}, name, kindBadge(kind)),
      element("p", { class: "doc" }, doc),
      element("pre", { id: "signature", tabindex: "0" }, signature),
    ];
    if (types.length === 0) return elements;
    const details = element(
      "details",
      {},
      element("summary", {}, `Types (${types.length})`),
      element("pre", { tabindex: "0" }, types.join("\n\n")),
    );
    return [...elements, details];
  }

  #arguments(): HTMLElement {
    const [form, raw] = [this.#form, this.#raw];
    return element(
      "div",
      { id: "arguments", class: "columns" },
      element("section", { "aria-label": "Arguments" }, element("h2", {}, "Arguments"), form),
      element("section", { "aria-label": "Arguments as JSON" }, element("h2", {}, "JSON"), raw),
    );
  }

  #actions(): HTMLElement {
    const { hasUpstream } = this.#target;
    const call = element(
      "button",
      { type: "button", id: "call", onclick: () => void this.#call() },
      "Call",
    );
    const fill = this.#procedure.example === undefined ? undefined : element(
      "button",
      { type: "button", id: "example", onclick: () => void this.#fill() },
      "Other values",
    );
    const hint = hasUpstream
      ? "Ctrl+Enter calls from a form that you have filled in"
      : "Ctrl+Enter calls";
    return element(
      "div",
      { class: "actions" },
      call,
      fill,
      element("span", { class: "about" }, hint),
    );
  }

  get #body(): string {
    const method = JSON.stringify(this.#procedure.name);
    return `{"id":1,"method":${method},"params":${withoutWhitespace(this.#raw.value)}}`;
  }

  #updateSnippets(): void {
    const { url } = this.#target;
    this.#curl.textContent = curlOf(url, this.#body);
    this.#code.textContent = clientCallOf(url, this.#procedure.name, this.#raw.value);
  }

  #setArguments(value: Readonly<Record<string, Json>>): void {
    this.#raw.value = JSON.stringify(value, undefined, 2);
    this.#drawForm(value);
    this.#updateSnippets();
  }

  #drawForm(value: Readonly<Record<string, Json>>): void {
    const fields = this.#procedure.parameters.map(({ name, schema, required }) =>
      [name, { schema: asSchema(schema), root: asSchema(schema) }, required] as const
    );
    this.#form.replaceChildren(
      fields.length === 0
        ? element("p", { class: "about" }, "No parameters.")
        : members(fields, value, (next) => {
          this.#raw.value = JSON.stringify(next, undefined, 2);
          this.#raw.removeAttribute("aria-invalid");
          this.#updateSnippets();
        }),
    );
  }

  #rawChanged(): void {
    try {
      const value: unknown = JSON.parse(this.#raw.value);
      this.#raw.removeAttribute("aria-invalid");
      if (typeof value === "object" && value !== null && !Array.isArray(value)) {
        this.#drawForm(value as Record<string, Json>);
      }
    } catch {
      this.#raw.setAttribute("aria-invalid", "true");
    }
    this.#updateSnippets();
  }

  async #fill(): Promise<void> {
    const { example } = await loadProcedure(this.#procedure.name, String(Math.random()));
    this.#setArguments(example ?? {});
  }

  async #call(): Promise<void> {
    const started = performance.now();
    this.#outcome.replaceChildren(element("p", { class: "about" }, "…"));
    try {
      const response = await fetch(this.#target.url, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: this.#body,
      });
      const text = await response.text();
      const ms = performance.now() - started;
      showOutcome(this.#outcome, { status: response.status, text, ms });
    } catch (error) {
      showError(this.#outcome, String(error));
    }
  }
}

function snippet(title: string, text: HTMLElement): HTMLElement {
  return element("details", {}, element("summary", {}, title), text, copyButton(text));
}

function copyButton(source: HTMLElement): HTMLElement {
  const button = element("button", {
    type: "button",
    class: "small",
    onclick: async () => {
      await navigator.clipboard.writeText(source.textContent ?? "");
      button.textContent = "Copied";
      setTimeout(() => button.textContent = "Copy", 1_500);
    },
  }, "Copy");
  return button;
}
