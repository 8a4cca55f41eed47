import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { test } from "node:test";
import { promisify } from "node:util";
import type { Page } from "puppeteer-core";
import { curlOf, pyrpcCallOf } from "../../lib/explorer/page/call_text.ts";
import { outcomeOf } from "../../lib/explorer/page/call_outcome.ts";
import { chromiumSkip } from "../support/chromium.ts";
import { openExplorer, serveExplorer, SHOP } from "../support/explorer.ts";
import { runCli } from "../support/run_cli.ts";

const textOf = (page: Page, selector: string) =>
  page.$eval(selector, (node) => node.textContent ?? "");

const rawOf = (page: Page) =>
  page.$eval("#raw", (node) => (node as HTMLTextAreaElement).value.replaceAll(/\s/g, ""));

async function enter(page: Page, params: string): Promise<void> {
  await page.$eval("#raw", (node, params) => {
    (node as HTMLTextAreaElement).value = params;
    node.dispatchEvent(new Event("input"));
  }, params);
}

async function call(page: Page): Promise<void> {
  await page.evaluate(() => document.getElementById("outcome")!.replaceChildren());
  await page.click("#call");
  await page.waitForSelector("#outcome .status");
}

test("createExplorer(): earlier calls can be opened and sent again with all their digits", {
  skip: chromiumSkip(),
}, async () => {
  await using server = await serveExplorer(SHOP, { hasUpstream: true });
  await using opened = await openExplorer(server.origin, { path: "/explorer#add" });
  const { page, problems } = opened;
  assert.equal(await page.$eval("#history", (node) => (node as HTMLElement).hidden), true);
  await enter(page, '{"a": 9007199254740993, "b": 1}');
  await call(page);
  await enter(page, '{"a": "x", "b": 1}');
  await call(page);
  await page.evaluate(() => location.hash = "greet");
  await page.waitForFunction(() =>
    document.querySelector("h1")?.firstChild?.textContent === "greet"
  );
  await page.$eval("#history", (node) => (node as HTMLDetailsElement).open = true);
  assert.match(await textOf(page, "#history summary"), /\(2\)$/);
  const rows = await page.$$eval("#history li", (all) => all.map((row) => row.textContent));
  assert.match(rows[0] ?? "", /^add\(\{"a":"x","b":1\}\).*\(-32602\)/);
  assert.match(rows[1] ?? "", /^add\(\{"a":9007199254740993,"b":1\}\)-?\d+ · /);

  await page.click("#history li:nth-child(2) .call");
  await page.waitForFunction(() => document.querySelector("h1")?.firstChild?.textContent === "add");
  assert.equal(await rawOf(page), '{"a":9007199254740993,"b":1}');
  assert.equal(server.calls.length, 2, "opening sends nothing");
  assert.equal(new URL(page.url()).hash, "#add");

  await page.click("#history li:nth-child(2) .again");
  await page.waitForFunction(() => document.querySelectorAll("#history li").length === 3);
  assert.equal(server.calls[2], server.calls[0]);
  assert.match(await textOf(page, "#outcome .status"), /^Result · /);
  assert.deepEqual(problems, []);
});

test(
  "createExplorer(): a token is sent with each call, is in no code and is forgotten with the page",
  {
    skip: chromiumSkip(),
  },
  async () => {
    await using server = await serveExplorer(SHOP);
    await using opened = await openExplorer(server.origin, { path: "/explorer#add" });
    const { page, problems } = opened;
    const sent: (string | undefined)[] = [];
    page.on("request", (request) => {
      if (request.method() === "POST") sent.push(request.headers()["authorization"]);
    });
    await call(page);
    await page.click("#access summary");
    await page.type("#token", "s3cret-token");
    await call(page);
    await page.focus("#token");
    await page.keyboard.type("x");
    await page.$eval("#token", (node) => {
      (node as HTMLInputElement).value = "Basic YTpi";
      node.dispatchEvent(new Event("input"));
    });
    await call(page);
    assert.deepEqual(sent, [undefined, "Bearer s3cret-token", "Basic YTpi"]);
    for (const id of ["command", "curl", "code"]) {
      assert.doesNotMatch(await textOf(page, `#${id}`), /s3cret|YTpi/);
    }
    assert.match(await textOf(page, "#command"), /--token-env PYRPC_TOKEN/);
    assert.equal(await page.evaluate(() => localStorage.length + sessionStorage.length), 0);
    // Another contract is shown without a new page.
    await enter(page, '{"a": 5, "b": 6}');
    server.change({ ...SHOP, added: SHOP["greet"]! });
    await page.waitForFunction(() => document.querySelectorAll("#list li").length === 13);
    await page.waitForFunction(() => document.querySelector("#procedure h1") !== null);
    await page.waitForFunction(() =>
      /"a": ?5/.test((document.getElementById("raw") as HTMLTextAreaElement).value)
    );
    assert.equal(
      await page.$eval("#token", (node) => (node as HTMLInputElement).value),
      "Basic YTpi",
    );
    await page.reload();
    await page.waitForSelector("#procedure h1");
    assert.equal(await page.$eval("#token", (node) => (node as HTMLInputElement).value), "");
    assert.deepEqual(problems, []);
  },
);

