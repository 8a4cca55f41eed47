import { byId, element } from "./dom.ts";
import { withInlineCode } from "./inline_code.ts";
import type { ListedProcedure } from "./server.ts";

/** The searchable list of procedures. */
export class ProcedureList {
  #procedures: readonly ListedProcedure[] = [];

  constructor() {
    byId("search").addEventListener("input", () => this.#filter());
  }

  /** Shows other procedures. */
  update(procedures: readonly ListedProcedure[]): void {
    this.#procedures = procedures;
    byId("list").replaceChildren(...procedures.map(listItem));
    this.#filter();
  }

  /** Marks the entry of a procedure as the current one. */
  select(name: string): void {
    for (const link of byId("list").querySelectorAll("a")) {
      if (link.hash === `#${encodeURIComponent(name)}`) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
    }
  }

  /** Moves the focus by some entries. Above the first entry is the search field. */
  moveFocus(step: number): void {
    const links = this.#visibleLinks();
    const index = links.indexOf(document.activeElement as HTMLAnchorElement);
    const next = links[index + step];
    if (next === undefined && step < 0) byId("search").focus();
    else (next ?? links[0])?.focus();
  }

  /** Opens the first entry. */
  openFirst(): void {
    this.#visibleLinks()[0]?.click();
  }

  #visibleLinks(): readonly HTMLAnchorElement[] {
    return [...byId("list").querySelectorAll<HTMLAnchorElement>("li:not([hidden]) a")];
  }

  // Hides entries instead of recreating them: hundreds of new elements would make typing slow.
  #filter(): void {
    const wanted = (byId("search") as HTMLInputElement).value.trim().toLowerCase().split(/\s+/);
    const items = byId("list").children;
    let found = 0;
    this.#procedures.forEach(({ name, summary }, index) => {
      const text = `${name} ${summary}`.toLowerCase();
      const isFound = wanted.every((word) => text.includes(word));
      (items[index] as HTMLElement).hidden = !isFound;
      if (isFound) found++;
    });
    const all = this.#procedures.length;
    const count = `${all} ${all === 1 ? "procedure" : "procedures"}`;
    byId("found").textContent = found === all
      ? count
      : found === 0
      ? `No match in ${count}`
      : `${found} of ${count}`;
  }
}

function listItem({ name, kind, summary }: ListedProcedure): HTMLElement {
  return element(
    "li",
    {},
    element(
      "a",
      { href: `#${encodeURIComponent(name)}` },
      element("span", { class: "name" }, name),
      kindBadge(kind),
      summary === "" ? undefined : element("span", { class: "about" }, ...withInlineCode(summary)),
    ),
  );
}

/** The badge of a procedure's kind. A query is not marked as harmless: pyRPC reports an undeclared kind as one. */
export function kindBadge(kind: string | null): HTMLElement | undefined {
  if (kind === null) return undefined;
  return kind === "mutation" ? element("span", { class: "kind mutation" }, kind) : element("span", {
    class: "kind",
    title: "The server reports a procedure without a declared kind as a query too",
  }, kind);
}
