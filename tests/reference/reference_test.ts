import assert from "node:assert/strict";
import { pathToFileURL } from "node:url";
import { test } from "node:test";
import axe from "axe-core";
import { parseContract } from "../../lib/contract/mod.ts";
import { MARKS, referenceOf, renderHtml, renderMarkdown } from "../../lib/reference/mod.ts";
import { chromiumSkip, startChromium } from "../support/chromium.ts";
import { SHOP } from "../support/explorer.ts";
import { runCli } from "../support/run_cli.ts";
import { tempFolder } from "../support/temp_folder.ts";

const HOSTILE =
  '"><img src=x onerror=alert(1)><script>alert(2)</script>`` ``` | [a](javascript:1) \u202e';
const NAMES = [HOSTILE, "__proto__", "constructor", "a b", "users.get", "\ud800", "# x", "é"];

const shop = parseContract(SHOP, { where: "test" });
const hostile = parseContract(
  Object.fromEntries(NAMES.map((name) => [name, {
    name,
    parameters: [{
      name: HOSTILE,
      schema_: {
        $ref: "#/$defs/M",
        $defs: { M: { type: "object", title: HOSTILE, description: HOSTILE, properties: {} } },
      },
      required: false,
      default: HOSTILE,
    }],
    return_schema: { type: "string", description: HOSTILE, enum: [HOSTILE] },
    doc: `${HOSTILE}\n\n    ${HOSTILE}`,
    kind: "mutation",
  }])),
  { where: "test" },
);

test("renderHtml() and renderMarkdown() have every procedure, parameter and type once", () => {
  const reference = referenceOf(shop, {
    title: "Shop",
    version: "1.2.0",
    url: "https://a.example",
  });
  assert.equal(reference.procedures.length, 12);
  const html = renderHtml(reference);
  const markdown = renderMarkdown(reference);
  for (const { name } of reference.procedures) {
    assert.equal(html.split(`<section id="procedure-${name}">`).length, 2, name);
    assert.equal(markdown.split(`<a id="procedure-${name}"></a>`).length, 2, name);
  }
  for (const name of reference.types.keys()) {
    assert.equal(html.split(`<h3 id="type-${name}">`).length, 2, name);
    assert.equal(markdown.split(`\n### ${name}\n`).length, 2, name);
  }
  assert.match(html, /Version 1\.2\.0 · 12 procedures · https:\/\/a\.example/);
  assert.match(html, /lines: <a href="#type-OrderLine">OrderLine<\/a>\[\]/);
  assert.match(markdown, /\| note \| string \\\| null \| optional \|/);
});

test("renderMarkdown(): a hostile contract stays text", () => {
  const markdown = renderMarkdown(referenceOf(hostile, { title: HOSTILE, url: HOSTILE }));
  let isCode = false;
  let fence = "";
  const [mark, ...lines] = markdown.split("\n");
  assert.equal(mark, MARKS.markdown);
  for (const line of lines) {
    const [run] = /^`{3,}/.exec(line) ?? [];
    if (isCode ? line === fence : run !== undefined) {
      isCode = !isCode;
      fence = run ?? "";
    } else if (!isCode && !/^<a id="[\w%.-]+"><\/a>$/.test(line)) {
      assert.doesNotMatch(line, /(?<!\\)[<>`]/, "no element and no code that the contract opens");
      assert.doesNotMatch(line, /(?<!\\)\]\((?!#procedure-)/, "no link of the contract");
      if (line.startsWith("| ")) {
        assert.ok([3, 4].includes(line.split(/(?<!\\)\|/).length - 2), line);
      }
    }
  }
  assert.equal(isCode, false);
  assert.doesNotMatch(markdown, /\u202e/);
});

test(
  "renderHtml(): hostile text runs nothing, every link has a target, and axe-core finds nothing",
  {
    skip: chromiumSkip(),
  },
  async () => {
    await using folder = await tempFolder({
      "hostile.html": renderHtml(referenceOf(hostile, { title: HOSTILE, url: HOSTILE })),
      "shop.html": renderHtml(referenceOf(shop)),
    });
    await using chromium = await startChromium();
    const page = await chromium.browser.newPage();
    const problems: string[] = [];
    page.on("dialog", (dialog) => {
      problems.push(dialog.message());
      void dialog.dismiss();
    });
    page.on("console", (message) => {
      if (message.type() === "error") problems.push(message.text());
    });
    for (const name of ["hostile", "shop"]) {
      const requested: string[] = [];
      page.on("request", (request) => requested.push(request.url()));
      await page.goto(pathToFileURL(folder.at(`${name}.html`)).href);
      assert.equal(requested.length, 1);
      assert.equal(await page.$$eval("img, script", (nodes) => nodes.length), 0);
      const broken = await page.$$eval(
        "a",
        (links) =>
          links.map((link) => link.getAttribute("href") ?? "").filter((href) =>
            document.getElementById(href.slice(1)) === null
          ),
      );
      assert.deepEqual(broken, []);
      await page.evaluate(axe.source);
      for (const width of [390, 1280]) {
        for (const value of ["light", "dark"]) {
          await page.setViewport({ width, height: 800 });
          await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value }]);
          const { violations } = await page.evaluate(() =>
            (globalThis as unknown as { axe: { run(): Promise<axe.AxeResults> } }).axe.run()
          ) as axe.AxeResults;
          const found = violations.flatMap(({ id, nodes }) =>
            nodes.map(({ html }) => `${id} ${html}`)
          );
          assert.deepEqual(found, [], `${name} ${width} ${value}`);
        }
      }
      page.removeAllListeners("request");
    }
    assert.deepEqual(problems, []);
  },
);

test("pyrpc export html and markdown print the page or write it, for selected procedures", async () => {
  const files = { "schema.json": JSON.stringify(SHOP) };
  const printed = await runCli(["export", "html", "schema.json", "--title", "Shop"], { files });
  assert.equal(printed.code, 0);
  assert.match(printed.stdout, /^<!doctype html>\n[^]*<h1>Shop<\/h1>[^]*<\/html>\n$/);
  const args = ["export", "markdown", "schema.json", "--include", "users.*", "-o", "docs/api.md"];
  const written = await runCli(args, { files });
  assert.match(written.stderr, /api\.md: 1 procedure\n$/);
  assert.match(written.files["docs/api.md"] ?? "", /## users\.get\n/);
  assert.doesNotMatch(written.files["docs/api.md"] ?? "", /place_order|OrderLine/);
  const wrong = await runCli(["export", "html", "schema.json", "--depth", "3"], { files });
  assert.equal(wrong.code, 2);
  assert.match(wrong.stderr, /--depth is not supported with the format html/);
});
