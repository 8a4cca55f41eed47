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

/** Cookies of the upstream server: each answer sets both. */
const COOKIES = ["sid=1; Path=/; HttpOnly", "theme=dark; Domain=api.example.com; Secure"];

/** Runs a server of a command and calls it. Returns the credentials that the upstream received, and the cookies of its answer. */
async function forwarded(
  args: (url: string) => readonly string[],
  headers: Readonly<Record<string, string>>,
  host = "127.0.0.1",
): Promise<{
  readonly authorization: string | undefined;
  readonly cookie: string | undefined;
  readonly setCookies: readonly string[];
}> {
  await using upstream = await serveHttp((request, response, body) => {
    if (request.method === "GET") return void response.end(readFileSync(SHOP));
    response.setHeader("set-cookie", COOKIES);
    // A refusal passes as it is, with its cookies.
    if (request.headers.cookie === "expired=1") response.statusCode = 401;
    response.end(JSON.stringify({ id: JSON.parse(body).id, result: 3, error: null }));
  });
  let setCookies: readonly string[] = [];
  const options = { files: FILES, env: ENV };
  await serving(() => args(`http://${host}:${upstream.port}`), options, async (_, url) => {
    const body = JSON.stringify({ id: 1, method: "add", params: [1, 2] });
    const response = await fetch(`${url}/rpc`, { method: "POST", body, headers });
    assert.equal((await response.json()).result, 3);
    setCookies = response.headers.getSetCookie();
  });
  const call = upstream.requests.find(({ method }) => method === "POST");
  return {
    authorization: call?.headers.authorization,
    cookie: call?.headers.cookie,
    setCookies,
  };
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
        ["127.0.0.1", [], "expired=1"],
      ] as const
    ) {
      it(`${name} ${flags.join(" ")} forwards the cookie ${wanted} to ${host}, and its cookies back`, async () => {
        const sent = await forwarded(
          (url) => [...command(url), ...flags],
          { cookie: wanted ?? "a=b" },
          host,
        );
        assert.equal(sent.cookie, wanted);
        assert.deepEqual(
          sent.setCookies,
          wanted === undefined ? [] : ["sid=1; Path=/; HttpOnly", "theme=dark; Secure"],
        );
      });
    }
  }
});
