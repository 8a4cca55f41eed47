import assert from "node:assert/strict";
import { PassThrough } from "node:stream";
import { describe, it } from "node:test";
import type { ConnectionInfo } from "../../../lib/server/mod.ts";
import {
  type ConnectionHost,
  type HostedEnd,
  type ModeEvent,
  poolMode,
} from "../../../lib/server/modes/mod.ts";
import { waitUntil } from "../../support/wait_until.ts";

const INFO: ConnectionInfo = {
  transport: "tcp",
  remote: "client",
  local: "",
  signal: new AbortController().signal,
};

/** Workers whose connections the test ends. */
function fakeWorkers() {
  const ends: (() => void)[] = [];
  let started = 0;
  const startWorker = (): ConnectionHost => {
    started++;
    let connections = 0;
    return {
      isAlive: true,
      get connections() {
        return connections;
      },
      serve() {
        connections++;
        return new Promise<HostedEnd>((resolve) =>
          ends.push(() => {
            connections--;
            resolve({ reason: "closed" });
          })
        );
      },
      close: () => Promise.resolve(),
    };
  };
  return {
    startWorker,
    ends,
    get started() {
      return started;
    },
  };
}

describe("poolMode() with policy drop", () => {
  it("lets a connection wait for a worker that becomes free, in the order they came", async () => {
    const workers = fakeWorkers();
    const events: ModeEvent[] = [];
    const mode = poolMode({
      ...workers,
      serveHere: () => Promise.resolve(),
      poolSize: 1,
      poolGrace: 60_000,
      onEvent: (event) => events.push(event),
    });
    const served: number[] = [];
    for (const id of [1, 2, 3]) {
      void mode.serve(new PassThrough(), INFO).then(() => served.push(id));
    }
    for (const id of [1, 2, 3]) {
      await waitUntil(() => workers.ends.length === id);
      workers.ends[id - 1]?.();
    }
    await waitUntil(() => served.length === 3);
    assert.deepEqual(served, [1, 2, 3]);
    assert.equal(workers.started, 1);
    assert.deepEqual(events, []);
    await mode.close();
  });

  it("drops a connection that finds no free worker within the grace period", async () => {
    const workers = fakeWorkers();
    const events: ModeEvent[] = [];
    const mode = poolMode({
      ...workers,
      serveHere: () => Promise.resolve(),
      poolSize: 2,
      poolGrace: 20,
      onEvent: (event) => events.push(event),
    });
    void mode.serve(new PassThrough(), INFO);
    void mode.serve(new PassThrough(), INFO);
    const third = new PassThrough();
    await mode.serve(third, INFO);
    assert.equal(third.destroyed, true);
    assert.deepEqual(events, [{ kind: "dropped", remote: "client" }]);
    await mode.close();
  });

  it("does not assign a worker to a client that left while it waited", async () => {
    const workers = fakeWorkers();
    const events: ModeEvent[] = [];
    const mode = poolMode({
      ...workers,
      serveHere: () => Promise.resolve(),
      poolSize: 1,
      poolGrace: 60_000,
      onEvent: (event) => events.push(event),
    });
    void mode.serve(new PassThrough(), INFO);
    const gone = new PassThrough();
    const left = mode.serve(gone, INFO);
    const next = mode.serve(new PassThrough(), INFO);
    gone.destroy();
    workers.ends[0]?.();
    await left;
    await waitUntil(() => workers.ends.length === 2);
    workers.ends[1]?.();
    await next;
    assert.deepEqual(events, []);
    await mode.close();
  });
});
