import assert from "node:assert/strict";
import { test } from "node:test";
import { endSignals } from "../../lib/runtime/process_console.ts";

test("endSignals() has Ctrl+Break and the end of the session on Windows", () => {
  assert.deepEqual(Object.fromEntries(endSignals("win32")), {
    SIGINT: "SIGINT",
    SIGBREAK: "SIGINT",
    SIGHUP: "SIGHUP",
  });
  assert.deepEqual(endSignals("linux").map(([signal]) => signal), ["SIGINT", "SIGTERM", "SIGHUP"]);
});
