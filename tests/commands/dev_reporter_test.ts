import assert from "node:assert/strict";
import { test } from "node:test";
import { DevReporter } from "../../commands/dev/reporter.ts";
import type { DevEvent } from "../../lib/dev/mod.ts";
import type { ProjectConfig } from "../../lib/project/mod.ts";
import { capturedConsole } from "../support/captured_console.ts";

const output = (line: string): DevEvent => ({ kind: "output", line });
const failed: DevEvent = {
  kind: "server_failed",
  exit: { code: 3, signal: null },
  reason: undefined,
  lines: ["first", "last"],
};
const recovered: DevEvent = { kind: "config_recovered" };

test("DevReporter repeats the output of a server that failed, unless it is directly above", () => {
  // The events before the failure, and how often the last line is printed.
  const rows: [DevEvent[], number][] = [
    [[output("first"), output("last")], 1],
    [[output("last")], 2],
    [[output("first"), output("last"), recovered], 2],
    [[output("first"), output("last"), failed], 2],
  ];
  for (const [events, count] of rows) {
    const printed = capturedConsole();
    const reporter = new DevReporter(printed.console, () => ({}) as ProjectConfig);
    for (const event of [...events, failed]) reporter.event(event);
    assert.equal(printed.stderr().split("last\n").length - 1, count, printed.stderr());
  }
});
