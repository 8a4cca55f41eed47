import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { serialRuns } from "../../lib/watch/serial_runs.ts";

describe("serialRuns()", () => {
  it("runs once more after requests during a run, never twice at once", async () => {
    const runs: (() => void)[] = [];
    let active = 0;
    const start = serialRuns(async () => {
      assert.equal(++active, 1);
      await new Promise<void>((done) => runs.push(done));
      active--;
    }, (error) => assert.fail(String(error)));
    start();
    start();
    start();
    assert.equal(runs.length, 1);
    runs[0]?.();
    await new Promise((done) => setImmediate(done));
    assert.equal(runs.length, 2);
    runs[1]?.();
    await new Promise((done) => setImmediate(done));
    assert.equal(runs.length, 2);
  });

  it("reports an error and runs again on the next request", async () => {
    const errors: unknown[] = [];
    const start = serialRuns(
      () => Promise.reject(new Error("broken")),
      (error) => errors.push(error),
    );
    start();
    await new Promise((done) => setImmediate(done));
    start();
    await new Promise((done) => setImmediate(done));
    assert.deepEqual(errors.map(String), ["Error: broken", "Error: broken"]);
  });
});
