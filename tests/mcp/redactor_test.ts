import assert from "node:assert/strict";
import { test } from "node:test";
import { redactor } from "../../lib/mcp/redactor.ts";

test("redactor() removes each form of the credentials", () => {
  const cases: [Parameters<typeof redactor>[0], string | undefined, string][] = [
    [{ token: "t0ken" }, undefined, "t0ken"],
    [{ headers: [["x-key", "Key k3y-value"]] }, undefined, "k3y-value"],
    [{}, "http://me:p%40ss@host", "p@ss"],
    [{}, "http://me:p%40ss@host", "p%40ss"],
    [{}, "http://me:p%40ss@host", btoa("me:p@ss")],
    [{}, "http://t0ken@host", "t0ken"],
    [{}, "http://t0ken@host", btoa("t0ken:")],
    [{}, "http://host?key=s3cret", "s3cret"],
    [{}, "http://me:100%@host", "100%"],
  ];
  for (const [load, source, secret] of cases) {
    assert.equal(redactor(load, () => source)(`a ${secret} b`), "a *** b", secret);
  }
});