test("createExplorer(): on a phone the list opens from a button and closes after a choice", {
  skip: chromiumSkip(),
}, async () => {
  await using server = await serveExplorer(SHOP);
  await using opened = await openExplorer(server.origin, { width: 390 });
  const { page } = opened;
  const isListed = () => page.$eval("#list", (node) => node.getClientRects().length > 0);
  assert.equal(await isListed(), false);
  await page.click("#menu");
  assert.equal(await isListed(), true);
  await page.type("#search", "no such procedure");
  assert.equal(await textOf(page, "#found"), "No match in 12 procedures");
  await page.$eval("#search", (node) => {
    (node as HTMLInputElement).value = "";
    node.dispatchEvent(new Event("input"));
  });
  assert.equal(await textOf(page, "#found"), "12 procedures");
  await page.click('#list a[href="#greet"]');
  await page.waitForFunction(() =>
    document.querySelector("h1")?.firstChild?.textContent === "greet"
  );
  assert.equal(await isListed(), false);
});

test("createExplorer(): a row of the trace shows its whole texts after a click", {
  skip: chromiumSkip(),
}, async () => {
  await using server = await serveExplorer(SHOP);
  await using opened = await openExplorer(server.origin);
  const { page } = opened;
  const name = "x".repeat(400);
  await server.call("greet", { name });
  await page.waitForSelector("#trace button");
  const isCut = () => page.$eval("#trace button", (node) => node.scrollWidth > node.clientWidth);
  assert.equal(await isCut(), true);
  await page.focus("#trace button");
  await page.keyboard.press("Enter");
  assert.equal(await isCut(), false);
  assert.ok((await textOf(page, "#trace button")).includes(name));
  assert.equal(await page.$eval("#trace button", (node) => node.ariaExpanded), "true");
});

test("pyrpcCallOf(): the command, pasted into a shell, makes the same call", async () => {
  const names = ["add", "it's", "a b", "-x", "users.get", "$(id)", "é"];
  const params = ['{"a":1,"b":9007199254740993}', '{"a":"it\'s $HOME","b":[]}'];
  const procedure = (name: string) => ({ ...SHOP["greet"] as object, name });
  await using server = await serveExplorer(Object.fromEntries(
    names.map((name) => [name, procedure(name)]),
  ));
  for (const method of names) {
    for (const given of params) {
      const call = { url: `${server.origin}/rpc`, method, params: given, needsToken: false };
      const pasted = pyrpcCallOf(call, "linux");
      const script = `pyrpc() { printf '%s\\0' "$@"; }; ${pasted}`;
      const { stdout } = await promisify(execFile)("sh", ["-c", script]);
      const [command = "", ...args] = stdout.split("\0").slice(0, -1);
      await runCli([command, "--no-check", ...args]);
      assert.equal(server.calls.at(-1), `${method} ${given}`);
    }
  }
});

test("calls are shown for the shell of the browser's system", () => {
  const call = {
    url: "http://h:8000/rpc",
    method: "add",
    params: '{"a":"it\'s"}',
    needsToken: true,
  };
  const body = `{"id":1,"method":"add","params":{"a":"it''s"}}`;
  const cases = {
    win32: [
      `'{"a":"it''s"}' | pyrpc call --data - --token-env PYRPC_TOKEN http://h:8000/rpc add`,
      `'${body}' | curl.exe -s http://h:8000/rpc -H "content-type: application/json" ` +
      '-H "authorization: Bearer ${env:PYRPC_TOKEN}" --data-binary "@-"',
    ],
    posix: [
      `pyrpc call --data '{"a":"it'\\''s"}' --token-env PYRPC_TOKEN http://h:8000/rpc add`,
      "curl -s http://h:8000/rpc -H 'content-type: application/json' \\\n" +
      '  -H "authorization: Bearer $PYRPC_TOKEN" \\\n' +
      `  -d '${body.replace("''", "'\\''")}'`,
    ],
  };
  for (const [system, expected] of Object.entries(cases)) {
    assert.deepEqual([pyrpcCallOf(call, system), curlOf(call, system)], expected);
  }
  const simple = { ...call, params: "{}", needsToken: false };
  assert.equal(pyrpcCallOf(simple, "win32"), "pyrpc call http://h:8000/rpc add");
});

test("outcomeOf(): the headline is the message of the error", () => {
  const headline = (status: number, text: string) => outcomeOf({ status, text, ms: 1 }).headline;
  const error = (error: unknown) => JSON.stringify({ id: 1, result: null, error });
  const cases: [number, string, string][] = [
    [200, '{"id":1,"result":12345678901234567890,"error":null}', "Result"],
    [200, error({ code: -32603, message: "No product 3200" }), "No product 3200 (-32603)"],
    [400, error({ code: -32602, message: "Invalid" }), "Invalid (-32602) · HTTP 400"],
    [200, error({ code: 1 }), "Error (1)"],
    [401, '{"detail":"Not authenticated"}', "Error · HTTP 401"],
    [502, "<html>", "HTTP 502"],
    [200, "<html>", "The answer is not JSON"],
    [200, error(0), "Error"],
  ];
  for (const [status, text, expected] of cases) assert.equal(headline(status, text), expected);
});
