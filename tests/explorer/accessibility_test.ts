import assert from "node:assert/strict";
import { test } from "node:test";
import axe from "axe-core";
import type { Page } from "puppeteer-core";
import { chromiumSkip } from "../support/chromium.ts";
import { openExplorer, serveExplorer, SHOP } from "../support/explorer.ts";

const WIDTHS = [390, 820, 1280, 1440];

const union = (...types: string[]) => ({ anyOf: types.map((type) => ({ type })) });

/** One parameter for each control of the form, in unions as well. */
const CONTROLS = {
  name: "controls",
  parameters: Object.entries({
    text: { type: "string" },
    text_or_null: union("string", "null"),
    number_or_text: union("number", "string"),
    flag_or_null: union("boolean", "null"),
    choice_or_null: { anyOf: [{ enum: ["a", "b"] }, { type: "null" }] },
    anything_or_null: { anyOf: [{}, { type: "null" }] },
    texts: { type: "array", items: union("string", "null") },
    pair: { type: "array", prefixItems: [{ type: "integer" }, union("string", "null")] },
    table: { type: "object", additionalProperties: union("integer", "string") },
    model: { type: "object", properties: { id: union("integer", "null") }, required: ["id"] },
  }).map(([name, schema_]) => ({ name, schema_, required: true })),
  return_schema: { type: "null" },
  doc: "One field for each control. See `text`.",
};

test("createExplorer(): axe-core finds nothing, at four widths, light and dark", {
  skip: chromiumSkip(),
}, async () => {
  await using server = await serveExplorer({ ...SHOP, controls: CONTROLS });
  await using opened = await openExplorer(server.origin, { path: "/explorer#controls" });
  const { page, problems } = opened;
  await page.evaluate(axe.source);
  const found: string[] = [];
  for (const label of ["Add an item", "Add an entry"]) await page.click(`[aria-label="${label}"]`);
  for (const width of WIDTHS) {
    for (const scheme of ["light", "dark"]) {
      await page.setViewport({ width, height: 800 });
      await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }]);
      await callOnce(page);
      await page.$$eval("details", (all) => all.forEach((one) => one.open = true));
      found.push(...await violations(page, `${width} ${scheme}`));
    }
  }
  assert.deepEqual(found, []);
  assert.deepEqual(problems, []);
});

async function callOnce(page: Page): Promise<void> {
  await page.evaluate(() => document.getElementById("outcome")!.replaceChildren());
  await page.evaluate(() => document.getElementById("call")!.click());
  await page.waitForSelector("#outcome .status");
  await page.waitForSelector("#trace tr");
  await page.evaluate(() => scrollTo(0, 0));
  await page.$eval("main", (main) => main.scrollTo(0, 0));
}

async function violations(page: Page, where: string): Promise<string[]> {
  const { violations } = await page.evaluate(() =>
    (globalThis as unknown as { axe: { run(): Promise<axe.AxeResults> } }).axe.run()
  ) as axe.AxeResults;
  return violations.flatMap(({ id, nodes }) =>
    nodes.map((node) => `${where}: ${id} ${node.html.slice(0, 160)}`)
  );
}

test("createExplorer(): the button to call is on the screen, and nothing is wider than it", {
  skip: chromiumSkip(),
}, async () => {
  const names = ["place_order", "list_products", "add"];
  await using server = await serveExplorer(SHOP);
  await using opened = await openExplorer(server.origin);
  const { page } = opened;
  for (const width of WIDTHS) {
    await page.setViewport({ width, height: 800 });
    for (const name of names) {
      await page.evaluate((name) => location.hash = name, name);
      await page.waitForFunction(
        (name) => document.querySelector("h1")?.firstChild?.textContent === name,
        {},
        name,
      );
      const fits = await page.evaluate(() =>
        document.getElementById("call")!.getBoundingClientRect().bottom <= innerHeight &&
        document.documentElement.scrollWidth <= innerWidth
      );
      assert.ok(fits, `${width} ${name}`);
    }
  }
});

test("createExplorer(): the focus is visible on every element that the Tab key reaches", {
  skip: chromiumSkip(),
}, async () => {
  await using server = await serveExplorer({ controls: CONTROLS, add: SHOP["add"]! });
  await using opened = await openExplorer(server.origin, { path: "/explorer#controls" });
  const { page } = opened;
  await callOnce(page);
  const hidden: string[] = [];
  const seen = new Set<string>();
  for (let count = 0; count < 200; count++) {
    await page.keyboard.press("Tab");
    const focused = await page.evaluate(() => {
      const node = document.activeElement;
      if (node === null || node === document.body) return undefined;
      const { outlineStyle, outlineWidth, outlineOffset } = getComputedStyle(node);
      const isClipped = node.closest("#list li") !== null;
      const isVisible = outlineStyle !== "none" && parseFloat(outlineWidth) >= 2 &&
        (!isClipped || parseFloat(outlineOffset) <= -2);
      const { top, bottom } = node.getBoundingClientRect();
      const actions = document.querySelector(".actions")!.getBoundingClientRect();
      const isCovered = node.closest("#form") !== null && top >= actions.top &&
        bottom <= actions.bottom;
      return { text: node.outerHTML.slice(0, 120), isVisible, isCovered };
    });
    if (focused === undefined || seen.has(focused.text)) break;
    seen.add(focused.text);
    if (!focused.isVisible || focused.isCovered) hidden.push(focused.text);
  }
  assert.ok(seen.size > 20, `${seen.size} elements`);
  assert.deepEqual(hidden, []);
});
