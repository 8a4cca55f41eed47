import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { serveHttp } from "../support/http_server.ts";
import { serving } from "../support/serving.ts";

const SHOP = fileURLToPath(new URL("../fixtures/shop.schema.json", import.meta.url));
const FILES = { passwords: "ada:local\n" };
const ENV = { LOCAL: "local", REMOTE: "remote" };
const BASIC = `Basic ${btoa("ada:local")}`;

/** Runs a server of a command and calls it. Returns the credentials that the upstream received. */
async function forwarded(
  args: (url: string) => readonly string[],
  headers: Readonly<Record<string, string>>,
  host = "127.0.0.1",
): Promise<{ readonly authorization: string | undefined; readonly cookie: string | undefined }> {
  await using upstream = await serveHttp((request, response, body) => {
    if (request.method === "GET") return void response.end(readFileSync(SHOP));
    response.end(JSON.stringify({ id: JSON.parse(body).id, result: 3, error: null }));
  });
  const options = { files: FILES, env: ENV };
  await serving(() => args(`http://${host}:${upstream.port}`), options, async (_, url) => {
    const body = JSON.stringify({ id: 1, method: "add", params: [1, 2] });
    const response = await fetch(`${url}/rpc`, { method: "POST", body, headers });
    assert.equal((await response.json()).result, 3);
  });
  const call = upstream.requests.find(({ method }) => method === "POST");
  return { authorization: call?.headers.authorization, cookie: call?.headers.cookie };
}

const COMMANDS: readonly (readonly [string, (url: string) => readonly string[]])[] = [
  ["proxy", (url) => ["proxy", url]],
  ["explore", (url) => ["explore", url]],
  ["mock --proxy", (url) => ["mock", "--proxy", url]],
];

describe("the credentials of callers", () => {
  for (const [name, command] of COMMANDS) {
    for (
      const [flags, authorization, wanted] of [
        [[], "Bearer theirs", "Bearer theirs"],
        [["--auth-token-env", "LOCAL"], "Bearer local", undefined],
        [["--auth-token-env", "LOCAL"], BASIC, undefined],
        [["--auth-basic-file", "passwords"], BASIC, undefined],
        [["--auth-token-env", "LOCAL", "--auth-basic-file", "passwords"], BASIC, undefined],
        [["--auth-token-env", "LOCAL", "--token-env", "REMOTE"], "Bearer local", "Bearer remote"],
        [["--token-env", "REMOTE"], "Bearer theirs", "Bearer remote"],
      ] as const
    ) {
      it(`${name} ${flags.join(" ")} forwards ${wanted} for ${authorization}`, async () => {
        const sent = await forwarded((url) => [...command(url), ...flags], { authorization });
        assert.equal(sent.authorization, wanted);
      });
    }

    for (
      const [host, flags, wanted] of [
        ["127.0.0.1", [], "a=b"],
        ["localhost", [], "a=b"],
        // An address that no rule counts as this machine.
        ["0.0.0.0", [], undefined],
        ["0.0.0.0", ["--forward-cookies"], "a=b"],
      ] as const
    ) {
      it(`${name} ${flags.join(" ")} forwards the cookie ${wanted} to ${host}`, async () => {
        const sent = await forwarded(
          (url) => [...command(url), ...flags],
          { cookie: "a=b" },
          host,
        );
        assert.equal(sent.cookie, wanted);
      });
    }
  }
});
