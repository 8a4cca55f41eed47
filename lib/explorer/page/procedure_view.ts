import { type Call, clientCallOf, curlOf, pyrpcCallOf } from "./call_text.ts";
import { element } from "./dom.ts";
import { members } from "./form.ts";
import { withInlineCode } from "./inline_code.ts";
import { indented, withoutWhitespace } from "./json_text.ts";
import { kindBadge } from "./procedure_list.ts";
import { asSchema, type Json } from "./schema.ts";
import { type DescribedProcedure, loadProcedure } from "./server.ts";

/** The server and the actions of a {@link ProcedureView}. */
export interface ViewOptions {
  /** The URL of calls. */
  readonly url: string;
  /** A shortcut calls. False with an upstream server, where each call needs a click. */
  readonly hasShortcut: boolean;
  /** The user has entered a token. */
  needsToken(): boolean;
  /** Sends the call that the form shows. */
  call(): void;
}

const SYSTEM = navigator.userAgent.includes("Windows") ? "win32" : "posix";
const SHELL = SYSTEM === "win32" ? " in PowerShell" : "";

/** One procedure: documentation, a form and JSON text for the arguments, and the call as code. */
export class ProcedureView {
  /** Container for the outcome of a call. */
  readonly outcome = element("div", { id: "outcome", "aria-live": "polite" });
  readonly #procedure: DescribedProcedure;
  readonly #options: ViewOptions;
  #initial = "";
  readonly #form = element("div", { id: "form" });
  readonly #raw = element("textarea", {
    id: "raw",
    spellcheck: "false",
    rows: "8",
    "aria-label": "Arguments as JSON",
  });
  readonly #snippets = [
    { of: pyrpcCallOf, title: `As pyrpc call${SHELL}`, text: codeBlock("command") },
    { of: curlOf, title: `As curl${SHELL}`, text: codeBlock("curl") },
    { of: clientCallOf, title: "As client code", text: codeBlock("code") },
  ] as const;

  constructor(procedure: DescribedProcedure, options: ViewOptions) {
    this.#procedure = procedure;
    this.#options = options;
    this.#raw.addEventListener("input", () => this.#rawChanged());
    this.#setArguments(procedure.example ?? {});
  }

  /** The elements of the view. */
  get elements(): readonly HTMLElement[] {
    return [
      ...this.#documentation(),
      this.#arguments(),
      this.#actions(),
      this.outcome,
      ...this.#snippets.map(({ title, text }) => snippet(title, text)),
    ];
  }

  /** The call that the form shows. */
  get call(): Call {
    const { url, needsToken } = this.#options;
    return {
      url,
      method: this.#procedure.name,
      params: withoutWhitespace(this.#raw.value),
      needsToken: needsToken(),
    };
  }

  /** The JSON text that the user has entered; undefined if it is still the one of the start. */
  get editedArguments(): string | undefined {
    return this.#raw.value === this.#initial ? undefined : this.#raw.value;
  }

  /** Shows arguments by name, given as JSON text. */
  showArguments(params: string): void {
    this.#raw.value = indented(params);
    this.#rawChanged();
  }

  /** Writes the code of the call again. */
  updateSnippets(): void {
    for (const { of, text } of this.#snippets) text.textContent = of(this.call, SYSTEM);
  }

  #documentation(): readonly HTMLElement[] {
    const { name, kind, doc, signature, types } = this.#procedure;
    const elements = [
      element("h1", {}, name, kindBadge(kind)),
      element("p", { class: "doc" }, ...withInlineCode(doc)),
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
    const { hasShortcut, call } = this.#options;
    const fill = this.#procedure.example === undefined ? undefined : element(
      "button",
      { type: "button", id: "example", onclick: () => void this.#fill() },
      "New sample values",
    );
    return element(
      "div",
      { class: "actions" },
      element("button", { type: "button", id: "call", onclick: () => call() }, "Call"),
      fill,
      hasShortcut ? element("span", { class: "about hint" }, "Ctrl+Enter") : undefined,
    );
  }

  #setArguments(value: Readonly<Record<string, Json>>): void {
    this.#initial = this.#raw.value = JSON.stringify(value, undefined, 2);
    this.#drawForm(value);
    this.updateSnippets();
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
          this.updateSnippets();
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
    this.updateSnippets();
  }

  async #fill(): Promise<void> {
    const { example } = await loadProcedure(this.#procedure.name, String(Math.random()));
    this.#setArguments(example ?? {});
  }
}

function codeBlock(id: string): HTMLElement {
  return element("pre", { id, tabindex: "0" });
}

function snippet(title: string, text: HTMLElement): HTMLElement {
  return element("details", {}, element("summary", {}, title), text, copyButton(title, text));
}

function copyButton(title: string, source: HTMLElement): HTMLElement {
  const button = element("button", {
    type: "button",
    class: "small",
    "aria-label": `Copy: ${title}`,
    onclick: async () => {
      await navigator.clipboard.writeText(source.textContent ?? "");
      button.textContent = "Copied";
      setTimeout(() => button.textContent = "Copy", 1_500);
    },
  }, "Copy");
  return button;
}
