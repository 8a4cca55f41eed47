import { type ConnectionHost, isEnding, type ModeOptions, type ServingMode } from "./mode.ts";

/** Serves each connection in its own host. One is started in advance, so that clients do not wait for it. */
export function oneHostEach(start: () => ConnectionHost, { onEvent }: ModeOptions): ServingMode {
  const running = new Set<ConnectionHost>();
  let isClosed = false;
  let spare: ConnectionHost | undefined = start();
  return {
    async serve(connection, info) {
      if (isClosed) return void connection.destroy();
      const host = spare?.isAlive ? spare : start();
      spare = undefined;
      running.add(host);
      // Delayed: the start of the next host must not slow the first call of this one.
      const ahead = setTimeout(() => {
        if (!isClosed) spare ??= start();
      }, 20);
      const end = await host.serve(connection, info);
      running.delete(host);
      // An end by the server or by Ctrl+C is not a failure.
      if (end.reason === "died" && !isClosed && !isEnding(info)) {
        onEvent?.({ kind: "host-ended", remote: info.remote, reason: end.message });
      }
      await host.close();
      if (isClosed) clearTimeout(ahead);
    },
    async close() {
      isClosed = true;
      await Promise.all(
        [...running, ...(spare === undefined ? [] : [spare])].map((host) => host.close()),
      );
    },
  };
}
