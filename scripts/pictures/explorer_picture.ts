/** The explorer before a mock of the example contract, after a call. */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { basename } from "node:path";
import process from "node:process";
import { createInterface } from "node:readline";
import { startChromium } from "../../tests/support/chromium.ts";
import { ROOT } from "../project.ts";
import type { ThemeName } from "./theme.ts";

const CONTRACT = `${ROOT}examples/shop.schema.json`;
const PROCEDURE = "list_products";

/** Starts a mock, calls a procedure in Chromium, and returns a picture of the page in each theme. */
export async function explorerPicture(): Promise<Readonly<Record<ThemeName, Uint8Array>>> {
  await using mock = await startMock();
  await using chromium = await startChromium();
  const pictureIn = async (theme: ThemeName) => {
    const page = await chromium.browser.newPage();
    await page.setViewport({ width: 1280, height: 800 });
    await page.emulateMediaFeatures([
      { name: "prefers-color-scheme", value: theme },
      { name: "prefers-reduced-motion", value: "reduce" },
    ]);
    await page.goto(`${mock.origin}/explorer#${PROCEDURE}`, { waitUntil: "load" });
    await page.waitForSelector("#call");
    await callOthers(mock.origin);
    await page.click("#call");
    await page.waitForFunction(() =>
      /Result/.test(document.querySelector("main")?.textContent ?? "")
    );
    await page.evaluate((name) => {
      const source = document.querySelector("#source");
      if (source !== null) source.textContent = name;
      document.querySelector("main")?.scrollTo(0, 0);
    }, basename(CONTRACT));
    const picture = await page.screenshot({ type: "png", optimizeForSpeed: false });
    await page.close();
    return picture;
  };
  return { light: await pictureIn("light"), dark: await pictureIn("dark") };
}

/** Calls of other clients, for the live trace. */
async function callOthers(origin: string): Promise<void> {
  const calls = [
    { method: "add", params: [1, 2] },
    { method: "greet", params: ["Ada"] },
    { method: "list_products", params: { limit: 2 } },
    { method: "price_range", params: ["ABC-0001"] },
    { method: "categories", params: [] },
  ];
  for (let round = 0; round < 8; round++) {
    for (const call of calls) {
      const body = JSON.stringify({ id: String(round), ...call });
      const headers = { "content-type": "application/json" };
      await (await fetch(`${origin}/rpc`, { method: "POST", headers, body })).text();
    }
  }
}

async function startMock(): Promise<{ readonly origin: string } & AsyncDisposable> {
  const child = spawn(process.execPath, [
    ...["run", "-A", "--no-check", `--config=${ROOT}deno.json`, `${ROOT}main.ts`],
    ...["mock", CONTRACT, "--handlers", `${ROOT}examples/handlers.js`, "--port", "0", "--json"],
  ], { stdio: ["ignore", "pipe", "inherit"] });
  const closed = once(child, "close");
  const [first] = await Promise.race([once(createInterface(child.stdout), "line"), closed]);
  if (typeof first !== "string") throw new Error(`The mock ended with code ${String(first)}`);
  return {
    origin: new URL((JSON.parse(first) as { url: string }).url).origin,
    async [Symbol.asyncDispose]() {
      child.kill("SIGTERM");
      await closed;
    },
  };
}
