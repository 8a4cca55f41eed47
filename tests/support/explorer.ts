import { readFileSync } from "node:fs";
import { createExplorer } from "../../lib/explorer/mod.ts";
import { createMockDispatcher } from "../../lib/mock/mod.ts";
import { type JsonObject, parseContract } from "../../lib/contract/mod.ts";
import { contractDocument, type MessageService, pyrpcProtocol } from "../../lib/rpc/mod.ts";
import { listenHttp, responseStyleOf } from "../../lib/server/mod.ts";
import { formatJsonText } from "../../lib/json/mod.ts";
import { startChromium } from "./chromium.ts";

/** The contract of the example backend. */
export const SHOP = JSON.parse(
  readFileSync(new URL("../fixtures/shop.schema.json", import.meta.url), "utf8"),
) as JsonObject;

/** Serves a contract with the explorer; the mock answers calls. */
export async function serveExplorer(
  document: object,
  { hasUpstream = false } = {},
) {
  let contract = parseContract(document, { where: "test" });
  const explorer = createExplorer({
    contract: () => contract,
    rpcPath: "/rpc",
    hasUpstream,
    title: () => "<b>test</b>",
    now: () => Date.parse("2026-11-21T12:00:00Z"),
  });
  let clock = 0;
  const calls: string[] = [];
  const service: MessageService = {
    protocol: pyrpcProtocol,
    dispatcher: createMockDispatcher({ contract, random: () => 0.5 }),
    observe: (event) => {
      calls.push(`${event.method} ${formatJsonText(event.params)}`);
      explorer.observe(event);
    },
    now: () => clock += 1.5,
  };
  const listener = await listenHttp({
    host: "127.0.0.1",
    port: 0,
    responseStyle: responseStyleOf("asgi"),
    routes: [{ path: "/rpc", service, document: (query) => contractDocument(contract, query) }],
    pages: explorer.pages,
  });
  const origin = new URL(listener.url).origin;
  const call = (method: string, params: unknown) =>
    fetch(`${origin}/rpc`, { method: "POST", body: JSON.stringify({ id: 1, method, params }) })
      .then((answer) => answer.json());
  return {
    origin,
    call,
    /** Every call that came in, with its arguments. */
    calls,
    /** Serves another contract. */
    change(document: object) {
      contract = parseContract(document, { where: "test" });
      explorer.contractChanged();
    },
    async [Symbol.asyncDispose]() {
      explorer.close();
      await listener.close(0);
    },
  };
}

/** Opens a page of the explorer; `problems` receives its errors. */
export async function openExplorer(
  url: string,
  { width = 1200, dark = false, path = "/explorer" } = {},
) {
  const { browser, ...rest } = await startChromium();
  const page = await browser.newPage();
  const problems: string[] = [];
  page.on("pageerror", (error) => problems.push(String(error)));
  page.on("console", (message) => {
    if (message.type() === "error") problems.push(message.text());
  });
  // An alarm for any script of others that runs.
  page.on("dialog", (dialog) => {
    problems.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  const requested: string[] = [];
  page.on("request", (request) => requested.push(request.url()));
  await page.setViewport({ width, height: 900 });
  await page.emulateMediaFeatures([{
    name: "prefers-color-scheme",
    value: dark ? "dark" : "light",
  }]);
  await page.goto(`${url}${path}`);
  await page.waitForSelector("#procedure h1");
  return { page, problems, requested, ...rest };
}
