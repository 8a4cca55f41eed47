import assert from "node:assert/strict";
import { test } from "node:test";
import { consoleReporter } from "../../../lib/cli/output/reporter.ts";
import { usageError } from "../../../lib/errors.ts";
import { capturedConsole } from "../../support/captured_console.ts";

test("consoleReporter() prints each message as a line on stderr, without control characters", () => {
  const { console, stderr } = capturedConsole();
  const reporter = consoleReporter(console);
  reporter.note("started");
  reporter.warn("a\x1bb");
  reporter.failed(usageError("It is wrong", "Write it again"));
  const [note, warning, ...failure] = stderr().trimEnd().split("\n");
  assert.equal(note, "started");
  assert.ok(warning !== undefined && !warning.includes("\x1b"));
  assert.deepEqual(failure, [
    "error: It is wrong",
    "  fix: Write it again",
    "  keeping the previous version",
  ]);
});
