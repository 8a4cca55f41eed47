import {
  type ConnectionHost,
  isEnding,
  isOver,
  type ModeOptions,
  type ServingMode,
} from "./mode.ts";

const DEFAULT_SIZE = 20;
const DEFAULT_GRACE_MS = 250;

/**
 * Serves connections in a fixed number of worker threads. With policy `drop` each worker serves one connection, and
 * connections that find no free worker within the grace period are closed; with `queue` workers are shared, and a call
 * waits for its worker.
 */
export function poolMode(options: ModeOptions): ServingMode {
  const { startWorker, poolSize = DEFAULT_SIZE, poolPolicy = "drop", onEvent } = options;
  const { poolGrace = DEFAULT_GRACE_MS, workersTakeSockets = false } = options;
  if (startWorker === undefined) throw new TypeError("pool mode needs startWorker");
  let hosts: ConnectionHost[] = [];
  let isClosed = false;
  // Connections that wait for a worker, in the order they came.
  const waiting: (() => void)[] = [];

  // Returns an idle worker, else a new one below the maximum, else the one with the fewest connections.
  const take = (): ConnectionHost | undefined => {
    if (isClosed) return undefined;
    hosts = hosts.filter(({ isAlive }) => isAlive);
    const idle = hosts.find((host) => host.connections === 0);
    if (idle !== undefined) return idle;
    if (hosts.length < poolSize) {
      const host = startWorker();
      hosts.push(host);
      return host;
    }
    if (poolPolicy === "drop") return undefined;
    return hosts.reduce((least, host) => host.connections < least.connections ? host : least);
  };

  // A worker counts a connection until its output was sent, which the client does not wait for.
  const vacancy = () =>
    new Promise<void>((resolve) => {
      const wake = () => {
        clearTimeout(timer);
        const index = waiting.indexOf(wake);
        if (index >= 0) waiting.splice(index, 1);
        resolve();
      };
      const timer = setTimeout(wake, poolGrace);
      waiting.push(wake);
    });

  return {
    takesSockets: workersTakeSockets,
    async serve(connection, info) {
      let host = waiting.length === 0 ? take() : undefined;
      if (host === undefined && !isClosed && poolGrace > 0) {
        await vacancy();
        if (isOver(connection)) return void waiting[0]?.();
        host = take();
      }
      if (host === undefined) {
        connection.destroy();
        if (!isClosed && !isEnding(info)) onEvent?.({ kind: "dropped", remote: info.remote });
        return;
      }
      const end = await host.serve(connection, info);
      waiting[0]?.();
      if (end.reason === "died" && !isClosed && !isEnding(info)) {
        onEvent?.({ kind: "host-ended", remote: info.remote, reason: end.message });
      }
    },
    async close() {
      isClosed = true;
      for (const wake of [...waiting]) wake();
      await Promise.all(hosts.map((host) => host.close()));
    },
  };
}
