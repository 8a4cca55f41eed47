import assert from "node:assert/strict";
import { test } from "node:test";
import { argumentFileNotRead, malformedArgument, mixedArguments } from "../../lib/call/errors.ts";

test("errors of arguments propose no quoted JSON to PowerShell, which removes the quotes", () => {
  for (
    const [errorOn, json] of [
      [mixedArguments, '{"name": "a=b"}'],
      [(system: string) => malformedArgument("{key: 1}", system), '{"name": {"key": 1}}'],
      [
        (system: string) => argumentFileNotRead("@ü", "C:\\ü", "ENOENT", system),
        '{"name": "@\\u00fc"}',
      ],
    ] as const
  ) {
    const fix = errorOn("win32").fix.join("\n");
    assert.ok(fix.endsWith(` '${json}' | pyrpc call --data - URL PROCEDURE`), fix);
    assert.doesNotMatch(errorOn("linux").fix.join("\n"), /\|/);
  }
});
