import assert from "node:assert/strict";
import { test } from "node:test";
import { serveHttp } from "../support/http_server.ts";
import { runCli } from "../support/run_cli.ts";

// Answers of a server, and the cause that the error names for each.
const ANSWERS: readonly (readonly [string, RegExp])[] = [
  [
    "Internal Server Error",
    /likely causes .* a default .* "from __future__ .* without a JSON Schema/,
  ],
  ["TypeError: Object of type Color is not JSON serializable", /cause in the backend is a default/],
  ["`TypeAdapter[Item]` is not fully defined", /cause in the backend is "from __future__ import/],
  ["PydanticInvalidForJsonSchema: Cannot generate a JsonSchema", /without a JSON Schema:/],
];

test("the error for a URL whose GET /rpc fails names the likely cause", async () => {
  for (const [body, cause] of ANSWERS) {
    await using server = await serveHttp((_, response) => {
      response.writeHead(500, { "content-type": "text/plain" });
      response.end(body);
    });
    const { code, stderr } = await runCli(
      ["codegen", server.url, "--out", "api.ts", "--retries", "0"],
      {},
    );
    assert.equal(code, 5, stderr);
    assert.match(stderr, cause, body);
    assert.match(stderr, /pyrpc check MODULE/);
  }
});
