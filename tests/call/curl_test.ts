import assert from "node:assert/strict";
import { test } from "node:test";
import { curlCommand, type CurlOptions } from "../../lib/call/mod.ts";

const CALL = { procedure: "add", params: "[1,2]" };
const BODY = `--data-raw '{"method":"add","params":[1,2]}'`;

const TABLE: readonly [what: string, source: string, options: CurlOptions, expected: string][] = [
  ["a URL", "http://localhost:8000", {}, "http://localhost:8000/rpc"],
  ["a password", "http://ada:secret@h", {}, `http://h/rpc .* -u "\\$PYRPC_USER:\\$PYRPC_PASSWORD"`],
  ["a token", "http://h", { tokenEnv: "TOKEN" }, `-H "authorization: Bearer \\$TOKEN"`],
  ["a header", "http://h", { header: ["X-A: it's"] }, `-H 'X-A: it'\\\\''s'`],
  ["a secret header", "http://h", { header: ["X-Api-Key: 123"] }, `-H 'X-Api-Key: '"\\$X_API_KEY"`],
  ["a timeout", "http://h", { timeout: 1500 }, "--max-time 1.5"],
  ["TLS files", "https://h", { caFile: "a b.pem", clientCert: "c" }, "--cacert 'a b.pem' --cert c"],
];

for (const [what, source, options, expected] of TABLE) {
  test(`curlCommand() with ${what}`, () => {
    const command = curlCommand(source, CALL, options, "linux");
    assert.match(command, new RegExp(`^curl -sS .*${expected}`));
    assert.doesNotMatch(command, /secret|123/);
    assert.ok(command.endsWith(BODY) || command.includes("--data-raw"), command);
  });
}

test("curlCommand() for PowerShell", () => {
  const options = {
    header: ["X-A: it's", "X-Api-Key: 123"],
    tokenEnv: "TOKEN",
    caFile: "C:\\a b.pem",
  };
  assert.equal(
    curlCommand("http://ada:secret@h", CALL, options, "win32"),
    `'{"jsonrpc":"2.0","id":1,"method":"add","params":[1,2]}' | curl.exe -sS http://h/rpc -H "content-type: application/json" ` +
      '-u "${env:PYRPC_USER}:${env:PYRPC_PASSWORD}" -H "authorization: Bearer ${env:TOKEN}" ' +
      '-H "X-A: it\'s" -H "X-Api-Key: ${env:X_API_KEY}" --cacert "C:\\a b.pem" --data-binary "@-"',
  );
});
