import assert from "node:assert/strict";
import { test } from "node:test";
import { failureOf } from "../../lib/http/failure.ts";

test("failureOf() reports the codes of a refused connection on every system and engine", () => {
  for (const code of ["ECONNREFUSED", "ENOTCONN", "WSAECONNREFUSED"]) {
    assert.equal(failureOf(Object.assign(new Error(code), { code })).kind, "refused", code);
  }
  assert.equal(failureOf(Object.assign(new Error("x"), { code: "ECONNRESET" })).kind, "closed");
});
