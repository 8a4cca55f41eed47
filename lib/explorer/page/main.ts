import { CallHistory, type SentCall } from "./call_history.ts";
import { outcomeOf, showError, showOutcome } from "./call_outcome.ts";
import { bodyOf } from "./call_text.ts";
import { byId, element } from "./dom.ts";
import { ProcedureList } from "./procedure_list.ts";
import { ProcedureView } from "./procedure_view.ts";
import { loadProcedure, loadServer, PAGE, type ServerDescription } from "./server.ts";
import { followTrace } from "./trace.ts";

/** The page: the list, the selected procedure, its calls, and the keyboard. */
class Page {
  readonly #list = new ProcedureList();
  readonly #history: CallHistory;
  #names: readonly string[] = [];
  #url = "";
  #hasUpstream = true;
  #selected = "";
  /** The procedure whose form is on the page. */
  #shown = "";
  #view: ProcedureView | undefined;

  constructor() {
    this.#history = new CallHistory({
      open: (call) => void this.#open(call),
      send: (call) => void this.#sendAgain(call),
    });
    addEventListener("hashchange", () => void this.#showSelected());
    addEventListener("keydown", (event) => this.#keyDown(event));
    byId("menu").addEventListener("click", () => this.#toggleMenu());
    byId("token").addEventListener("input", () => this.#view?.updateSnippets());
  }

  /** Shows another contract. What the user has entered stays: the token, the arguments and the history. */
  async update({ procedures, rpc, hasUpstream, title }: ServerDescription): Promise<void> {
    this.#names = procedures.map(({ name }) => name);
    this.#url = new URL(rpc, location.origin).href;
    this.#hasUpstream = hasUpstream;
    byId("source").textContent = title;
    byId("source").title = title;
    this.#list.update(procedures);
    const [shown, edited] = [this.#shown, this.#view?.editedArguments];
    this.#shown = "";
    await this.#showSelected();
    if (edited !== undefined && this.#shown === shown) this.#view?.showArguments(edited);
  }

  /** Shows the procedure of the address, or the first one. */
  async #showSelected(): Promise<void> {
    this.#toggleMenu(false);
    const hash = location.hash.slice(1);
    const selected = this.#names.find((name) => name === decoded(hash)) ?? this.#names[0];
    if (selected === undefined) {
      byId("procedure").replaceChildren(element("p", { class: "about" }, "No procedures."));
    } // Selecting the current procedure again keeps the form as the user filled it in.
    else if (selected !== this.#selected || selected !== this.#shown) await this.#show(selected);
  }

  async #show(name: string): Promise<void> {
    this.#selected = name;
    this.#list.select(name);
    const main = byId("procedure");
    try {
      const procedure = await loadProcedure(name);
      if (this.#selected !== name) return;
      this.#view = new ProcedureView(procedure, {
        url: this.#url,
        hasShortcut: !this.#hasUpstream,
        needsToken: () => token() !== "",
        call: () => void this.#call(),
      });
      main.replaceChildren(...this.#view.elements, this.#history.element);
      this.#shown = name;
      document.title = `${name} · pyrpc`;
    } catch (error) {
      this.#shown = "";
      this.#view = undefined;
      showError(main, `${name}: ${String(error)}`);
    }
  }

  async #call(): Promise<void> {
    if (this.#view !== undefined) await this.#send(this.#view.call);
  }

  async #open({ method, params }: SentCall): Promise<void> {
    if (this.#shown !== method) {
      history.pushState(undefined, "", `#${encodeURIComponent(method)}`);
      await this.#show(method);
    }
    if (this.#shown === method) this.#view?.showArguments(params);
  }

  async #sendAgain(call: SentCall): Promise<void> {
    await this.#open(call);
    await this.#send(call);
  }

  async #send({ method, params }: Pick<SentCall, "method" | "params">): Promise<void> {
    const container = this.#view?.outcome ?? element("div");
    const started = performance.now();
    container.replaceChildren(element("p", { class: "about" }, "…"));
    try {
      const authorization = authorizationOf(token());
      const response = await fetch(this.#url, {
        method: "POST",
        headers: {
          "content-type": "application/json",
          ...authorization === "" ? {} : { authorization },
        },
        body: bodyOf({ method, params }),
      });
      const text = await response.text();
      const ms = performance.now() - started;
      const outcome = outcomeOf({ status: response.status, text, ms });
      showOutcome(container, outcome);
      this.#history.add({ method, params, outcome });
    } catch (error) {
      showError(container, String(error));
    }
  }

  #toggleMenu(isOpen = byId("menu").getAttribute("aria-expanded") !== "true"): void {
    byId("menu").setAttribute("aria-expanded", String(isOpen));
    document.querySelector("nav")?.classList.toggle("open", isOpen);
  }

  #keyDown(event: KeyboardEvent): void {
    const { key, target } = event;
    const isInList = byId("list").contains(target as Node);
    const isInSearch = target === byId("search");
    if (key === "Enter" && (event.ctrlKey || event.metaKey)) {
      // An upstream server may change data: no shortcut calls it.
      if (!event.repeat && !this.#hasUpstream) void this.#call();
    } else if (key === "Enter" && event.repeat && target instanceof HTMLButtonElement) {
      // A key that is held down is one click.
    } else if (key === "/" && !isTyping(target)) byId("search").focus();
    else if (key === "ArrowDown" && (isInSearch || isInList)) this.#list.moveFocus(1);
    else if (key === "ArrowUp" && isInList) this.#list.moveFocus(-1);
    else if (key === "Enter" && isInSearch) this.#list.openFirst();
    else return;
    event.preventDefault();
  }
}

function token(): string {
  return (byId("token") as HTMLInputElement).value.trim();
}

function authorizationOf(token: string): string {
  return token === "" || /^(?:Bearer|Basic) /i.test(token) ? token : `Bearer ${token}`;
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
}

/** Decodes a hash, which a person may have typed without encoding it. */
function decoded(hash: string): string {
  try {
    return decodeURIComponent(hash);
  } catch {
    return hash;
  }
}

async function start(): Promise<void> {
  const page = new Page();
  const update = async () => await page.update(await loadServer());
  await update();
  followTrace(`${PAGE}/events`, () => void update());
}

void start();
