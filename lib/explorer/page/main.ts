import { showError } from "./call_outcome.ts";
import { byId } from "./dom.ts";
import { withoutWhitespace } from "./json_text.ts";
import { ProcedureList } from "./procedure_list.ts";
import { type CallTarget, ProcedureView } from "./procedure_view.ts";
import { loadProcedure, loadServer, PAGE, type ServerDescription } from "./server.ts";
import { followTrace } from "./trace.ts";

/** The page: the list, the selected procedure, and the keyboard. */
class Page {
  readonly #names: readonly string[];
  readonly #list: ProcedureList;
  readonly #target: CallTarget;
  #selected = "";
  /** The procedure whose form is on the page. */
  #shown = "";

  constructor({ procedures, rpc, hasUpstream, title }: ServerDescription) {
    this.#names = procedures.map(({ name }) => name);
    this.#target = { url: new URL(rpc, location.origin).href, hasUpstream };
    byId("source").textContent = title;
    this.#list = new ProcedureList(procedures);
    this.#showSelected();
    addEventListener("hashchange", () => this.#showSelected());
    addEventListener("keydown", (event) => this.#keyDown(event));
  }

  /** Shows the procedure of the address, or the first one. */
  #showSelected(): void {
    const hash = location.hash.slice(1);
    const selected = this.#names.find((name) => name === decoded(hash)) ?? this.#names[0];
    // Selecting the current procedure again keeps the form as the user filled it in.
    if (selected === undefined || selected === this.#selected && selected === this.#shown) return;
    void this.#show(selected);
  }

  async #show(name: string): Promise<void> {
    this.#selected = name;
    this.#list.select(name);
    const main = byId("procedure");
    try {
      const procedure = await loadProcedure(name);
      if (this.#selected !== name) return;
      main.replaceChildren(...new ProcedureView(procedure, this.#target).elements);
      this.#shown = name;
      document.title = `${name} · pyrpc`;
    } catch (error) {
      this.#shown = "";
      showError(main, `${name}: ${String(error)}`);
    }
  }

  #keyDown(event: KeyboardEvent): void {
    const { key, target } = event;
    const isInList = byId("list").contains(target as Node);
    const isInSearch = target === byId("search");
    if (key === "Enter" && (event.ctrlKey || event.metaKey)) {
      if (!event.repeat && this.#mayCall(target)) byId("call").click();
    } else if (key === "Enter" && event.repeat && target === document.getElementById("call")) {
      // A key that is held down is one click.
    } else if (key === "/" && !isTyping(target)) byId("search").focus();
    else if (key === "ArrowDown" && (isInSearch || isInList)) this.#list.moveFocus(1);
    else if (key === "ArrowUp" && isInList) this.#list.moveFocus(-1);
    else if (key === "Enter" && isInSearch) this.#list.openFirst();
    else return;
    event.preventDefault();
  }

  /** With an upstream server, keys call only from a form that the user has filled in. */
  #mayCall(target: EventTarget | null): boolean {
    if (document.getElementById("call") === null) return false;
    if (!this.#target.hasUpstream) return true;
    const { value } = byId("raw") as HTMLTextAreaElement;
    return withoutWhitespace(value) !== "{}" && byId("arguments").contains(target as Node);
  }
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
  new Page(await loadServer());
  followTrace(`${PAGE}/events`);
}

void start();
