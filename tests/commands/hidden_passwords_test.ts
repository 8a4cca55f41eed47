import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { freePort } from "../support/free_port.ts";
import { serveHttp } from "../support/http_server.ts";
import { type CliResult, runCli } from "../support/run_cli.ts";
import { serving } from "../support/serving.ts";

const SHOP = fileURLToPath(new URL("../fixtures/shop.schema.json", import.meta.url));
const SECRETS = ["s3cretword", "k3yvalue"] as const;

function secretUrl(port: number): string {
  return `http://ada:${SECRETS[0]}@127.0.0.1:${port}/rpc?key=${SECRETS[1]}`;
}

function assertHidden({ stdout, stderr, files, block }: CliResult, given: readonly string[]) {
  for (const secret of SECRETS) {
    for (const text of [stdout, stderr]) assert.equal(text.includes(secret), false, block);
    for (const [path, text] of Object.entries(files)) {
      // The user's own configuration may hold what the user wrote into it.
      if (given.includes(path)) continue;
      assert.equal(text?.includes(secret) ?? false, false, `${path}: ${text}`);
    }
  }
}

function server(status = 200) {
  return serveHttp((request, response, body) => {
    response.statusCode = status;
    if (request.method !== "POST") return void response.end(readFileSync(SHOP));
    response.end(JSON.stringify({ id: JSON.parse(body).id, result: 3, error: null }));
  });
}

/** Command lines with the URL; and configuration files that contain it. */
const COMMANDS: readonly (readonly [
  args: (url: string) => readonly string[],
  files?: (url: string) => Readonly<Record<string, string>>,
])[] = [
  [(url) => ["inspect", url]],
  [(url) => ["inspect", url, "--json"]],
  [(url) => ["inspect", url, "no_such_procedure"]],
  [(url) => ["codegen", url, "--out", "types.ts"]],
  [(url) => ["codegen", url, "--out", "types.ts", "--json"]],
  [(url) => ["codegen", url, "--out", "-"]],
  [(url) => ["pull", url]],
  [(url) => ["pull", url, "-o", "snapshot.json"]],
  [(url) => ["pull", url, "-o", "snapshot.json", "--json"]],
  [(url) => ["export", "openrpc", url]],
  [(url) => ["call", url, "add", "1", "2"]],
  [(url) => ["call", url, "add", "1", "2", "--json"]],
  [(url) => ["call", url, "add", "x", "2"]],
  [(url) => ["diff", url, SHOP]],
  [(url) => ["diff", SHOP, url, "--json"]],
  ...["text", "json", "github", "junit", "markdown"].map((format) =>
    [(url: string) => ["check", url, "--format", format]] as const
  ),
  [(url) => ["mock", url, "--dump", "answers"]],
  [(url) => ["sync", "--server-url", url, "--out", "types.ts"]],
  [(url) => ["sync", "--server-url", url, "--out", "types.ts", "--json"]],
  [(url) => ["sync", "--offline", url, "--out", "types.ts"]],
  [(url) => ["sync", "--optional", "--server-url", url, "--out", "types.ts"]],
  [(url) => ["sync", "--save-script", "--server-url", url]],
  [(url) => ["doctor", "--server-url", url]],
  [(url) => ["dev", url]],
  [(url) => ["dev", "--entry", url]],
  [(url) => ["init", "--entry", url, "--yes"]],
  [() => ["config"], client],
  [() => ["config", "--json"], client],
  [() => ["config"], clients],
  [() => ["config", "--json"], clients],
  [() => ["doctor"], client],
  [() => ["doctor", "--json"], client],
  [() => ["doctor"], clients],
  [() => ["sync"], client],
  [() => ["sync", "--json"], clients],
  [() => ["sync", "--server", "x"], clients],
  [() => ["mock", "--dump", "answers"], clients],
  [() => ["check"], client],
  [() => ["check"], clients],
  [() => ["sync"], (url) => ({ "pyrpc-client.json": `{"server_url": ["${url}"]}` })],
  [() => ["doctor"], (url) => ({ "pyrpc-client.json": `{"servers": {"a": "${url}"}}` })],
  [() => ["sync"], (url) => ({ "pyrpc-client.json": `{"server_url": "${url}", }` })],
  [
    () => ["sync"],
    (url) => ({ "pyrpc-client.json": `{"distribution":"server","server_url": "ftp${url}"}` }),
  ],
  [(url) => ["mcp", url, "--install", "claude", "--print"]],
  [(url) => ["mcp", url, "--install", "claude"]],
  [(url) => ["mock", SHOP, url]],
  [(url) => ["mock", "--handlers", url]],
  [(url) => ["proxy", url.replace("http:", "ftp:")]],
  [(url) => ["inspect", url.replace("http:", "ftp:")]],
  [(url) => ["inspect", `${url}#[`]],
  [(url) => ["inspect", url.replace("127.0.0.1", "127.0.0.1:")]],
  [(url) => ["init", "--yes", "--client", "--server-url", url]],
];

function client(url: string) {
  return {
    "pyrpc-client.json": JSON.stringify({
      distribution: "server",
      server_url: url,
      output: "types.ts",
    }),
    "package.json": "{}",
  };
}

function clients(url: string) {
  return {
    "pyrpc-client.json": JSON.stringify({
      distribution: "server",
      servers: [
        { name: "a", server_url: url, target: "a.ts" },
        { name: "b", server_url: `${url}&b`, target: "b.ts" },
      ],
    }),
    "package.json": "{}",
  };
}

describe("user, password and query of a URL", () => {
  for (const state of ["answering", "rejecting", "stopped"] as const) {
    for (const [args, files = () => ({})] of COMMANDS) {
      const shown = `${args("URL").join(" ")} ${Object.values(files("URL")).join(" ")}`;
      it(`are not printed by ${shown.replace(SHOP, "SHOP")}, server ${state}`, async () => {
        await using running = await server(state === "rejecting" ? 403 : 200);
        const url = secretUrl(state === "stopped" ? await freePort() : running.port);
        const given = files(url);
        const result = await runCli(args(url), { files: given });
        assert.notEqual(result.code, 70, result.block);
        assertHidden(result, [...Object.keys(given), "pyrpc-client.json", "package.json"]);
        // From the environment, over the configuration.
        if (args(url).some((word) => word.includes(url))) return;
        const env = { PYRPC_SERVER_URL: url };
        assertHidden(await runCli(args(url), { files: given, env }), Object.keys(given));
      });
    }
  }

  for (const command of ["mock", "proxy", "explore"]) {
    for (const flags of [[], ["--json"]]) {
      it(`are not printed by ${command} ${flags.join("")}`, async () => {
        await using running = await server();
        const args = [command, secretUrl(running.port), ...flags];
        const record = command === "mock" ? [] : ["--record", "calls.json"];
        const result = await serving(() => [...args, ...record], {}, async (call) => {
          await call("add", [1, 2]);
        });
        assertHidden(result, []);
      });
    }
  }
});
