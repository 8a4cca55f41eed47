import { byId, element } from "./dom.ts";
import { members } from "./form.ts";
import { jsonView } from "./json_text.ts";
import { asSchema, type Json, type Schema } from "./schema.ts";
import { clientCallOf, curlOf } from "./snippets.ts";
import { followTrace } from "./trace.ts";

interface Listed {
  readonly name: string;
  readonly kind: string | null;
  readonly summary: string;
}

interface Procedure {
  readonly name: string;
  readonly kind: string | null;
  readonly doc: string;
  readonly signature: string;
  readonly types: readonly string[];
  readonly parameters: readonly {
    readonly name: string;
    readonly schema: Schema;
    readonly required: boolean;
  }[];
  /** Sample arguments; absent before a real server, whose forms start empty. */
  readonly example?: Readonly<Record<string, Json>>;
}

const base = location.pathname.replace(/\/$/, "");
const page = base === "" ? "/explorer" : base;
let procedures: readonly Listed[] = [];
let rpcUrl = "";
let isReal = false;
let selected = "";
/** Whose form stands there. */
let shown = "";

async function load<T>(path: string): Promise<T> {
  const response = await fetch(`${page}${path}`);
  if (!response.ok) throw new Error(`The server answered ${response.status}`);
  return await response.json() as T;
}

// The list.

function makeList(): void {
  byId("list").replaceChildren(...procedures.map(({ name, kind, summary }) =>
    element(
      "li",
      {},
      element(
        "a",
        { href: `#${encodeURIComponent(name)}` },
        element("span", { class: "name" }, name),
        kindBadge(kind),
        summary === "" ? undefined : element("span", { class: "about" }, summary),
      ),
    )
  ));
  showFound();
}

// A query is not shown as harmless: a server reports a bare `@rpc` as one, also if it deletes.
function kindBadge(kind: string | null): HTMLElement | undefined {
  if (kind === null) return undefined;
  return kind === "mutation" ? element("span", { class: "kind mutation" }, kind) : element("span", {
    class: "kind",
    title: "The server reports a procedure without a declared kind as a query too",
  }, kind);
}

/** Hides what is not searched for: making hundreds of entries anew with each key would be felt. */
function showFound(): void {
  const wanted = (byId("search") as HTMLInputElement).value.trim().toLowerCase().split(/\s+/);
  const items = byId("list").children;
  let found = 0;
  procedures.forEach(({ name, summary }, index) => {
    const text = `${name} ${summary}`.toLowerCase();
    const isFound = wanted.every((word) => text.includes(word));
    (items[index] as HTMLElement).hidden = !isFound;
    if (isFound) found++;
  });
  byId("found").textContent = `${found} of ${procedures.length}`;
}

function moveInList(step: number): void {
  const links = foundLinks();
  const index = links.indexOf(document.activeElement as HTMLAnchorElement);
  const next = links[index + step];
  if (next === undefined && step < 0) byId("search").focus();
  else (next ?? links[0])?.focus();
}

function foundLinks(): readonly HTMLAnchorElement[] {
  return [...byId("list").querySelectorAll<HTMLAnchorElement>("li:not([hidden]) a")];
}

// One procedure.

async function show(name: string): Promise<void> {
  selected = name;
  for (const link of byId("list").querySelectorAll("a")) {
    if (link.hash === `#${encodeURIComponent(name)}`) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  const main = byId("procedure");
  try {
    const procedure = await load<Procedure>(`/procedure?name=${encodeURIComponent(name)}`);
    if (selected !== name) return;
    main.replaceChildren(...drawProcedure(procedure));
    shown = name;
    document.title = `${name} · pyrpc`;
  } catch (error) {
    shown = "";
    main.replaceChildren(
      element("p", { class: "failed", role: "alert" }, `${name}: ${String(error)}`),
    );
  }
}

function drawProcedure(procedure: Procedure): readonly HTMLElement[] {
  const raw = element("textarea", {
    id: "raw",
    spellcheck: "false",
    rows: "18",
    "aria-label": "Arguments as JSON",
  });
  const form = element("div", { id: "form" });
  const curl = element("pre", { id: "curl", tabindex: "0" });
  const code = element("pre", { id: "code", tabindex: "0" });
  const outcome = element("div", { id: "outcome", "aria-live": "polite" });
  const places = procedure.parameters.map(({ name, schema, required }) =>
    [name, { schema: asSchema(schema), root: asSchema(schema) }, required] as const
  );

  const body = () =>
    `{"id":1,"method":${JSON.stringify(procedure.name)},"params":${compact(raw.value)}}`;
  const refresh = () => {
    curl.textContent = curlOf(rpcUrl, body());
    code.textContent = clientCallOf(rpcUrl, procedure.name, raw.value);
  };
  const drawForm = (value: Readonly<Record<string, Json>>) => {
    form.replaceChildren(
      places.length === 0
        ? element("p", { class: "about" }, "No parameters.")
        : members(places, value, (next) => {
          raw.value = JSON.stringify(next, undefined, 2);
          raw.removeAttribute("aria-invalid");
          refresh();
        }),
    );
  };
  const setArguments = (value: Readonly<Record<string, Json>>) => {
    raw.value = JSON.stringify(value, undefined, 2);
    drawForm(value);
    refresh();
  };
  raw.addEventListener("input", () => {
    try {
      const value: unknown = JSON.parse(raw.value);
      raw.removeAttribute("aria-invalid");
      if (typeof value === "object" && value !== null && !Array.isArray(value)) {
        drawForm(value as Record<string, Json>);
      }
    } catch {
      raw.setAttribute("aria-invalid", "true");
    }
    refresh();
  });
  const call = async () => {
    const started = performance.now();
    outcome.replaceChildren(element("p", { class: "about" }, "…"));
    try {
      const response = await fetch(rpcUrl, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: body(),
      });
      const text = await response.text();
      showOutcome(outcome, response.status, text, performance.now() - started);
    } catch (error) {
      outcome.replaceChildren(element("p", { class: "failed", role: "alert" }, String(error)));
    }
  };
  setArguments(procedure.example ?? {});

  const run = element("button", { type: "button", id: "call", onclick: () => void call() }, "Call");
  const fill = procedure.example === undefined ? undefined : element("button", {
    type: "button",
    id: "example",
    onclick: async () => {
      const seed = String(Math.random());
      const { example } = await load<Procedure>(
        `/procedure?name=${encodeURIComponent(procedure.name)}&example=${seed}`,
      );
      setArguments(example ?? {});
    },
  }, "Other values");
  return [
    element(
      "h1",
      {},
      procedure.name,
      kindBadge(procedure.kind),
    ),
    element("p", { class: "doc" }, procedure.doc),
    element("pre", { id: "signature", tabindex: "0" }, procedure.signature),
    ...procedure.types.length === 0 ? [] : [element(
      "details",
      {},
      element("summary", {}, `Types (${procedure.types.length})`),
      element("pre", { tabindex: "0" }, procedure.types.join("\n\n")),
    )],
    element(
      "div",
      { id: "arguments", class: "columns" },
      element("section", { "aria-label": "Arguments" }, element("h2", {}, "Arguments"), form),
      element("section", { "aria-label": "Arguments as JSON" }, element("h2", {}, "JSON"), raw),
    ),
    element(
      "div",
      { class: "actions" },
      run,
      fill,
      element(
        "span",
        { class: "about" },
        isReal ? "Ctrl+Enter calls from a form that you have filled in" : "Ctrl+Enter calls",
      ),
    ),
    outcome,
    element("details", {}, element("summary", {}, "As curl"), curl, copyButton(curl)),
    element("details", {}, element("summary", {}, "As client code"), code, copyButton(code)),
  ];
}

