import assert from "node:assert/strict";
import { test } from "node:test";
import { ExitCode } from "../../lib/errors.ts";
import { type EndSignal, untilSignal } from "../../lib/runtime/mod.ts";

function fakeSignals() {
  const handlers = new Set<(signal: EndSignal) => void>();
  return {
    handlers,
    onSignal(handler: (signal: EndSignal) => void) {
      handlers.add(handler);
      return () => void handlers.delete(handler);
    },
    send(signal: EndSignal) {
      for (const handler of handlers) handler(signal);
    },
  };
}

for (
  const [signal, code] of [
    ["SIGINT", ExitCode.Interrupted],
    ["SIGTERM", ExitCode.Terminated],
    ["SIGHUP", ExitCode.Terminated],
  ] as const
) {
  test(`untilSignal() returns ${code} for ${signal}, even if it is awaited later`, async () => {
    const signals = fakeSignals();
    const over = untilSignal(signals, new Promise(() => {}));
    signals.send(signal);
    assert.equal(await over, code);
    assert.equal(signals.handlers.size, 0);
  });
}

test("untilSignal() returns 0 at the end, and rejects with its error", async () => {
  const signals = fakeSignals();
  assert.equal(await untilSignal(signals, Promise.resolve("over")), ExitCode.Ok);
  await assert.rejects(untilSignal(signals, Promise.reject(new Error("lost"))), /lost/);
  assert.equal(signals.handlers.size, 0);
});
