import assert from "node:assert/strict";
import { chmod, readFile, writeFile } from "node:fs/promises";
import { platform } from "node:os";
import process from "node:process";
import { test } from "node:test";
import { SHOP } from "../support/explorer.ts";
import { serveHttp } from "../support/http_server.ts";
import { runCli } from "../support/run_cli.ts";
import { tempFolder } from "../support/temp_folder.ts";

const skip = platform() === "win32" ? "BROWSER is a shell script" : false;

async function explore(browser: string, until: (stderr: string) => boolean | Promise<boolean>) {
  await using server = await serveHttp((_, response) => response.end(JSON.stringify(SHOP)));
  let stderr = "";
  let end = (_: "SIGINT") => {};
  const poll = setInterval(async () => {
    if (await until(stderr)) end("SIGINT");
  }, 20);
  try {
    return await runCli(["explore", server.url, "--port", "0", "--open"], {
      env: { BROWSER: browser, PATH: process.env["PATH"] ?? "" },
      onStart: (signal) => end = signal,
      onStderr: (text) => stderr += text,
    });
  } finally {
    clearInterval(poll);
  }
}

test("pyrpc explore --open opens the address of the explorer", { skip }, async () => {
  await using folder = await tempFolder({});
  const browser = folder.at("browser");
  await writeFile(browser, `#!/bin/sh\nprintf '%s' "$*" > '${folder.at("opened")}'\n`);
  await chmod(browser, 0o755);
  const opened = () => readFile(folder.at("opened"), "utf8").catch(() => "");
  const { stderr } = await explore(browser, async () => await opened() !== "");
  const [address] = /http:\/\/\S+\/explorer/.exec(stderr) ?? [];
  assert.equal(await opened(), address);
});

test("pyrpc explore --open without a browser prints a warning and keeps serving", async () => {
  const { code, stderr } = await explore("no-such-browser", (shown) => /no browser/.test(shown));
  assert.match(stderr, /no browser could be opened/);
  assert.equal(code, 130);
});
