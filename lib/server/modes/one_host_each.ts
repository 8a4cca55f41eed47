import { type ConnectionHost, isEnding, type ModeOptions, type ServingMode } from "./mode.ts";

/** A host for each connection. One is always started ahead, so that a client does not wait for the start. */
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
      // Not at once: the start of the next one must not delay the first call of this.
      const ahead = setTimeout(() => {
        if (!isClosed) spare ??= start();
      }, 20);
      const end = await host.serve(connection, info);
      running.delete(host);
      // That the server ended it, or Ctrl+C all of them, is no failure.
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
