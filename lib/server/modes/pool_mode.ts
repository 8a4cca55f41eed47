import { type ConnectionHost, isEnding, type ModeOptions, type ServingMode } from "./mode.ts";

const DEFAULT_SIZE = 20;

/**
 * Serves connections in a fixed number of worker threads. With policy `drop` each worker serves one connection, and
 * connections without a free worker are closed; with `queue` workers are shared, and a call waits for its worker.
 */
export function poolMode(
  {
    startWorker,
    poolSize = DEFAULT_SIZE,
    poolPolicy = "drop",
    workersTakeSockets = false,
    onEvent,
  }: ModeOptions,
): ServingMode {
  if (startWorker === undefined) throw new TypeError("pool mode needs startWorker");
  let hosts: ConnectionHost[] = [];
  let isClosed = false;

  // Returns an idle worker, else a new one below the maximum, else the one with the fewest connections.
  const take = (): ConnectionHost | undefined => {
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

  return {
    takesSockets: workersTakeSockets,
    async serve(connection, info) {
      const host = isClosed ? undefined : take();
      if (host === undefined) {
        connection.destroy();
        onEvent?.({ kind: "dropped", remote: info.remote });
        return;
      }
      const end = await host.serve(connection, info);
      if (end.reason === "died" && !isClosed && !isEnding(info)) {
        onEvent?.({ kind: "host-ended", remote: info.remote, reason: end.message });
      }
    },
    async close() {
      isClosed = true;
      await Promise.all(hosts.map((host) => host.close()));
    },
  };
}
