import assert from "node:assert/strict";
import { EventEmitter, once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { PassThrough } from "node:stream";
import { test } from "node:test";
import type { Worker } from "node:worker_threads";
import { workerHost } from "../../../lib/server/modes/worker_host.ts";
import type { ToWorker } from "../../../lib/server/modes/worker_messages.ts";

/** A worker that ends every connection at once, and listens once `when` resolves. */
function fakeWorker(when: Promise<void> = Promise.resolve()): Worker {
  let listens = false;
  const worker = Object.assign(new EventEmitter(), {
    postMessage({ kind, id }: ToWorker) {
      // As in Deno, whose workers lose what arrives earlier.
      if (listens && (kind === "open" || kind === "socket")) {
        queueMicrotask(() => worker.emit("message", { kind: "over", id }));
      }
    },
    terminate: () => Promise.resolve(0),
  });
  void when.then(() => {
    listens = true;
    worker.emit("message", { kind: "ready" });
  });
  // Only these members are used.
  return worker as unknown as Worker;
}

/** A signal that counts its listeners. */
function countedSignal() {
  const { signal } = new AbortController();
  const listeners = new Set<unknown>();
  signal.addEventListener = (_: string, listener: unknown) => void listeners.add(listener);
  signal.removeEventListener = (_: string, listener: unknown) => void listeners.delete(listener);
  return { signal, listeners };
}

async function acceptedSocket(): Promise<{ socket: Socket } & AsyncDisposable> {
  const server = createServer({ pauseOnConnect: true });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const client = connect((server.address() as { port: number }).port, "127.0.0.1");
  client.on("error", () => undefined);
  const [socket] = await once(server, "connection");
  return {
    socket,
    async [Symbol.asyncDispose]() {
      client.destroy();
      await new Promise((done) => server.close(done));
    },
  };
}

const info = { transport: "tcp", remote: "", local: "" };

test("a connection that a worker serves leaves nothing at the server's signal, forwarded or handed over", async () => {
  const { signal, listeners } = countedSignal();
  const host = workerHost(fakeWorker(), { sockets: { copy: () => 1, close: () => undefined } });
  for (let count = 0; count < 3; count++) {
    await host.serve(new PassThrough(), { ...info, signal });
    await using accepted = await acceptedSocket();
    await host.serve(accepted.socket, { ...info, signal });
  }
  assert.equal(host.connections, 0);
  assert.equal(listeners.size, 0);
});

test("a worker that does not listen yet loses no connection", async () => {
  const loaded = Promise.withResolvers<void>();
  const host = workerHost(fakeWorker(loaded.promise));
  const { signal } = new AbortController();
  const served = [1, 2].map(() => host.serve(new PassThrough(), { ...info, signal }));
  loaded.resolve();
  assert.deepEqual(await Promise.all(served), [{ reason: "closed" }, { reason: "closed" }]);
});
