import { type ConnectionHost, isEnding, type ModeOptions, type ServingMode } from "./mode.ts";

const DEFAULT_SIZE = 20;

/**
 * A fixed number of worker threads. With policy `drop` each serves one connection, and a connection that finds none free is closed;
 * with `queue` every connection is accepted, workers are shared, and a call waits until its worker is free.
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
  const hosts: ConnectionHost[] = [];
  let isClosed = false;

  // A worker that serves nobody, else a new one as long as there is room, else the one with the least to do.
  const take = (): ConnectionHost | undefined => {
    for (let index = hosts.length - 1; index >= 0; index--) {
      if (!hosts[index]!.isAlive) hosts.splice(index, 1);
    }
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
