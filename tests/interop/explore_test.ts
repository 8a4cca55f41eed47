import assert from "node:assert/strict";
import { test } from "node:test";
import type { EndSignal } from "../../lib/runtime/mod.ts";
import { chromiumSkip, startChromium } from "../support/chromium.ts";
import { freePort } from "../support/free_port.ts";
import { pythonSkip, startShop } from "../support/python.ts";
import { waitUntil } from "../support/wait_until.ts";
import { runCli } from "../support/run_cli.ts";

test(
  "pyrpc explore calls the real FastAPI backend from a page, which sends no CORS headers itself",
  {
    skip: pythonSkip() || chromiumSkip(),
  },
  async () => {
    await using server = await startShop("fastapi");
    const port = await freePort();
    let send: (signal: EndSignal) => void = () => undefined;
    const running = runCli(["explore", server.url, "--port", String(port)], {
      onStart: (signal) => {
        send = signal;
      },
    });
    try {
      const url = `http://127.0.0.1:${port}`;
      await waitUntil(async () => (await fetch(`${url}/explorer`)).status === 200);
      await using chromium = await startChromium();
      const page = await chromium.browser.newPage();
      await page.goto(`${url}/#greet`);
      await page.waitForSelector("#form input");
      const [name] = await page.$$("#form input");
      await page.focus("body");
      await page.keyboard.down("Control");
      await page.keyboard.press("Enter");
      await page.keyboard.up("Control");
      assert.equal(await page.$eval("#raw", (node) => (node as HTMLTextAreaElement).value), "{}");
      await name!.type("Ada");
      await page.click("#call");
      await page.waitForSelector("#outcome .ok");
      await page.waitForFunction(() =>
        document.querySelector("#counts")?.textContent?.startsWith("1 call,")
      );
      assert.equal(await page.$eval("#outcome pre", (node) => node.textContent), '"Hello, Ada!"');
      await page.waitForSelector("#trace tr");
    } finally {
      send("SIGINT");
    }
    const result = await running;
    assert.match(result.stderr, /pyrpc explore http/);
    assert.match(result.stderr, /explorer {4}http:\/\/127\.0\.0\.1:\d+\/explorer/);
  },
);