// What is typed is sent as it is: a number keeps all its digits. Blanks between tokens go.
function compact(text: string): string {
  return (text.match(/"(?:[^"\\]|\\.)*"|[^\s"]+/g) ?? ["{}"]).join("");
}

function showOutcome(outcome: HTMLElement, status: number, text: string, ms: number): void {
  let failed = status >= 400;
  let shown = text;
  try {
    const answer = JSON.parse(text) as { error?: unknown };
    failed ||= answer.error !== null && answer.error !== undefined;
    // The text itself, without its envelope: parsing would take digits from large numbers.
    const inner = /^\{"id":1,"result":(.*),"error":null\}$/s.exec(text)?.[1];
    if (inner !== undefined) shown = inner;
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

function copyButton(of: HTMLElement): HTMLElement {
  const button = element("button", {
    type: "button",
    class: "small",
    onclick: async () => {
      await navigator.clipboard.writeText(of.textContent ?? "");
      button.textContent = "Copied";
      setTimeout(() => button.textContent = "Copy", 1_500);
    },
  }, "Copy");
  return button;
}

function fromHash(): void {
  let name = location.hash.slice(1);
  try {
    name = decodeURIComponent(name);
  } catch {
    // Then it is taken as it stands.
  }
  const known = procedures.some((procedure) => procedure.name === name);
  const first = known ? name : procedures[0]?.name;
  // What was typed stays where the one that is there is chosen again.
  if (first === undefined || first === selected && first === shown) return;
  void show(first);
}

function keys(event: KeyboardEvent): void {
  const { target } = event;
  const isTyping = target instanceof HTMLElement &&
    /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    if (!event.repeat && isClick(target)) byId("call")?.click();
  } else if (event.key === "Enter" && event.repeat && target === byId("call")) {
    // A key that is held down is one click, not many.
  } else if (event.key === "/" && !isTyping) byId("search").focus();
  else if (
    event.key === "ArrowDown" &&
    (target === byId("search") || byId("list").contains(target as Node))
  ) moveInList(1);
  else if (event.key === "ArrowUp" && byId("list").contains(target as Node)) moveInList(-1);
  else if (event.key === "Enter" && target === byId("search")) {
    foundLinks()[0]?.click();
  } else return;
  event.preventDefault();
}

// Before a real server the keys count as a click only in a form that the user has filled in: it starts empty.
function isClick(target: EventTarget | null): boolean {
  if (!isReal) return true;
  const isFilledIn = compact((byId("raw") as HTMLTextAreaElement | null)?.value ?? "{}") !== "{}";
  return isFilledIn && byId("arguments").contains(target as Node);
}

async function start(): Promise<void> {
  const about = await load<
    {
      readonly rpc: string;
      readonly isReal: boolean;
      readonly title: string;
      readonly procedures: readonly Listed[];
    }
  >("/procedures");
  ({ procedures, isReal } = about);
  rpcUrl = new URL(about.rpc, location.origin).href;
  byId("source").textContent = about.title;
  makeList();
  fromHash();
  byId("search").addEventListener("input", showFound);
  addEventListener("hashchange", fromHash);
  addEventListener("keydown", keys);
  followTrace(`${page}/events`);
}

void start();
